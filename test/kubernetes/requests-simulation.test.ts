import { describe, expect, test } from '@jest/globals'
import type { LoopPorts } from '../../src/app/loop-ports.ts'
import { workRequest } from '../../src/app/work-request.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import type { ApprovalRequest, ApprovalVote, Verdict } from '../../src/domain/kinds.ts'
import type { FakeDraft } from '../fake/api-server-objects.ts'
import { FakeRefusal } from '../fake/api-server-refusal.ts'
import { seededRandom } from '../random.ts'
import { scaled } from '../scale.ts'
import { entra, group, member, vote } from '../make-request.ts'
import { digest, grantOf, makeClaim, makeSpec, name } from './requests-make.ts'
import { startRequestsRig } from './requests-rig.ts'
import type { RequestsRig } from './requests-rig.ts'

const people = ['alice', 'bob', 'carol']
const directory = (names: readonly string[]) =>
  approversOf([group('approvers', { people: names.map((one) => member(one)) })], () => new Set())
const everybody = directory(people)
/** One person joins and leaves the group all the time, so that the same vote is judged in two ways. */
const withoutCarol = directory(['alice', 'bob'])
const verdicts: readonly Verdict[] = [
  ...Array.from({ length: 5 }, () => 'Approve' as const),
  ...Array.from({ length: 3 }, () => 'Revoke' as const),
  'Comment',
  'Deny',
  'RequestChanges',
  'Pause',
]
const start = Date.parse('2030-01-01T00:00:00Z')
const deadline = Date.parse('2030-01-01T00:15:00Z')

class Killed extends Error {}

/** What has happened in one run, on which the rules at its end are tried. */
type Run = {
  readonly rig: RequestsRig
  readonly random: () => number
  readonly votes: ApprovalVote[]
  readonly evidence: Set<string>
  readonly seen: ApprovalRequest[]
  now: number
  paused: boolean
}

/** One operator: it sees the request as it was a while ago, some of the votes, and dies at any call. */
type Replica = { readonly ports: LoopPorts; seen: ApprovalRequest; votes: readonly ApprovalVote[] }

function makeReplica(run: Run, seen: ApprovalRequest): Replica {
  const { rig } = run
  const mortal =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (run.random() < 0.15) throw new Killed()
      const result = await call(...args)
      if (run.random() < 0.15) throw new Killed()
      return result
    }
  const { decide, note, revoke, rearm } = rig.operator
  const ports: LoopPorts = {
    requests: { decide: mortal(decide), note: mortal(note), revoke: mortal(revoke), rearm: mortal(rearm) },
    sign: (payload) => Promise.resolve({ keyID: 'k1', protected: 'e30', payload, signature: payload.slice(-40) }),
    isTrustedVote: () => Promise.resolve(true),
    approvers: () => (run.random() < 0.7 ? everybody : withoutCarol),
    groups: () => [],
    askMemberships: () => Promise.resolve('NoTenant'),
    isAgent: () => false,
    live: async () => ({ request: await rig.live(), votes: [...run.votes], date: run.now }),
    read: () => Promise.resolve(undefined),
    readTarget: () => Promise.resolve('NotAllowed'),
    readAround: () => Promise.resolve('NotAllowed'),
    readList: () => Promise.resolve(undefined),
    alike: () => Promise.resolve([]),
    hmacKey: () => undefined,
    pause: mortal(() => {
      run.paused = true
      return Promise.resolve('Paused' as const)
    }),
    announce: () => undefined,
    evidence: (line) => run.evidence.add(line),
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    measure: () => undefined,
    now: () => run.now,
    earliest: () => run.now,
    times: { leaseMs: 45_000, callMs: 34_000 },
    graceMs: 2_000,
  }
  return { ports, seen, votes: [] }
}

async function work(run: Run, replica: Replica): Promise<void> {
  try {
    await workRequest(replica.ports, { request: replica.seen, votes: replica.votes })
  } catch (error) {
    if (!(error instanceof Killed) && !String(error).includes('ApiError')) throw error
  }
  run.seen.push(await run.rig.live())
}

function cast(run: Run): void {
  const uid = run.seen[0]?.metadata.uid ?? ''
  const changes = {
    requestRef: { name, uid },
    digest,
    voter: entra(people[Math.floor(run.random() * people.length)] ?? 'alice'),
    cast: run.now,
  }
  run.votes.push(
    vote(verdicts[Math.floor(run.random() * verdicts.length)] ?? 'Deny', {
      ...changes,
      name: `apv-${run.votes.length}`,
    }),
  )
}

async function claim(run: Run): Promise<void> {
  const live = await run.rig.live()
  if (live.status?.decision !== 'Approved' || (live.status.grant?.claims.length ?? 0) > 0) return
  await run.rig.webhook.claim(grantOf(live), makeClaim(`call-${run.now}`)).catch(() => undefined)
}

