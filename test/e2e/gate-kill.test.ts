import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { CommandResult } from '../../cluster/command.ts'
import { startControlPlane } from '../../cluster/control-plane.ts'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import { kubeconfig } from '../../cluster/kubeconfig.ts'
import { choosePort } from '../../cluster/port.ts'
import { startCountersign } from '../../demo/countersign.ts'
import type { Countersign } from '../../demo/countersign.ts'
import { deployment } from '../../demo/objects.ts'
import { prepareScene } from '../../demo/scene.ts'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { startApiProxy } from '../fake/api-proxy.ts'
import type { ApiProxy, Passing, Trap } from '../fake/api-proxy.ts'
import { startBalancer } from '../fake/balancer.ts'
import type { Backend, Balancer } from '../fake/balancer.ts'
import { scaled, soak } from '../scale.ts'
import { until } from '../until.ts'
import { gated, gateOf, shortTimes } from './gate-stage.ts'
import type { GateTools } from './gate-stage.ts'

type Role = 'webhook' | 'operator'
type Replica = { readonly role: Role; readonly process: Countersign; readonly proxy: ApiProxy }

let plane: ControlPlane
let balancer: Balancer
let replicas: readonly Replica[] = []
let gate: GateTools

/** Two webhooks behind a balancer and two operators, each with a proxy of its own before the API server. */
beforeAll(async () => {
  plane = await startControlPlane({ env: process.env })
  const scene = await prepareScene(plane)
  const places = [await choosePlace(), await choosePlace()] as const
  balancer = await startBalancer(places)
  const url = `https://127.0.0.1:${balancer.port}`
  const operators = [await startReplica('operator', 'o1', { url }), await startReplica('operator', 'o2', { url })]
  const webhooks = [
    await startReplica('webhook', 'w1', { url, ...places[0] }),
    await startReplica('webhook', 'w2', { url, ...places[1] }),
  ]
  replicas = [...operators, ...webhooks]
  gate = gateOf(scene)
  await gated(scene)
  await scene.apply(deployment('web'), ...Array.from({ length: held }, (_, index) => deployment(`held-${index}`)))
}, 180_000)

afterAll(async () => {
  await Promise.all(replicas.map(({ process: running }) => running.stop()))
  await Promise.all(replicas.map(({ proxy }) => proxy.stop()))
  await balancer.stop()
  await plane.stop()
}, 60_000)

const held = scaled(8, 20)

type Place = Backend & { readonly healthPort: number }

async function choosePlace(): Promise<Place> {
  const healthPort = await choosePort()
  return { port: await choosePort(), healthPort, readyURL: `http://127.0.0.1:${healthPort}/readyz` }
}

async function startReplica(
  role: Role,
  name: string,
  { url, ...place }: { readonly url: string } & Partial<Place>,
): Promise<Replica> {
  const proxy = await startApiProxy({ url: plane.url, ca: readFileSync(plane.caFile, 'utf8') })
  const file = path.join(plane.folder, `${name}.kubeconfig`)
  await writeFile(file, kubeconfig({ server: proxy.url, ca: proxy.ca, user: plane.user('admin') }))
  const running = await startCountersign(plane, {
    name,
    components: [role],
    url,
    ...place,
    config: {
      ...shortTimes,
      webhook: { holdSeconds: 4, patienceSeconds: 60, holdSlotsPerAgent: 12, drainSeconds: 1 },
      kubernetes: { kubeconfig: file },
    },
    awaitReady: role === 'operator',
  })
  return { role, process: running, proxy }
}

const ofStatus = ({ method, path: to }: Passing): boolean =>
  method === 'PATCH' && /approvalrequests\/.*\/status/.test(to)

const opens = ({ method, path: to }: Passing): boolean => method === 'POST' && /\/approvalrequests(?:\?|$)/.test(to)
const decides = (passing: Passing): boolean => ofStatus(passing) && passing.body.includes('"/status/decision"')
const claims = (passing: Passing): boolean => ofStatus(passing) && passing.body.includes('claims')
const notes = (passing: Passing): boolean => ofStatus(passing) && !decides(passing)

const tells =
  (namespace: string) =>
  ({ method, path: to }: Passing): boolean =>
    method === 'POST' && to.includes(`/namespaces/${namespace}/events`)
const renews = ({ method, path: to }: Passing): boolean => method === 'PUT' && /\/leases\/countersign-/.test(to)

type Point = { readonly name: string; readonly role: Role } & Trap

const points: readonly Point[] = [
  { name: 'the webhook, before it opens the request', role: 'webhook', moment: 'Before', matches: opens },
  { name: 'the webhook, after it has opened the request', role: 'webhook', moment: 'After', matches: opens },
  { name: 'the operator, before it decides', role: 'operator', moment: 'Before', matches: decides },
  { name: 'the operator, after it has decided', role: 'operator', moment: 'After', matches: decides },
  { name: 'the webhook, before it claims', role: 'webhook', moment: 'Before', matches: claims },
  { name: 'the webhook, after it has claimed', role: 'webhook', moment: 'After', matches: claims },
]

