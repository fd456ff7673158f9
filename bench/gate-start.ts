import { setTimeout as wait } from 'node:timers/promises'
import type { Countersign } from '../demo/countersign.ts'
import { admissionPath } from '../src/webhook/server.ts'
import { gated } from '../test/e2e/gate-stage.ts'
import type { Bench } from './compare.ts'
import { agent, gatedNamespace, onGround } from './gate-ground.ts'
import type { Ground } from './gate-ground.ts'
import { makeHttpClient } from './http-client.ts'
import { deploymentReview } from './reviews.ts'
import { makeRow } from './row.ts'
import type { Goal, Row } from './row.ts'
import type { Section } from './section.ts'
import { usageOf } from './usage.ts'

export const gateStart: Section = {
  name: 'gate-start',
  about:
    'node src/main.ts serve, as it is: many files whose types are stripped on the way, where a bundle is one without. ' +
    'Each component is started again on a cluster that knows it: from exec to Ready. Memory of the webhook at rest, ' +
    'with every slot held by a Create of 19 KB, and at rest again.',
  run: (bench) => onGround(settings, (ground) => measureStart(bench, ground)),
}

const slots = 12
const settings = { holdSlots: slots, holdSlotsPerAgent: slots, mostPending: 100 }
/** What has been started does its first rounds, and the garbage of the start goes. */
const restMs = 3_000

type Told = { readonly wallMillis: number; readonly cpuMillis: number; readonly idleMiB: number }
type Held = { readonly heldMiB: number; readonly afterMiB: number }

const idle: Goal = { of: 'value', atMost: 100 }

async function measureStart({ plan }: Bench, ground: Ground): Promise<readonly Row[]> {
  const operator: Told[] = []
  const webhook: (Told & Held)[] = []
  await makeAgents(ground, plan.rounds)
  for (let round = 0; round < plan.rounds; round += 1) {
    operator.push(await restart(ground.operator))
    const told = await restart(ground.webhook)
    webhook.push({ ...told, ...(await hold(ground, round)) })
  }
  return [...startRows('webhook', webhook), ...startRows('operator', operator), ...heldRows(webhook)]
}

const agentOf = (round: number): string => `bot-${round}`

/** An agent for each round: who has asked before has requests that wait. */
async function makeAgents({ scene }: Ground, rounds: number): Promise<void> {
  const names = Array.from({ length: rounds }, (_, round) => agentOf(round))
  const labels = { 'countersign.dev/agent': 'true' }
  await scene.apply(
    ...names.map((name) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: agent.namespace, name, labels },
    })),
  )
  for (const name of names) await gated(scene, `${agent.namespace}.${name}`)
}

async function restart(countersign: Countersign): Promise<Told> {
  await countersign.kill('SIGTERM')
  const began = performance.now()
  await countersign.start()
  const wallMillis = performance.now() - began
  const { cpuMicros } = await usageOf(countersign.healthPort)
  await wait(restMs)
  return { wallMillis, cpuMillis: cpuMicros / 1000, idleMiB: (await usageOf(countersign.healthPort)).rssMiB }
}

/** Fills the slots with calls of an agent of this round alone: those of the last one still wait for a person. */
async function hold(ground: Ground, round: number): Promise<Held> {
  const { webhookPort, healthPort } = ground.webhook
  const client = makeHttpClient({
    url: `https://127.0.0.1:${webhookPort}`,
    ca: await ground.webhookCA(),
    sockets: slots,
  })
  const ended = new AbortController()
  const calls = Array.from({ length: slots }, (_, index) =>
    client.send({
      method: 'POST',
      path: `${admissionPath}?timeout=30s`,
      body: reviewOf(round, index),
      signal: ended.signal,
    }),
  )
  const answered = Promise.race(calls).then(({ text }) => Promise.reject(new Error(`a call was not held: ${text}`)))
  const all = Promise.allSettled([...calls, answered])
  try {
    const heldMiB = await Promise.race([memoryWith(healthPort, slots), answered])
    ended.abort()
    return { heldMiB, afterMiB: await memoryWith(healthPort, 0) }
  } finally {
    ended.abort()
    await all
    client.close()
  }
}

function reviewOf(round: number, index: number): Uint8Array {
  const bytes = deploymentReview('Create', { bytes: 18_960, namespace: gatedNamespace, name: `shop-${round}-${index}` })
  const text = Buffer.from(bytes).toString()
  const uid = `705ab4f5-6393-11e8-b7cc-${String(round * slots + index).padStart(12, '0')}`
  return Buffer.from(
    text.replace(/"uid":"[^"]*"/, `"uid":"${uid}"`).replaceAll('agents:bot', `agents:${agentOf(round)}`),
  )
}

/** The memory once so many are held, and nothing has happened for a moment. */
async function memoryWith(healthPort: number, held: number): Promise<number> {
  const began = performance.now()
  while ((await usageOf(healthPort)).held !== held) {
    if (performance.now() - began > 10_000) throw new Error(`there were never ${held} calls held`)
    await wait(20)
  }
  await wait(restMs)
  return (await usageOf(healthPort)).rssMiB
}

function startRows(name: string, told: readonly Told[]): readonly Row[] {
  const cpu = told.map(({ cpuMillis }) => cpuMillis)
  const wall = told.map(({ wallMillis }) => wallMillis)
  return [
    makeRow({ figure: `${name}: cold start to Ready, not bundled`, unit: 'ms CPU', samples: cpu, wall }),
    makeRow({ figure: `${name}: at rest`, unit: 'MiB RSS', samples: told.map(({ idleMiB }) => idleMiB), goal: idle }),
  ]
}

function heldRows(webhook: readonly (Told & Held)[]): readonly Row[] {
  const over = webhook.map(({ heldMiB, idleMiB }) => heldMiB - idleMiB)
  const after = webhook.map(({ afterMiB, idleMiB }) => afterMiB - idleMiB)
  return [
    makeRow({
      figure: `webhook: with ${slots} calls held, over that`,
      unit: 'MiB RSS',
      samples: over,
      goal: { of: 'value', atMost: 64 },
    }),
    makeRow({ figure: 'webhook: at rest again, over that', unit: 'MiB RSS', samples: after }),
  ]
}
