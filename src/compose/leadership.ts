import { recordsNamespace } from '../config.ts'
import { makeElector } from '../kubernetes/elector.ts'
import type { ElectorPorts } from '../kubernetes/elector.ts'
import type { Candidate } from '../kubernetes/lease.ts'
import type { Component, Surroundings } from './component.ts'

/** What is done by the leader alone. */
export type Term = {
  /** Returns at once. */
  readonly begin: () => void
  /** Resolves when nothing of it goes on. Aborting `cutOff` makes it give up what is under way. */
  readonly end: (cutOff: AbortSignal) => Promise<void>
}

export type Leadership = Component & { readonly leads: () => boolean }

/** The Lease by which one of the operators leads. */
export const leaderLeaseName = 'countersign-operator'

/** One of several operators leads: it begins these terms when it wins, and ends them when it has lost. */
export function makeLeadership(around: Surroundings, terms: readonly Term[]): Leadership {
  const end = new AbortController()
  const elector = makeElector({ ...around, ...callbacksFor(around, terms) }, candidateOf(around))
  let running: Promise<void> | undefined

  return {
    leads: elector.leads,
    start: () => {
      running ??= elector.run(end.signal)
      return Promise.resolve()
    },
    checks: () => [],
    gauges: () => ({ leading: elector.leads() ? 1 : 0 }),
    stop: async () => {
      end.abort()
      await running
    },
  }
}

function callbacksFor(
  { log }: Surroundings,
  terms: readonly Term[],
): Pick<ElectorPorts, 'started' | 'stopped' | 'failed'> {
  let lost: AbortSignal | undefined
  return {
    started: (signal) => {
      lost = signal
      log.info('LeadershipWon')
      for (const term of terms) term.begin()
    },
    stopped: async () => {
      log.info('LeadershipEnded')
      const cutOff = lost ?? AbortSignal.abort()
      await Promise.all(terms.map((term) => term.end(cutOff)))
    },
    failed: (error) => log.warn('ElectionFailed', { cause: error instanceof Error ? error.message : '' }),
  }
}

function candidateOf({ config, instance }: Surroundings): Candidate {
  const { leaseSeconds, renewSeconds, retrySeconds } = config.operator.election
  return {
    namespace: recordsNamespace,
    name: leaderLeaseName,
    identity: instance,
    durations: { lease: leaseSeconds * 1000, renewDeadline: renewSeconds * 1000, retry: retrySeconds * 1000 },
  }
}