const writes: readonly (readonly [role: Role, write: string, matches: Trap['matches']])[] = [
  ['operator', 'its first note', notes],
  [
    'operator',
    'it notes what stands around the target',
    (passing) => notes(passing) && passing.body.includes('/context'),
  ],
  ['operator', 'it notes what became of it', (passing) => notes(passing) && passing.body.includes('Executed')],
  ['operator', 'it tells the request’s Event', tells('countersign-system')],
  ['operator', 'it tells the target’s Event', tells('prod')],
  ['operator', 'it renews its Lease', renews],
  ['webhook', 'it renews its Lease', renews],
]

const morePoints: readonly Point[] = writes.flatMap(([role, write, matches]) =>
  (['Before', 'After'] as const).map((moment) => ({
    name: `the ${role}, ${moment.toLowerCase()} ${write}`,
    role,
    moment,
    matches,
  })),
)

const allPoints = soak ? [...points, ...morePoints] : points

/** Kills whichever replica of the role the trap catches first, and that one alone. Resolves with it. */
async function killAt({ role, moment, matches }: Point): Promise<Replica> {
  const armed = replicas.filter((replica) => replica.role === role)
  const caught = await Promise.race(armed.map((replica) => replica.proxy.set({ moment, matches }).then(() => replica)))
  for (const { proxy } of armed) proxy.clear()
  await caught.process.kill('SIGKILL')
  return caught
}

/** What the guide tells agents: killed while waiting, or no answer at all: run the same command again. */
async function untilAnswered(args: readonly string[]): Promise<CommandResult> {
  let last: CommandResult | undefined
  for (let run = 0; run < 12; run += 1) {
    last = await gate.agent(args)
    const again = /failed calling webhook|ApprovalPending|ApprovalReady|TooManyRequests|connection/.test(last.stderr)
    if (last.code === 0 || !again) return last
  }
  throw new Error(`no answer in twelve runs; the last said: ${last?.stderr}`)
}

/** Whoever is asked says yes, until the command has ended; records what each decision said when it was first seen. */
async function approveUntil(end: Promise<unknown>, payloads: Map<string, string>): Promise<void> {
  const ended = new AbortController()
  void end.finally(() => ended.abort())
  const voted = new Set<string>()
  while (!ended.signal.aborted) {
    for (const request of await gate.requests()) {
      const { name } = request.metadata
      const payload = request.status?.record?.payload
      if (payload !== undefined && !payloads.has(name)) payloads.set(name, payload)
      if (request.status?.decision !== undefined || voted.has(name)) continue
      voted.add(name)
      await gate.vote('alice', 'Approve', { request })
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function claimsOf({ status }: ApprovalRequest): number {
  return status?.grant?.claims.length ?? 0
}

describe('whoever is killed, at whichever point', () => {
  test.each(allPoints)(
    '$name: the command ends as people decided, its approval used once',
    async (point) => {
      const before = new Set((await gate.requests()).map(({ metadata }) => metadata.name))
      const payloads = new Map<string, string>()
      const image = `registry.example/main:${allPoints.indexOf(point) + 1}`
      const killed = killAt(point)
      const command = untilAnswered(['set', 'image', 'deployment/web', '-n', 'prod', `main=${image}`])
      await approveUntil(command, payloads)
      expect(await command).toMatchObject({ code: 0 })
      const { process: dead } = await killed
      await dead.start()
      const opened = (await gate.requests()).filter(({ metadata }) => !before.has(metadata.name))
      expect(opened.map((request) => [request.status?.decision, claimsOf(request)])).toEqual([['Approved', 1]])
      for (const { metadata, status } of opened) {
        const first = payloads.get(metadata.name)
        if (first !== undefined) expect(status?.record?.payload).toBe(first)
      }
      const now = await gate.admin(['get', 'deployment', 'web', '-n', 'prod', '-o', 'jsonpath={..image}'])
      expect(now).toBe(image)
    },
    180_000,
  )
})

describe('a rolling restart', () => {
  test('no held call is lost: each waits on with another replica and is answered', async () => {
    const before = (await gate.requests()).length
    const commands = Array.from({ length: held }, (_, index) =>
      gate.agent(['set', 'image', `deployment/held-${index}`, '-n', 'prod', 'main=registry.example/main:99']),
    )
    await until('all wait', async () => (await gate.requests()).length === before + held, 60_000)
    for (const { role, process: running } of replicas) {
      if (role !== 'webhook') continue
      await running.kill('SIGTERM')
      await running.start()
    }
    await approveUntil(Promise.all(commands), new Map())
    const ended = await Promise.all(commands)
    expect(ended.map(({ code, stderr }) => (code === 0 ? 'done' : stderr))).toEqual(ended.map(() => 'done'))
  }, 180_000)
})
