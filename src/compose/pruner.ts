import { leaving } from '../app/prune.ts'
import type { Leaving } from '../app/prune.ts'
import { recordsNamespace as namespace } from '../config.ts'
import { approvalRequests, approvalVotes, configMaps } from '../kubernetes/kinds.ts'
import type { KnownVote } from '../kubernetes/request-memory.ts'
import type { Surroundings } from './component.ts'
import type { RequestWatches } from './request-watches.ts'

const dayMs = 86_400_000
/** Often enough for months, and more often where tests keep requests for a moment. */
const mostPauseMs = 600_000
/** An attempt that was opened meanwhile must not be left behind alone. */
const staleMs = 90_000

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
    if (!ports.leads() || !ports.watches.synced() || ports.watches.silentMs() > staleMs) continue
    await pruneOnce(around, ports.watches, { retentionMs, until }).catch((error: unknown) => {
      log.error('NotPruned', error)
    })
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
async function prune(around: Surroundings, { name, uid, diff }: Leaving): Promise<void> {
  const { objects } = around
  const { items } = await objects.list(approvalVotes, { namespace, labelSelector: `countersign.dev/request=${name}` })
  const votes = items.filter(({ spec }) => spec.requestRef.name === name)
  await removeVotes(
    around,
    votes.map(({ metadata }) => ({ name: metadata.name, uid: metadata.uid ?? '' })),
  )
  if (diff !== undefined) await removeDiff(around, diff)
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

async function removeDiff({ objects }: Surroundings, name: string): Promise<void> {
  const found = await objects.get(configMaps, { namespace, name })
  const uid = found === 'NotFound' ? undefined : found.object.metadata?.uid
  if (uid !== undefined) await objects.remove(configMaps, { namespace, name, preconditions: { uid } })
}
