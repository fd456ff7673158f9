import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { CommandResult } from '../../cluster/command.ts'
import { clockTime } from '../../src/domain/wording.ts'
import { mergePatch } from '../crds/api-client.ts'
import { sampleRequest } from '../crds/sample-request.ts'
import type { Mutable, Status } from '../crds/sample-request.ts'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { records, startInstalled } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'

jest.setTimeout(60_000)

const group = '/apis/countersign.dev/v1alpha1'
const requests = `${group}/namespaces/${records}/approvalrequests`
const votes = `${group}/namespaces/${records}/approvalvotes`
const identities = `${group}/namespaces/${records}/agentidentities`
const webhook = `${records}/countersign-webhook`
const operator = `${records}/countersign-operator`

const waiting = 'apr-7k2m9q4xqz3wd8hf6tnc'
const other = 'apr-7k9zr2kdhm6tq4wz9xcb'
const decided = 'apr-q9w4hx7tkz2nd5rm8vc3'
const long = 'apr-m5zx8kq2wt9hd4nc7rv6'

let stage: Stage

/** Alice has the Role for approvers and nothing else, mallory nothing at all. No operator runs: the tests play it. */
beforeAll(async () => {
  const users = [
    { name: 'alice', groups: ['sre'] },
    { name: 'mallory', groups: [] },
  ]
  stage = await startInstalled(process.env, { users })
  await stage.admin.must({
    method: 'POST',
    path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${records}/rolebindings`,
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'approvers', namespace: records },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'countersign-approvers' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }],
    },
  })
  // A kind that was just made answers 429 for a moment.
  for (const path of [votes, requests, identities]) {
    await until(`${path} is served`, async () => (await stage.admin.send({ method: 'GET', path })).code === 200)
  }
  for (const name of [waiting, other, decided]) await open(name)
  await openLong()
  await judge(decided, { decision: 'Denied', basis: 'Votes', decidedBy: 'Bo Lind', ...noted('Denied') })
}, 60_000)
afterAll(() => stage.stop(), 60_000)

async function open(name: string, change: (request: Mutable<ApprovalRequest>) => void = () => {}): Promise<void> {
  const request = sampleRequest(name)
  request.spec.expirationTime = `${new Date(Date.now() + 15 * 60_000).toISOString().slice(0, 19)}Z`
  change(request)
  await (await stage.as(webhook)).must({ method: 'POST', path: requests, body: request })
}

const wholeText = Array.from({ length: 300 }, (_value, index) => `+ line ${index + 1}\n`).join('')

async function openLong(): Promise<void> {
  await (
    await stage.as(webhook)
  ).must({
    method: 'POST',
    path: `/api/v1/namespaces/${records}/configmaps`,
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'diff-long' },
      immutable: true,
      data: { diff: wholeText },
    },
  })
  const fullHash = `sha256:${createHash('sha256').update(wholeText).digest('hex')}`
  await open(long, ({ spec }) => {
    const [action] = spec.actions
    if (action === undefined) throw new Error('a sample has an action')
    action.diff = { text: '+ line 1\n', totalLines: 300, truncated: true, fullRef: { name: 'diff-long' }, fullHash }
  })
}

const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`

function noted(reason: string): Status {
  const told = { status: 'True', reason, message: '', lastTransitionTime: now() } as const
  const record = { keyID: 'e-1', protected: 'eyJ9', payload: '{}', signature: 'c2ln' }
  const conditions = [
    { type: 'Decided', ...told },
    ...(reason === 'Approved' || reason === 'Denied' ? [{ type: reason, ...told }] : []),
  ]
  return { conditions, decisionTime: now(), record }
}

/** Patches in what the operator would; votes come after those that are there. */
async function judge(name: string, status: Status): Promise<void> {
  const live = (await stage.admin.must({ method: 'GET', path: `${requests}/${name}` })) as ApprovalRequest
  const all = [...(live.status?.votes ?? []), ...(status.votes ?? [])]
  const body = { status: { ...status, ...(all.length === 0 ? {} : { votes: all }) } }
  const path = `${requests}/${name}/status`
  await (await stage.as(operator)).must({ method: 'PATCH', path, type: mergePatch, body })
}

function countersign(who: string, ...args: readonly string[]): Promise<CommandResult> {
  const path = [resolve('bin'), resolve('node_modules/.bin'), process.env['PATH']].join(':')
  return stage.plane.kubectl(['countersign', ...args], {
    kubeconfig: stage.plane.user(who).kubeconfig,
    env: { PATH: path },
  })
}

type StoredVote = {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly spec: Readonly<Record<string, unknown>>
}

async function votesOn(name: string): Promise<readonly StoredVote[]> {
  const path = `${votes}?labelSelector=countersign.dev/request=${name}`
  return Object(await stage.admin.must({ method: 'GET', path })).items
}

/** Waits for a vote beyond those that were there, and judges it as `status` says. */
async function judgeNext(name: string, before: number, status: (vote: StoredVote) => Status): Promise<void> {
  let cast: readonly StoredVote[] = []
  await until('a vote was cast', async () => {
    cast = await votesOn(name)
    return cast.length > before
  })
  const vote = cast.find(({ metadata }) => !seen.has(metadata.uid))
  if (vote === undefined) throw new Error('no new vote')
  seen.add(vote.metadata.uid)
  await judge(name, status(vote))
}

const seen = new Set<string>()

function judged(vote: StoredVote, verdict: 'Approve' | 'Deny', refusal?: string) {
  const { name, uid } = vote.metadata
  const counted = refusal === undefined
  return { name, uid, person: 'alice', verdict, time: now(), counted, ...(counted ? {} : { refusal }) }
}

describe('with the Role for approvers and nothing else', () => {
  test('get lists what waits, and not what is decided', async () => {
    const { code, stdout } = await countersign('alice', 'get')
    expect(code).toBe(0)
    expect(stdout).toContain(waiting)
    expect(stdout).not.toContain(decided)
    expect((await countersign('alice', 'get', '--all', '-o', 'name')).stdout).toContain(
      `approvalrequest.countersign.dev/${decided}\n`,
    )
  })

  test('show has what an approver must see, and the whole of a long change', async () => {
    const { code, stdout } = await countersign('alice', 'show', long)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^HIGH · prod-eu1 {4}1 approval of approvers · until \d\d:\d\dZ \(14 min\)\n/)
    expect(stdout).toContain('agents/bot wants to DELETE\nDeployment   prod / web\n')
    expect(stdout).toContain('  + line 300\n')
    expect(stdout).not.toContain('\u001b')
  })

  test('an ambiguous beginning lists what it may be', async () => {
    const { code, stdout, stderr } = await countersign('alice', 'show', 'apr-7k')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(new RegExp(`apr-7k may be any of these[^]*${waiting}[^]*${other}`))
  })

  test('approve without a terminal needs --yes, and sends nothing', async () => {
    const { code, stderr } = await countersign('alice', 'approve', other)
    expect([code, stderr]).toEqual([2, expect.stringContaining('add --yes')])
    expect(await votesOn(other)).toEqual([])
  })

  test('deny without a reason and a terminal is a usage error, and sends nothing', async () => {
    const { code, stderr } = await countersign('alice', 'deny', other)
    expect([code, stderr]).toEqual([2, expect.stringContaining('deny needs a reason: add -m')])
    expect(await votesOn(other)).toEqual([])
  })

  test('while no operator runs, a vote is recorded and there is no decision yet: exit code 3', async () => {
    const { code, stdout } = await countersign('alice', 'comment', other, '-m', 'who asked for this?', '--timeout', '1')
    expect([code, stdout]).toEqual([
      3,
      expect.stringMatching(/^Recorded as apv-.*no decision yet.*\nYour vote stands\./),
    ])
    const [vote] = await votesOn(other)
    seen.add(vote?.metadata.uid ?? '')
    expect(vote?.spec).toMatchObject({
      verdict: 'Comment',
      comment: 'who asked for this?',
      digest: `sha256:${'a'.repeat(64)}`,
      voter: { kind: 'KubernetesUser', username: 'alice', uid: 'alice', groups: ['sre', 'system:authenticated'] },
    })
  })

  test('a vote that does not count says why and what to do: exit code 1', async () => {
    const [{ code, stdout }] = await Promise.all([
      countersign('alice', 'approve', other, '--yes'),
      judgeNext(other, 1, (vote) => ({ votes: [judged(vote, 'Approve', 'NotInGroup')] })),
    ])
    expect([code, stdout]).toEqual([
      1,
      'Your vote does not count (NotInGroup). The person is in none of the groups that decide this. Ask somebody of these groups, or an administrator to add you to one.\n',
    ])
  })

  test('an approval that counts tells what the agent got', async () => {
    const expires = Math.floor(Date.now() / 1000) * 1000 + 20 * 60_000
    const grant = { expirationTime: `${new Date(expires).toISOString().slice(0, 19)}Z`, claims: [], rearmed: 0 }
    const [{ code, stdout }] = await Promise.all([
      countersign('alice', 'approve', 'apr-7k2m', '--yes', '-m', 'ok', '--timeout', '3'),
      judgeNext(waiting, 0, (vote) => ({
        decision: 'Approved',
        basis: 'Votes',
        decidedBy: 'alice',
        grant,
        votes: [judged(vote, 'Approve')],
        ...noted('Approved'),
      })),
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Your vote counts\. APPROVED by alice \d\d:\d\dZ · waiting for the agent/)
    expect(stdout).toContain(`Approved; the agent has until ${clockTime(expires)} to run its command again.\n`)
  })

  test('what is decided is not voted on: exit code 1, and nothing is sent', async () => {
    const { code, stderr } = await countersign('alice', 'approve', decided, '--yes')
    expect(code).toBe(1)
    expect(stderr).toMatch(/is decided: DENIED by Bo Lind \d\d:\d\dZ\nYou changed nothing/)
    expect(await votesOn(decided)).toEqual([])
  })

  test('an agent cannot be paused: that takes more than the Role', async () => {
    const { code, stderr } = await countersign('alice', 'pause', 'agents/bot', '-m', 'stop')
    expect([code, stderr]).toEqual([1, expect.stringContaining('takes patch on agentidentities')])
  })
})

test('who has no rights is told which Role gives them', async () => {
  const { code, stderr } = await countersign('mallory', 'get')
  expect([code, stderr]).toEqual([1, expect.stringContaining('need the Role countersign-approvers')])
})

test('an administrator pauses an agent under his own name, and resumes it', async () => {
  const body = {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'AgentIdentity',
    metadata: { name: 'agents.bot', namespace: records },
    spec: { subject: { serviceAccount: { namespace: 'agents', name: 'bot' } } },
  }
  await (await stage.as(operator)).must({ method: 'POST', path: identities, body })
  const paused = await countersign('admin', 'pause', 'agents/bot', '-m', 'deleting too much')
  expect([paused.code, paused.stdout]).toEqual([0, expect.stringContaining('agents.bot is paused since')])
  const spec = async () => Object(await stage.admin.must({ method: 'GET', path: `${identities}/agents.bot` })).spec
  expect(await spec()).toMatchObject({ paused: { by: 'admin', reason: 'deleting too much' } })
  const resumed = await countersign('admin', 'resume', 'agid/agents.bot')
  expect([resumed.code, resumed.stdout]).toEqual([0, 'agents.bot is not paused any more.\n'])
  expect(await spec()).toEqual(body.spec)
  expect((await countersign('admin', 'resume', 'agents/none')).code).toBe(1)
})

test('watch ends when its request is decided', async () => {
  const name = 'apr-w4tch8kq2wt9hd4nc7rv'
  await open(name)
  const watching = countersign('alice', 'watch', name)
  await judge(name, { decision: 'Expired', basis: 'Deadline', ...noted('Expired') })
  const { code, stdout } = await watching
  expect(code).toBe(0)
  expect(stdout).toMatch(/EXPIRED \d\d:\d\dZ · nobody answered · this is not a denial\n$/)
})
