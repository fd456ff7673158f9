import type { TabPrevious, TabRequest } from '../app/tab-wire.ts'
import { approveTitle } from '../domain/approve-title.ts'
import type { Approvers } from '../domain/approvers.ts'
import { briefingOf } from '../domain/briefing.ts'
import type { Brief } from '../domain/briefing.ts'
import type { Instant } from '../domain/instant.ts'
import { safe } from '../domain/safe-text.ts'
import type { Caller } from './caller.ts'
import { sayOf } from './standing.ts'
import { timelineOf, votesOf } from './timeline.ts'

export type RequestSight = {
  /** The request with the whole of its change, as far as it could be read. */
  readonly brief: Brief
  readonly previous: Brief | undefined
  readonly approvers: Approvers
  readonly caller: Caller
  readonly version: string
  readonly now: Instant
}

/** Everything about one request, for the person who looks at it. */
export function requestView({ brief, previous, approvers, caller, version, now }: RequestSight): TabRequest {
  const { request } = brief
  const briefing = briefingOf(brief, now)
  const say = sayOf({ request, voter: caller.voter, approvers, now }, briefing)
  return {
    version,
    now,
    me: caller.name,
    briefing,
    asked: request.metadata.creationTimestamp ?? '',
    until: request.spec.expirationTime,
    approveTitle: approveTitle(briefing),
    ...say,
    timeline: timelineOf(request, now),
    votes: votesOf(request),
    ...(previous === undefined ? {} : { previous: previousView(previous, briefing.digest, now) }),
  }
}

function previousView(brief: Brief, digest: string, now: Instant): TabPrevious {
  const { request, change, digest: then, summary, outcome } = briefingOf(brief, now)
  return {
    name: safe(request.name),
    summary,
    outcome: outcome.find(({ by }) => by === 'Cluster')?.text ?? '',
    words: outcome.find(({ by }) => by === 'Person')?.text ?? '',
    same: then === digest,
    lines: then === digest ? [] : change.lines,
    missing: change.missing ?? '',
  }
}
