import { leaving, strayDiffs, youngestDiffMs } from '../app/prune.ts'
import type { Leaving } from '../app/prune.ts'
import { recordsNamespace as namespace } from '../config.ts'
import { storedDiffs } from '../kubernetes/diff-store.ts'
import { approvalRequests, approvalVotes, configMaps } from '../kubernetes/kinds.ts'
import type { KnownVote } from '../kubernetes/request-memory.ts'
import type { Surroundings } from './component.ts'
import type { RequestWatches } from './request-watches.ts'
import { staleMsOf } from './watch-set.ts'

const dayMs = 86_400_000
/** Often enough for months, and more often where tests keep requests for a moment. */
const mostPauseMs = 600_000

/** Takes away what has been kept long enough, while `leads`, until `until` is aborted. */
export async function keepPruned(
  around: Surroundings,
  ports: { readonly watches: RequestWatches; readonly leads: () => boolean },
  until: AbortSignal,
): Promise<void> {
  const { timers, config, log } = around
  const retentionMs = config.operator.retentionDays * dayMs
  const pauseMs = Math.min(mostPauseMs, retentionMs / 4)
  while (!until.aborted) {
    await timers.sleep(pauseMs, until)
    // An attempt that was opened meanwhile must not be left behind alone.
    if (!ports.leads() || !ports.watches.synced() || ports.watches.silentMs() > staleMsOf(config)) continue
    const round = { retentionMs, until }
    await pruneOnce(around, ports.watches, round).catch((error: unknown) => log.error('NotPruned', error))
    await sweepDiffs(around, ports.watches, round).catch((error: unknown) => log.error('DiffsNotSwept', error))
  }
}

type Round = { readonly retentionMs: number; readonly until: AbortSignal }

async function pruneOnce(around: Surroundings, watches: RequestWatches, round: Round): Promise<void> {
  const now = around.now()
  const over = leaving(watches.requests(), round.retentionMs, now)
  for (const one of over) {
    if (round.until.aborted) return
    await prune(around, one)
  }
  // Anybody may name a request that never was, and a label is easily forgotten.
  const strays = [...watches.votes()].filter(
    ({ request, time }) => watches.request(request) === undefined && time + round.retentionMs < now,
  )
  await removeVotes(around, strays)
  if (over.length + strays.length > 0) around.log.info('Pruned', { requests: over.length, strayVotes: strays.length })
}

/** The request goes last: should we end in between, it is found again. */
async function prune(around: Surroundings, { name, uid }: Leaving): Promise<void> {
  const { objects } = around
  const { items } = await objects.list(approvalVotes, { namespace, labelSelector: `countersign.dev/request=${name}` })
  const votes = items.filter(({ spec }) => spec.requestRef.name === name)
  await removeVotes(
    around,
    votes.map(({ metadata }) => ({ name: metadata.name, uid: metadata.uid ?? '' })),
  )
  await objects.remove(approvalRequests, { namespace, name, preconditions: { uid } })
}

async function removeVotes(
  { objects }: Surroundings,
  votes: readonly Pick<KnownVote, 'name' | 'uid'>[],
): Promise<void> {
  for (const { name, uid } of votes) {
    await objects.remove(approvalVotes, { namespace, name, preconditions: { uid } })
  }
}

/**
 * Takes away diffs that no request shows: of requests that are gone, and of those that never came to be. The watch is
 * asked again before each goes, since a new request may show an old diff.
 */
async function sweepDiffs(around: Surroundings, watches: RequestWatches, round: Round): Promise<void> {
  const { transport, objects, log, now } = around
  const ages = { youngestMs: Math.min(youngestDiffMs, round.retentionMs), now: now() }
  const strays = strayDiffs(await storedDiffs(transport, namespace, round.until), watches.requests(), ages)
  let removed = 0
  for (const one of strays) {
    if (round.until.aborted) return
    if (strayDiffs([one], watches.requests(), ages).length === 0) continue
    await objects.remove(configMaps, { namespace, name: one.name, preconditions: { uid: one.uid } })
    removed += 1
  }
  if (removed > 0) log.info('DiffsSwept', { diffs: removed })
}
