import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, Escalation } from '../domain/kinds.ts'

/** A channel as far as it matters for whom to ask. */
export type AskableChannel = { readonly name: string; readonly ready: boolean }

/**
 * The channels through which a request asks people now: those that it names, else every one that is ready, and those that
 * escalation has added. A channel that is named is tried whether it is ready or not; one that does not exist is none.
 */
export function channelsAsked(
  request: ApprovalRequest,
  channels: readonly AskableChannel[],
  now: Instant,
): readonly string[] {
  const { channelRefs = [], escalation = [] } = request.spec.requirements
  const due = escalation.filter((step) => dueTime(request, step) <= now)
  const named = new Set([...channelRefs, ...due.flatMap((step) => step.channelRefs ?? [])].map(({ name }) => name))
  const isAsked = ({ name, ready }: AskableChannel): boolean => named.has(name) || (channelRefs.length === 0 && ready)
  return channels.filter(isAsked).map(({ name }) => name)
}

/** When escalation next adds somebody; undefined when it does not. */
export function nextEscalation(request: ApprovalRequest, now: Instant): Instant | undefined {
  const times = (request.spec.requirements.escalation ?? []).map((step) => dueTime(request, step))
  const next = times.filter((time) => time > now)
  return next.length === 0 ? undefined : Math.min(...next)
}

/** Could people be asked through any channel, now or when one gets ready? */
export function hasChannel({ spec }: ApprovalRequest, channels: readonly AskableChannel[]): boolean {
  const { channelRefs = [], escalation = [] } = spec.requirements
  const added = escalation.flatMap((step) => step.channelRefs ?? [])
  const named = new Set([...channelRefs, ...added].map(({ name }) => name))
  return channels.some(({ name }) => named.has(name) || channelRefs.length === 0)
}

function dueTime({ metadata }: ApprovalRequest, { afterSeconds }: Escalation): Instant {
  return (parseInstant(metadata.creationTimestamp ?? '') ?? 0) + afterSeconds * 1000
}
