import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, ApprovalVote } from '../domain/kinds.ts'
import { carryOut } from './carry-out.ts'
import type { LoopPorts } from './loop-ports.ts'
import { reconcile } from './reconcile.ts'
import type { Effect, Seen } from './reconcile.ts'

/** One request with its votes, as memory has them. */
export type Remembered = { readonly request: ApprovalRequest; readonly votes: readonly ApprovalVote[] }

/** Brings one request to where it should be. Resolves to when to look again, if ever. */
export async function workRequest(ports: LoopPorts, remembered: Remembered): Promise<Instant | undefined> {
  const effects = reconcile(await seenOf(ports, remembered), ports.now())
  return effects.some(expires) ? expire(ports, remembered) : carryAllOut(ports, remembered.request, effects)
}

function expires(effect: Effect): boolean {
  return effect.do === 'decide' && effect.decided.basis === 'Deadline'
}

/** That nobody answered is said only after a live look, by the API server's own clock: a vote may be on its way to us. */
async function expire(ports: LoopPorts, { request, votes }: Remembered): Promise<Instant | undefined> {
  const live = await ports.live(request)
  if (live === undefined) return undefined
  const all = new Map([...votes, ...live.votes].map((vote) => [vote.metadata.uid, vote]))
  const sight = await seenOf(ports, { request: live.request, votes: [...all.values()] })
  const now = ports.now()
  const { date = now } = live
  const effects = reconcile(sight, date).map((effect) => later(effect, Math.max(0, now - date)))
  return carryAllOut(ports, live.request, effects)
}

/** A moment of the API server's clock comes so much later by ours when ours is ahead. */
function later(effect: Effect, ms: number): Effect {
  return effect.do === 'wake' ? { ...effect, time: effect.time + ms } : effect
}

async function carryAllOut(
  ports: LoopPorts,
  request: ApprovalRequest,
  effects: readonly Effect[],
): Promise<Instant | undefined> {
  const times: Instant[] = []
  for (const effect of effects) {
    const time = await carryOut(ports, request, effect)
    if (time !== undefined) times.push(time)
  }
  return times.length === 0 ? undefined : Math.min(...times)
}

async function seenOf(ports: LoopPorts, { request, votes }: Remembered): Promise<Seen> {
  const proven = new Set(
    await provenVotes(
      ports,
      votes.filter((vote) => !isNoted(request, vote)),
    ),
  )
  const { times, graceMs, isAgent } = ports
  return { request, votes, approvers: ports.approvers(), isAgent, isProven: (vote) => proven.has(vote), times, graceMs }
}

async function provenVotes(ports: LoopPorts, votes: readonly ApprovalVote[]): Promise<readonly ApprovalVote[]> {
  const proofs = await Promise.all(votes.map((vote) => isProven(ports, vote)))
  return votes.filter((_vote, index) => proofs[index])
}

/** A vote without evidence is one by kubectl: whom it names has cast it, or the API server had not let it in. */
async function isProven(ports: LoopPorts, { spec }: ApprovalVote): Promise<boolean> {
  return spec.evidence === undefined ? spec.voter.kind === 'KubernetesUser' : ports.isTrustedVote(spec)
}

/** Once a decision is stored, what is noted is not judged again. Before it, every vote counts anew. */
function isNoted({ status }: ApprovalRequest, { metadata }: ApprovalVote): boolean {
  return status?.decision !== undefined && (status.votes ?? []).some(({ uid }) => uid === metadata.uid)
}
