import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { ApprovalRequest } from '../src/domain/kinds.ts'
import { betweenVotesAndAnswers, isWrite, readAudit } from './audit.ts'
import type { Audited } from './audit.ts'
import type { Bench } from './compare.ts'
import { changeConfigMap, createConfigMap } from './config-maps.ts'
import { median, quantile } from './figures.ts'
import { agent, gatedNamespace, onGround, openNamespace } from './gate-ground.ts'
import type { Ground } from './gate-ground.ts'
import { good } from './http-client.ts'
import type { HttpClient } from './http-client.ts'
import { latencyRows } from './latency.ts'
import { makeRow } from './row.ts'
import type { Row } from './row.ts'
import type { Section } from './section.ts'

export const gateAnswer: Section = {
  name: 'gate-answer',
  about:
    'From a vote to the answer that the agent gets, whose update of a config map is held meanwhile: decision, use of the ' +
    'approval and the update itself are written one after the other. Beside it, in turns, what one write takes. Each ' +
    'round is of 10 requests; p99 is their slowest. The audit log tells how many calls lie between.',
  run: (bench) => onGround({}, (ground) => measureAnswers(bench, ground)),
}

const perRound = 10
const requests = '/apis/countersign.dev/v1alpha1/namespaces/countersign-system/approvalrequests'
const votes = '/apis/countersign.dev/v1alpha1/namespaces/countersign-system/approvalvotes'
const configMap = 'waits'

type Clients = {
  readonly admin: HttpClient
  readonly agent: HttpClient
  readonly person: HttpClient
  readonly operator: HttpClient
}
type Series = { readonly [Name in 'fromVote' | 'fromStored' | 'statusWrite' | 'write']: number[][] }

async function measureAnswers({ plan }: Bench, ground: Ground): Promise<readonly Row[]> {
  const { plane } = ground.scene
  const clients: Clients = {
    admin: await ground.client(plane.user('admin').token),
    agent: await ground.client(await ground.token(agent)),
    person: await ground.client(plane.user('alice').token),
    operator: await ground.client(
      await ground.token({ namespace: 'countersign-system', name: 'countersign-operator' }),
    ),
  }
  const series: Series = { fromVote: [], fromStored: [], statusWrite: [], write: [] }
  try {
    for (const namespace of [gatedNamespace, openNamespace]) {
      await good(clients.admin, createConfigMap(namespace, configMap))
    }
    // One round to warm up, which is not told.
    for (let round = 0; round <= plan.rounds; round += 1) await oneRound(clients, series, round)
    const calls = readAudit(await readFile(plane.auditLog, 'utf8'))
    return [...latencies(skipFirst(series)), ...callRows(calls)]
  } finally {
    for (const one of Object.values(clients)) one.close()
  }
}

function skipFirst(series: Series): Series {
  const { fromVote, fromStored, statusWrite, write } = series
  return {
    fromVote: fromVote.slice(1),
    fromStored: fromStored.slice(1),
    statusWrite: statusWrite.slice(1),
    write: write.slice(1),
  }
}

async function oneRound(clients: Clients, series: Series, round: number): Promise<void> {
  for (const samples of Object.values(series)) samples.push([])
  for (let index = 0; index < perRound; index += 1) {
    const value = `${round}-${index}`
    const request = await answerOne(clients, series, value)
    const path = `${requests}/${request.metadata.name}`
    await settled(clients.admin, path)
    // Text for people, and the operator's own: another value is a write like any other.
    const body = JSON.stringify({ status: { progress: value } })
    const noted = await good(clients.operator, { method: 'PATCH', path: `${path}/status`, body, type: mergePatch })
    series.statusWrite.at(-1)?.push(noted.millis)
    const written = await good(clients.admin, changeConfigMap(openNamespace, configMap, value))
    series.write.at(-1)?.push(written.millis)
  }
}

const mergePatch = 'application/merge-patch+json'

async function answerOne(clients: Clients, series: Series, value: string): Promise<ApprovalRequest> {
  const answer = good(clients.agent, changeConfigMap(gatedNamespace, configMap, value)).then(() => performance.now())
  const request = await Promise.race([opened(clients.admin), answer.then(() => undefined)])
  if (request === undefined) throw new Error('the update was answered before anybody voted')
  const voted = performance.now()
  await good(clients.person, { method: 'POST', path: votes, body: JSON.stringify(approval(request)) })
  const stored = performance.now()
  const answered = await answer
  series.fromVote.at(-1)?.push(answered - voted)
  series.fromStored.at(-1)?.push(answered - stored)
  return request
}

/** The request that waits, once there is one and the operator has looked at it. */
async function opened(admin: HttpClient): Promise<ApprovalRequest> {
  for (;;) {
    const list = await good(admin, { method: 'GET', path: `${requests}?fieldSelector=status.decision%3D` })
    const [request]: readonly ApprovalRequest[] = JSON.parse(list.text).items
    if (request?.status?.conditions !== undefined) return request
    await wait(50)
  }
}

/** Nobody writes to it for a moment. */
async function settled(admin: HttpClient, path: string): Promise<void> {
  let last = ''
  for (let same = 0; same < 3;) {
    const { resourceVersion } = JSON.parse((await good(admin, { method: 'GET', path })).text).metadata
    same = resourceVersion === last ? same + 1 : 0
    last = resourceVersion
    await wait(30)
  }
}

function approval({ metadata, spec }: ApprovalRequest): object {
  const labels = { 'countersign.dev/request': metadata.name }
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalVote',
    metadata: { generateName: 'apv-', namespace: 'countersign-system', labels },
    spec: {
      requestRef: { name: metadata.name, uid: metadata.uid },
      digest: spec.actions[0]?.digest,
      verdict: 'Approve',
      voter: {
        kind: 'KubernetesUser',
        username: 'alice',
        uid: 'alice',
        groups: ['approvers', 'system:authenticated'],
      },
    },
  }
}

/** Three writes and 20 ms: the goal is made of what a write takes in the same run. */
function latencies({ fromVote, fromStored, statusWrite, write }: Series): readonly Row[] {
  const threeWrites = (part: number) =>
    ({ of: 'value', atMost: 3 * median(write.map((one) => quantile(one, part))) + 20 }) as const
  const goals = { p50: threeWrites(0.5), p99: threeWrites(0.99) }
  return [
    ...latencyRows({ figure: 'vote stored → agent answered', rounds: fromStored, goals }),
    ...latencyRows({ figure: 'vote sent → agent answered', rounds: fromVote }),
    ...latencyRows({ figure: 'one status write of a request', rounds: statusWrite }),
    ...latencyRows({ figure: 'one update of a config map', rounds: write }),
  ]
}

function callRows(calls: readonly Audited[]): readonly Row[] {
  const ofAgent = `:${agent.namespace}:${agent.name}`
  const all = betweenVotesAndAnswers(
    calls,
    ({ user, verb, resource }) => user.endsWith(ofAgent) && verb === 'patch' && resource === 'configmaps',
  )
  const row = (figure: string, samples: readonly number[], atMost?: number): Row =>
    makeRow({ figure, unit: 'calls', samples, goal: atMost === undefined ? undefined : { of: 'value', atMost } })
  return [
    row(
      'writes that the answer waits for',
      all.map(({ awaited }) => awaited.filter(isWrite).length),
      3,
    ),
    row(
      'reads that it waits for',
      all.map(({ awaited }) => awaited.filter((call) => !isWrite(call)).length),
      0,
    ),
    row(
      'calls beside them',
      all.map(({ beside }) => beside.length),
    ),
  ]
}
