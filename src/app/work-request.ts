import { approversOf } from '../domain/approvers.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, ApprovalVote } from '../domain/kinds.ts'
import { carryOut } from './carry-out.ts'
import type { LoopPorts } from './loop-ports.ts'
import { judgeable, knownMemberships, withProgressKept } from './memberships-known.ts'
import type { Asked } from './memberships-known.ts'
import { membershipsNeeded, wasRefused } from './memberships-needed.ts'
import type { Judged } from './memberships-needed.ts'
import { reconcile } from './reconcile.ts'
import type { Effect, Seen } from './reconcile.ts'

/** One request with its votes, as memory has them. */
export type Remembered = { readonly request: ApprovalRequest; readonly votes: readonly ApprovalVote[] }

/** Brings one request to where it should be. Resolves to when to look again, if ever. */
export async function workRequest(ports: LoopPorts, remembered: Remembered): Promise<Instant | undefined> {
  const effects = effectsOf(await sightOf(ports, remembered), ports.now())
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
  const sight = await sightOf(ports, { request: live.request, votes: [...all.values()] })
  const now = ports.now()
  const { date = now } = live
  const effects = effectsOf(sight, date).map((effect) => later(effect, Math.max(0, now - date)))
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

/** What is seen of a request. `waiting`: votes that cannot be judged yet; they are looked at again after `againMs`. */
type Sight = { readonly seen: Seen; readonly waiting: readonly ApprovalVote[]; readonly againMs: number }

/** What comes after the decision changes nothing, unless it takes the decision back. */
const lateMs = 5 * 60_000

function effectsOf({ seen, waiting, againMs }: Sight, now: Instant): readonly Effect[] {
  const effects = withProgressKept(seen.request, waiting, reconcile(seen, now))
  if (waiting.length === 0) return effects
  const isLate = seen.request.status?.decision !== undefined && !waiting.some(({ spec }) => spec.verdict === 'Revoke')
  return [...effects, { do: 'wake', time: now + (isLate ? Math.max(againMs, lateMs) : againMs) }]
}

async function sightOf(ports: LoopPorts, { request, votes }: Remembered): Promise<Sight> {
  const proven = new Set(
    await provenVotes(
      ports,
      votes.filter((vote) => !isNoted(request, vote)),
    ),
  )
  const asked = await askAll(ports, { request, votes: [...proven] })
  const { entra, present, isOpen, againMs } = knownMemberships(asked)
  const approvers = asked.length === 0 ? ports.approvers() : approversOf([...ports.groups()], entra, present)
  const judged = judgeable({ request, votes }, (vote) => {
    const { voter } = vote.spec
    return proven.has(vote) && !wasRefused(request, vote) && [voter, ...approvers.accountsOf(voter)].some(isOpen)
  })
  const { times, graceMs, isAgent } = ports
  return {
    seen: { request, votes: judged, approvers, isAgent, isProven: (vote) => proven.has(vote), times, graceMs },
    waiting: votes.filter((vote) => !judged.includes(vote)),
    againMs,
  }
}

/** Nobody answers for a vote that was not proven: it is refused as it is. */
async function askAll(ports: LoopPorts, judged: Judged): Promise<readonly Asked[]> {
  const needed = membershipsNeeded(judged, { groups: [...ports.groups()], listed: ports.approvers() })
  return Promise.all(needed.map(async (question) => ({ question, answer: await ports.askMemberships(question) })))
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
