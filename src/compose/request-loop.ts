import type { LoopPorts } from '../app/loop-ports.ts'
import { workRequest } from '../app/work-request.ts'
import type { Remembered } from '../app/work-request.ts'
import type { ApprovalVote } from '../domain/kinds.ts'
import type { KnownRequest } from '../kubernetes/request-memory.ts'
import { makeWorkQueue } from '../kubernetes/work-queue.ts'
import type { WorkQueue } from '../kubernetes/work-queue.ts'
import type { Component, Surroundings } from './component.ts'
import { keepPruned } from './pruner.ts'
import { loopDoors } from './loop-doors.ts'
import type { RequestLoopPorts } from './loop-doors.ts'
import { watchRequests } from './request-watches.ts'
import type { RequestWatches } from './request-watches.ts'
import { staleMsOf } from './watch-set.ts'

/** What it knows, and its ways to the API server, are there for whoever tells people of the requests. */
export type RequestLoop = Component & { readonly watches: RequestWatches; readonly doors: LoopPorts }

/**
 * Judges votes, decides, and finds out what became of approvals, one request at a time. Every replica does: what is stored
 * is settled by compare-and-swap.
 */
export function makeRequestLoop(around: Surroundings, ports: RequestLoopPorts): RequestLoop {
  const end = new AbortController()
  let pruning: Promise<void> | undefined
  const watches = watchRequests(around, {
    changed: (request) => {
      if (watches.synced()) queue.add(request)
      ports.changed?.(request)
    },
    groupsChanged: () => {
      if (watches.synced()) addOpen(watches, queue)
    },
  })
  const doors = loopDoors(around, ports, watches)
  const queue = makeRequestQueue(around, { doors, watches, ready: ports.ready ?? (() => true) })

  return {
    watches,
    doors,
    start: async () => {
      void watches.start(end.signal).then((synced) => {
        if (synced) for (const { name } of watches.requests()) queue.add(name)
      })
      pruning ??= keepPruned(around, { watches, leads: ports.leads }, end.signal)
    },
    checks: watches.checks,
    gauges: () => ({
      undecided: countUndecided(watches),
      silentSeconds: watches.silentSeconds(),
      queueDepth: { requests: queue.depth() },
    }),
    stop: async () => {
      end.abort()
      await queue.stop(AbortSignal.abort())
      await pruning
      await watches.stop()
    },
  }
}

/** How soon to look again while the operator does not know enough, or what it knows is too old to decide by. */
const unreadyMs = 250
/** How soon a request is looked at again at the earliest: two clocks may differ for long. */
const leastMs = 100

type Loop = { readonly doors: LoopPorts; readonly watches: RequestWatches; readonly ready: () => boolean }

function makeRequestQueue(around: Surroundings, loop: Loop): WorkQueue {
  const { timers, random, log, measure, config, now } = around
  const staleMs = staleMsOf(config)
  const { doors, watches, ready } = loop

  async function work(name: string): Promise<number | undefined> {
    if (isQuiet(watches, name)) return undefined
    if (!ready() || watches.silentMs() > staleMs) return unreadyMs
    const remembered = await rememberedAs(loop, name)
    if (remembered === undefined) return undefined
    const time = await workRequest(doors, remembered)
    return time === undefined ? undefined : Math.max(leastMs, time - now())
  }

  return makeWorkQueue({
    timers,
    random,
    work,
    failed: (error, request, failures) => log.error('RequestNotWorked', error, { request, failures }),
    measured: (fact) => {
      if (fact.what === 'Begun') return
      measure({ fact: 'Worked', queue: 'requests', result: fact.what, seconds: fact.tookMs / 1000 })
    },
    limits: { workers: config.operator.workers, workMs: 60_000, backoff: { firstMs: 100, capMs: 15_000 } },
  })
}

/** Gone, or closed with all its votes shown. */
function isQuiet(watches: RequestWatches, name: string): boolean {
  const known = watches.request(name)
  return known === undefined || (known.request === undefined && lateVotes(watches, known).length === 0)
}

/** A closed request is read again for votes that it does not show. */
async function rememberedAs({ doors, watches }: Loop, name: string): Promise<Remembered | undefined> {
  const known = watches.request(name)
  if (known === undefined) return undefined
  if (known.request !== undefined) {
    return { request: known.request, votes: watches.votesOf(name).map(({ vote }) => vote) }
  }
  const request = await doors.read(name)
  return request && { request, votes: lateVotes(watches, known) }
}

function lateVotes(watches: RequestWatches, known: KnownRequest): readonly ApprovalVote[] {
  if (isFull(known)) return []
  return watches.votesOf(known.name).flatMap(({ uid, vote }) => (known.noted.includes(uid) ? [] : [vote]))
}

/** A status shows 64 votes; what comes after them leaves no trace but its own object. */
function isFull({ noted }: KnownRequest): boolean {
  return noted.length >= 64
}

function addOpen(watches: RequestWatches, queue: WorkQueue): void {
  for (const { name, request } of watches.requests()) if (request !== undefined) queue.add(name)
}

function countUndecided(watches: RequestWatches): number {
  let count = 0
  for (const { decidedTime, request } of watches.requests()) {
    if (request !== undefined && decidedTime === undefined) count += 1
  }
  return count
}