const steps: readonly ((run: Run, replicas: readonly Replica[]) => Promise<void>)[] = [
  async (run) => cast(run),
  async (run) => cast(run),
  async (run) => {
    run.now += Math.floor(run.random() * run.random() * 900_000)
  },
  (run) => claim(run),
  ...Array.from({ length: 4 }, () => async (run: Run, replicas: readonly Replica[]) => {
    const replica = replicas[run.random() < 0.5 ? 0 : 1]
    if (replica === undefined) return
    if (run.random() < 0.5) replica.seen = await run.rig.live()
    if (run.random() < 0.7) replica.votes = run.votes.slice(0, Math.ceil(run.random() * run.votes.length))
    await work(run, replica)
  }),
  async (run, replicas) => {
    const later = await Promise.all(replicas.map((replica) => work(run, replica)))
    expect(later).toHaveLength(2)
  },
]

function isPrefix(before: readonly object[], after: readonly object[]): boolean {
  return JSON.stringify(after.slice(0, before.length)) === JSON.stringify(before)
}

/** The rules of the schema on which the store rests: the API server refuses the whole patch. */
function schemaRules(): (sent: FakeDraft) => FakeDraft {
  let decided: ApprovalRequest['status']
  return (sent) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fake stores what it is sent
    const after = (sent as { readonly status?: ApprovalRequest['status'] }).status
    const names = (after?.votes ?? []).map((one) => one.name)
    const broken =
      new Set(names).size < names.length ||
      (decided?.decision !== undefined && JSON.stringify(decided.record) !== JSON.stringify(after?.record)) ||
      (after?.grant?.revoked !== undefined && after.grant.claims.length > 0) ||
      !isPrefix(decided?.votes ?? [], after?.votes ?? [])
    if (broken) throw new FakeRefusal(422, 'Invalid')
    decided = after
    return sent
  }
}

async function play(seed: number): Promise<Run> {
  const rig = await startRequestsRig()
  const random = seededRandom(seed)
  const stages = [{ name: 'approvers', approverGroupRefs: [{ name: 'approvers' }], quorum: 2 }]
  const spec = makeSpec()
  rig.store({ spec: { ...spec, requirements: { ...spec.requirements, stages } } })
  const change = schemaRules()
  rig.api.faults.choose(({ verb }) => {
    if (verb !== 'patch') return undefined
    return random() < 0.1 ? { do: 'refuse', status: 500 } : { do: 'mutate', change }
  })
  const request = await rig.live()
  const run: Run = { rig, random, votes: [], evidence: new Set(), seen: [request], now: start, paused: false }
  const replicas = [makeReplica(run, request), makeReplica(run, request)]
  for (let step = 0; step < 30; step += 1) {
    await steps[Math.floor(random() * steps.length)]?.(run, replicas)
  }
  // All settles once both see everything and the deadline is over.
  run.now = Math.max(run.now, deadline + 10_000)
  rig.api.faults.choose(({ verb }) => (verb === 'patch' ? { do: 'mutate', change } : undefined))
  for (let round = 0; round < 12; round += 1) {
    for (const replica of replicas) {
      replica.seen = await rig.live()
      replica.votes = [...run.votes]
      await work(run, replica)
    }
  }
  return run
}

function check({ seen, votes, evidence, paused }: Run): void {
  const last = seen.at(-1)?.status
  const records = new Set(
    seen.flatMap(({ status }) => (status?.record === undefined ? [] : [JSON.stringify(status.record)])),
  )
  expect(last?.decision).toBeDefined()
  expect(records.size).toBe(1)
  for (const line of evidence) expect(records).toContain(line)
  expect(last?.grant?.revoked !== undefined && last.grant.claims.length > 0).toBe(false)
  const noted = (last?.votes ?? []).map((one) => one.uid)
  expect(new Set(noted).size).toBe(noted.length)
  expect(noted.toSorted()).toEqual(votes.map(({ metadata }) => metadata.uid ?? '').toSorted())
  const counted = (last?.votes ?? []).filter((one) => one.counted).map(({ verdict }) => verdict)
  expect(paused || !counted.includes('Pause')).toBe(true)
  if (last?.decision === 'Approved') expect(counted.filter((one) => one === 'Approve').length).toBeGreaterThan(1)
  if (last?.decision === 'Expired') expect(votes.filter(ends)).toEqual([])
}

/** A "no" in time by somebody who is an approver all the time. */
function ends({ metadata, spec }: ApprovalVote): boolean {
  const no = spec.verdict === 'Deny' || spec.verdict === 'RequestChanges' || spec.verdict === 'Pause'
  return no && spec.voter.displayName !== 'carol' && Date.parse(metadata.creationTimestamp ?? '') <= deadline
}

describe('two operators that see late, lose answers and die at any call', () => {
  const seeds = Array.from({ length: scaled(30, 1_000) }, (_value, index) => index + 1)

  test.each(seeds)('come to one decision in the end, and every vote is noted once (run %i)', async (seed) => {
    const run = await play(seed)
    try {
      check(run)
    } finally {
      await run.rig.stop()
    }
  })
})
