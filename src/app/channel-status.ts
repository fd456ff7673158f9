import { isDeepStrictEqual } from 'node:util'
import { channelReasons } from '../domain/channel-reasons.ts'
import type { ChannelReason } from '../domain/channel-reasons.ts'
import { shortened } from '../domain/inert.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalChannel, ApprovalChannelStatus, Condition } from '../domain/kinds.ts'
import { present } from '../domain/present.ts'
import { timestamp } from '../domain/request.ts'

/** What the operator writes into the status of a channel; the rest of it is the gateway's. */
export type ChannelStatusNote = Pick<
  ApprovalChannelStatus,
  'observedGeneration' | 'conditions' | 'target' | 'delivered' | 'lastDeliveryTime'
>

type ChannelSight = {
  readonly reason: ChannelReason
  /** What was seen, for people. */
  readonly why: string
  /** Where its cards go; undefined while that is not known. */
  readonly target: string | undefined
  readonly tally: { readonly delivered: number; readonly tried: number }
  readonly lastDelivery: Instant | undefined
  readonly now: Instant
}

/** What is to be said of a channel; undefined when that is said already. */
export function channelStatus(channel: ApprovalChannel, sight: ChannelSight): ChannelStatusNote | undefined {
  const { status = {}, metadata } = channel
  const { tally, target, lastDelivery, now } = sight
  const said = status.conditions?.find(({ type }) => type === 'Ready')
  const ready = readyCondition(sight, said)
  const last = lastDelivery === undefined ? status.lastDeliveryTime : timestamp(lastDelivery)
  const note = present({
    observedGeneration: metadata.generation,
    conditions: [{ ...ready, lastTransitionTime: transitionTime(said, ready, now) }],
    target: target ?? status.target,
    delivered: tally.tried === 0 ? (status.delivered ?? '–') : `${tally.delivered}/${tally.tried}`,
    lastDeliveryTime: last,
  })
  return isDeepStrictEqual(note, operatorsPart(status)) ? undefined : note
}

type Ready = Omit<Condition, 'lastTransitionTime'>

/** First what was seen, then what it means and the cure. */
function readyCondition({ reason, why }: ChannelSight, said: Condition | undefined): Ready {
  const message = shortened([why, channelReasons[reason]].filter((part) => part !== '').join('; '), 1024)
  const status = reason === 'Installed' ? 'True' : 'False'
  // How the same fault looked the first time does for it as long as it lasts.
  const same = said?.reason === reason && said.status === status
  return { type: 'Ready', status, reason, message: same ? said.message : message }
}

function transitionTime(said: Condition | undefined, { status }: Ready, now: Instant): string {
  return said?.status === status ? said.lastTransitionTime : timestamp(now)
}

function operatorsPart(status: ApprovalChannelStatus): ChannelStatusNote {
  const { observedGeneration, conditions, target, delivered, lastDeliveryTime } = status
  return present({ observedGeneration, conditions, target, delivered, lastDeliveryTime })
}
