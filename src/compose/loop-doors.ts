import type { LoopPorts } from '../app/loop-ports.ts'
import { recordsNamespace as namespace } from '../config.ts'
import type { Observation, Target } from '../domain/outcome.ts'
import { longestCallMs } from '../domain/executed.ts'
import { likenessLabel } from '../domain/likeness.ts'
import { ApiError } from '../kubernetes/api-error.ts'
import { publishEvent } from '../kubernetes/events.ts'
import { approvalRequests, approvalVotes } from '../kubernetes/kinds.ts'
import { readList } from '../kubernetes/live-list.ts'
import { readTarget } from '../kubernetes/live-targets.ts'
import { pauseAgent } from '../kubernetes/pause-agent.ts'
import { makeOperatorRequests } from '../kubernetes/requests.ts'
import { voteFault } from '../tokens/vote.ts'
import type { VerifyingKeys } from '../tokens/verify.ts'
import type { Surroundings } from './component.ts'
import { makeGraph } from './graph.ts'
import type { RequestWatches } from './request-watches.ts'

/** What the loop is told by the rest of the operator. */
export type RequestLoopPorts = Pick<LoopPorts, 'sign' | 'hmacKey' | 'evidence' | 'isAgent'> & {
  /** Whose signatures on votes count; undefined until it is known. */
  readonly verifying: () => VerifyingKeys | undefined
  readonly leads: () => boolean
  /** Told the name of a request when it, or one of its votes, has changed. Returns at once. */
  readonly changed?: (request: string) => void
  /** Until then nothing is judged: who is an agent, say, may not be known yet. */
  readonly ready?: () => boolean
  /** The longest time from a yes until the write is stored; shorter in tests alone. */
  readonly callMs?: number
}

/** For each read of what stands around a target: people wait for it. */
const surveyMs = 3_000

/** Votes that were cast just before the deadline may be on their way. */
const graceMs = 2_000

/** The doors of the request loop, as the operator's account. */
export function loopDoors(around: Surroundings, ports: RequestLoopPorts, watches: RequestWatches): LoopPorts {
  const { objects, now, earliest, instance, log, measure, config } = around
  return {
    ...ports,
    log,
    measure,
    now,
    earliest,
    graceMs,
    times: { leaseMs: config.grants.leaseSeconds * 1000, callMs: ports.callMs ?? longestCallMs },
    requests: makeOperatorRequests({ objects, namespace }),
    approvers: watches.approvers,
    groups: watches.groups,
    askMemberships: makeGraph(around, watches.channels),
    isTrustedVote: async (vote) => {
      const keys = ports.verifying()
      if (keys === undefined) throw new Error('it is not known yet whose signatures count')
      return (await voteFault(keys, vote)) === undefined
    },
    ...readingDoors(around),
    pause: (identities, pause) => pauseAgent({ objects, namespace }, identities, pause),
    announce: (announcement) => {
      publishEvent({ objects, now, instance }, announcement).catch((error: unknown) => {
        log.debug('EventNotPublished', { cause: error instanceof Error ? error.message : '' })
      })
    },
  }
}

type Reading = Pick<LoopPorts, 'live' | 'read' | 'readTarget' | 'readAround' | 'readList' | 'alike'>

function readingDoors(around: Surroundings): Reading {
  const { objects, transport } = around
  return {
    live: async ({ metadata }) => {
      const found = await objects.get(approvalRequests, { namespace, name: metadata.name })
      if (found === 'NotFound' || found.object.metadata.uid !== metadata.uid) return undefined
      const labelSelector = `countersign.dev/request=${metadata.name}`
      const { items } = await objects.list(approvalVotes, { namespace, labelSelector })
      const votes = items.filter(({ spec }) => spec.requestRef.name === metadata.name)
      return { request: found.object, votes, date: found.date }
    },
    read: async (name) => {
      const found = await objects.get(approvalRequests, { namespace, name })
      return found === 'NotFound' ? undefined : found.object
    },
    readTarget: (target) => observe(around, target),
    readAround: (target) => observe(around, target, surveyMs),
    readList: (place) => readList(transport, place, { deadlineMs: surveyMs }),
    alike: async (likeness) => {
      const labelSelector = `${likenessLabel}=${likeness}`
      return (await objects.list(approvalRequests, { namespace, labelSelector }, { deadlineMs: surveyMs })).items
    },
  }
}

async function observe({ transport }: Surroundings, target: Target, deadlineMs?: number): Promise<Observation> {
  try {
    return await readTarget(transport, target, deadlineMs === undefined ? {} : { deadlineMs })
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'UnreadableReply') return 'Unreadable'
    throw error
  }
}
