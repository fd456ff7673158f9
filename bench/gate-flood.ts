import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bench } from './compare.ts'
import { createConfigMap, deleteConfigMap } from './config-maps.ts'
import { agent, gatedNamespace, makeAccount, onGround, openNamespace, robot } from './gate-ground.ts'
import type { Account, Ground } from './gate-ground.ts'
import { good } from './http-client.ts'
import type { HttpClient } from './http-client.ts'
import { latencyRows } from './latency.ts'
import { startTalk } from './node-process.ts'
import type { Talk } from './node-process.ts'
import { makeRow } from './row.ts'
import type { Row } from './row.ts'
import type { Section } from './section.ts'
import { usageOf } from './usage.ts'

export const gateFlood: Section = {
  name: 'gate-flood',
  about:
    '300 gated commands of one agent at once, each sent again as client-go does and begun anew a second after it has ' +
    'failed: what the writes of another service account take meanwhile, and those of the operator, against the quiet ' +
    'moment before; and what they take while an account that nobody is asked about does the same. How many calls are ' +
    'held then, and how many requests wait for people.',
  // Patient, so that calls are held in the last round as in the first.
  run: (bench) => onGround({ patienceSeconds: 600 }, (ground) => measureFlood(bench, ground)),
}

const commands = 300
const perSlice = 300
/** Connections are made, and the first calls have been answered. */
const settlingMs = 3_000
const mostHeld = 12
const mostOpen = 20

type Seen = { readonly held: number; readonly open: number }
/** Milliseconds of calls, for each round; and what was seen of the flood while it went on. */
type Series = {
  readonly quiet: Measured
  readonly flood: Measured
  /** While an account that no webhook is asked about does what the agent did. */
  readonly crowd: Measured
  readonly seen: Seen[]
}
type Measured = { readonly other: (readonly number[])[]; readonly own: (readonly number[])[] }
type Clients = { readonly admin: HttpClient; readonly other: HttpClient; readonly operator: HttpClient }

const requests = '/apis/countersign.dev/v1alpha1/namespaces/countersign-system/approvalrequests'
const leases = '/apis/coordination.k8s.io/v1/namespaces/countersign-system/leases'

const lease = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'bench', namespace: 'countersign-system' },
  spec: { holderIdentity: 'bench' },
}

async function measureFlood({ plan }: Bench, ground: Ground): Promise<readonly Row[]> {
  const { plane } = ground.scene
  const clients: Clients = {
    admin: await ground.client(plane.user('admin').token),
    other: await ground.client(await ground.token(robot)),
    operator: await ground.client(
      await ground.token({ namespace: 'countersign-system', name: 'countersign-operator' }),
    ),
  }
  const floods = {
    agent: await startFlood(ground, agent, gatedNamespace),
    crowd: await startFlood(ground, await makeAccount(ground, crowd), openNamespace),
  }
  const series: Series = { quiet: none(), flood: none(), crowd: none(), seen: [] }
  try {
    await good(clients.operator, { method: 'POST', path: leases, body: JSON.stringify(lease) })
    await slice(clients, none())
    let ended = {}
    for (let round = 0; round < plan.rounds; round += 1) {
      await slice(clients, series.quiet)
      ended = await during(floods.agent, async () => {
        const done = slice(clients, series.flood)
        series.seen.push(await watchFlood(ground, clients, done))
        await done
      })
      await during(floods.crowd, () => slice(clients, series.crowd))
    }
    return rowsOf(series, ended)
  } finally {
    await Promise.all(Object.values(floods).map((flood) => flood.end()))
    for (const one of Object.values(clients)) one.close()
  }
}

const crowd = { namespace: 'agents', name: 'crowd' }

function none(): Measured {
  return { other: [], own: [] }
}

async function startFlood({ scene, token }: Ground, account: Account, namespace: string): Promise<Talk> {
  const flood = await startTalk(fileURLToPath(new URL('flood-process.ts', import.meta.url)))
  const ca = await readFile(scene.plane.caFile, 'utf8')
  flood.tell(JSON.stringify({ url: scene.plane.url, ca, token: await token(account), namespace, count: commands }))
  return flood
}

/** Resolves with how often its calls were answered what, so far. */
async function during(flood: Talk, measure: () => Promise<void>): Promise<Readonly<Record<string, number>>> {
  flood.tell('go')
  await wait(settlingMs)
  await measure()
  const ended: Readonly<Record<string, number>> = JSON.parse(await flood.ask('stop'))
  await wait(settlingMs)
  return ended
}

async function slice({ other, operator }: Clients, into: Measured): Promise<void> {
  const others: number[] = []
  const own: number[] = []
  let body = withTime((await good(operator, { method: 'GET', path: `${leases}/bench` })).text)
  for (let index = 0; index < perSlice; index += 1) {
    others.push((await good(other, createConfigMap(openNamespace, `other-${index}`))).millis)
    others.push((await good(other, deleteConfigMap(openNamespace, `other-${index}`))).millis)
    const renewed = await good(operator, { method: 'PUT', path: `${leases}/bench`, body })
    own.push(renewed.millis)
    body = withTime(renewed.text)
  }
  into.other.push(others)
  into.own.push(own)
}

/** Another time than last: what changes nothing is not written. */
function withTime(text: string): string {
  const read = JSON.parse(text)
  const renewTime = new Date().toISOString().replace('Z', '000Z')
  return JSON.stringify({ ...read, spec: { ...read.spec, renewTime } })
}

/** The most that was seen until `done`. Throws when it is more than may be, or when there was no flood. */
async function watchFlood({ webhook }: Ground, { admin }: Clients, done: Promise<void>): Promise<Seen> {
  const ended = done.then(() => 'Ended' as const)
  let most: Seen = { held: 0, open: 0 }
  do {
    const list = await good(admin, { method: 'GET', path: `${requests}?fieldSelector=status.decision%3D` })
    const open: number = JSON.parse(list.text).items.length
    const { held } = await usageOf(webhook.healthPort)
    most = { held: Math.max(most.held, held), open: Math.max(most.open, open) }
  } while ((await Promise.race([ended, wait(500, 'Going' as const)])) === 'Going')
  if (most.open === 0) throw new Error('the flood opened no request')
  if (most.held > mostHeld || most.open > mostOpen) {
    throw new Error(`${most.held} calls were held of ${mostHeld} at most, ${most.open} requests open of ${mostOpen}`)
  }
  return most
}

const p99 = { of: 'ratio', atMost: 2 } as const

function rowsOf(
  { quiet, flood, crowd: others, seen }: Series,
  ended: Readonly<Record<string, number>>,
): readonly Row[] {
  const rows = (figure: string, of: keyof Measured): readonly Row[] => [
    ...latencyRows({ figure: `${figure}, quiet`, rounds: quiet[of], baseline: quiet[of] }),
    ...latencyRows({ figure: `${figure}, flood`, rounds: flood[of], baseline: quiet[of], goals: { p99 } }),
    ...latencyRows({ figure: `${figure}, ungated flood`, rounds: others[of], baseline: quiet[of] }),
  ]
  const most = (figure: string, unit: string, of: keyof Seen, atMost: number): Row =>
    makeRow({ figure, unit, samples: seen.map((one) => one[of]), goal: { of: 'value', atMost } })
  return [
    ...rows('another account', 'other'),
    ...rows('the operator', 'own'),
    most('held at once', 'calls', 'held', mostHeld),
    most('waiting for people', 'requests', 'open', mostOpen),
    ...Object.entries(ended).map(([status, count]) =>
      makeRow({ figure: `the agent was answered ${status}`, unit: 'calls', samples: [count] }),
    ),
  ]
}
