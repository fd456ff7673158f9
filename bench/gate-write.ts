import { fileURLToPath } from 'node:url'
import { webhooksFor } from '../src/domain/gate.ts'
import { admissionPath } from '../src/webhook/server.ts'
import { localhostCertificate } from '../test/fake/localhost-cert.ts'
import type { Bench } from './compare.ts'
import { createConfigMap, deleteConfigMap } from './config-maps.ts'
import { agent, makeAccount, onGround, openNamespace, robot } from './gate-ground.ts'
import type { Ground } from './gate-ground.ts'
import type { HttpCall, HttpClient } from './http-client.ts'
import { latencyRows } from './latency.ts'
import { startNode } from './node-process.ts'
import { rotated } from './rounds.ts'
import { makeRow } from './row.ts'
import type { Row } from './row.ts'
import type { Section } from './section.ts'

export const gateWrite: Section = {
  name: 'gate-write',
  about:
    'Creates and deletes of ungated config maps through the API server, one after the other on one connection for each ' +
    'account, in turns: an account that no webhook is asked about, one for which a bare webhook in Node is, and the ' +
    'agent. Rules and conditions of both webhooks are the same. 50 policies. Ratios are to the bare webhook.',
  run: (bench) => onGround({}, (ground) => measureWrites(bench, ground)),
}

const perRound = 300
const warming = 200

/** One of the three, with what its calls took, for each round, and how many failed. */
type Writer = {
  readonly name: string
  readonly client: HttpClient
  readonly creates: number[][]
  readonly deletes: number[][]
  failed: number
}

const noOpAgent = { namespace: 'agents', name: 'no-op-agent' }

async function measureWrites({ plan }: Bench, ground: Ground): Promise<readonly Row[]> {
  const noOp = await startNode([fileURLToPath(new URL('no-op-process.ts', import.meta.url))])
  await registerNoOp(ground, JSON.parse(noOp.greeting).port)
  const writers: readonly Writer[] = [
    await writer(ground, 'no-op webhook', noOpAgent),
    await writer(ground, 'no webhook', robot),
    await writer(ground, 'ours', agent),
  ]
  try {
    for (const one of writers) await write(one, { from: 0, count: warming })
    for (let round = 0; round < plan.rounds; round += 1) await oneRound(writers)
    return rowsOf(writers)
  } finally {
    for (const { client } of writers) client.close()
    await noOp.end()
  }
}

async function oneRound(writers: readonly Writer[]): Promise<void> {
  for (const { creates, deletes } of writers) {
    creates.push([])
    deletes.push([])
  }
  for (let index = 0; index < perRound; index += 1) {
    for (const one of rotated(writers, index)) await write(one, { from: index, count: 1 })
  }
}

async function writer(ground: Ground, name: string, account: typeof agent): Promise<Writer> {
  return { name, client: await ground.client(await ground.token(account)), creates: [], deletes: [], failed: 0 }
}

async function write(one: Writer, { from, count }: { readonly from: number; readonly count: number }): Promise<void> {
  const call = async (what: HttpCall, into: number[] | undefined): Promise<void> => {
    const reply = await one.client.send(what).catch(() => ({ status: 0, millis: Number.NaN }))
    if (reply.status === 200 || reply.status === 201) into?.push(reply.millis)
    else one.failed += 1
  }
  for (let index = from; index < from + count; index += 1) {
    const name = `${one.name.replaceAll(' ', '-')}-${index}`
    await call(createConfigMap(openNamespace, name), one.creates.at(-1))
    await call(deleteConfigMap(openNamespace, name), one.deletes.at(-1))
  }
}

/** The same rules and conditions as ours, for another account. */
async function registerNoOp(ground: Ground, port: number): Promise<void> {
  const { namespace, name } = await makeAccount(ground, noOpAgent)
  const subjects = { usernames: [`system:serviceaccount:${namespace}:${name}`], namespaces: [], groups: [] }
  const url = `https://127.0.0.1:${port}${admissionPath}`
  const webhooks = webhooksFor(subjects, { caBundle: Buffer.from(localhostCertificate).toString('base64'), url })
  await ground.scene.apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'no-op' },
    webhooks: webhooks.map((one) => ({ ...one, name: 'no-op.bench.example.com' })),
  })
}

const goals = { p50: { of: 'ratio', atMost: 1.1 }, p99: { of: 'ratio', atMost: 1.2 } } as const

function rowsOf(writers: readonly Writer[]): readonly Row[] {
  const [noOp] = writers
  const of = (verb: 'creates' | 'deletes'): readonly Row[] =>
    writers.flatMap((one) =>
      latencyRows({
        figure: `${verb}: ${one.name}`,
        rounds: one[verb],
        ...(noOp === undefined ? {} : { baseline: noOp[verb] }),
        ...(one.name === 'ours' ? { goals } : {}),
      }),
    )
  const failed = writers.map(({ name, failed: count }) =>
    makeRow({ figure: `failed: ${name}`, unit: 'calls', samples: [count], goal: { of: 'value', atMost: 0 } }),
  )
  return [...of('creates'), ...of('deletes'), ...failed]
}
