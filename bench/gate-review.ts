import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { admissionPath } from '../src/webhook/server.ts'
import { localhostCertificate } from '../test/fake/localhost-cert.ts'
import type { Bench } from './compare.ts'
import { gatedNamespace, onGround, openNamespace } from './gate-ground.ts'
import type { Ground } from './gate-ground.ts'
import { makeHttpClient } from './http-client.ts'
import type { HttpClient } from './http-client.ts'
import { drive } from './load.ts'
import { startNode } from './node-process.ts'
import { deploymentReview } from './reviews.ts'
import { rotated } from './rounds.ts'
import { makeRow } from './row.ts'
import type { Goal, Row } from './row.ts'
import type { Section } from './section.ts'
import { usageOf } from './usage.ts'

export const gateReview: Section = {
  name: 'gate-review',
  about:
    'CPU time of the webhook process for one review that is posted to it over TLS, 16 at once on connections that stay ' +
    'open, against bare node:https that parses and allows. 50 policies, metrics on. Ungated: 10 of the policies are ' +
    'about its resource, none about its namespace. Repeat: it waits for a person, and its patience is spent.',
  run: measureReviews,
}

/** The agent may be behind 25 connections that the API server keeps. */
const atOnce = 16
const perSlice = 1500
/** The compiler has done its work then. */
const warming = 4000

type Target = { readonly client: HttpClient; readonly healthPort: number }
type Candidate = { readonly target: Target; readonly body: Uint8Array; readonly says: string }
type Case = { readonly figure: string; readonly body: Uint8Array; readonly says: string; readonly goal?: Goal }

const goal: Goal = { of: 'ratio', atMost: 1.5 }
const sizes = [
  { size: '5 KB Create', bytes: 5_350, operation: 'Create' },
  { size: '19 KB Update', bytes: 18_960, operation: 'Update' },
] as const

function measureReviews(bench: Bench): Promise<readonly Row[]> {
  return onGround({ holdSeconds: 0.2, patienceSeconds: 0.2 }, (ground) => measureOn(bench, ground))
}

async function measureOn(bench: Bench, ground: Ground): Promise<readonly Row[]> {
  const noOp = await startNode([fileURLToPath(new URL('no-op-process.ts', import.meta.url))])
  const { port, healthPort } = JSON.parse(noOp.greeting)
  const bare = targetOf({ port, healthPort, ca: localhostCertificate })
  const { webhookPort, healthPort: ourHealthPort } = ground.webhook
  const ours = targetOf({ port: webhookPort, healthPort: ourHealthPort, ca: await ground.webhookCA() })
  try {
    const rows: Row[] = []
    for (const { figure, body, says, goal: wanted } of await casesOf(ours)) {
      const samples = await costs(bench, [
        { target: bare, body, says: '"allowed":true' },
        { target: ours, body, says },
      ])
      const [baseline = [], own = []] = samples
      rows.push(
        makeRow({ figure: `${figure}: bare https + JSON.parse`, unit: 'µs CPU', samples: baseline, baseline }),
        makeRow({ figure: `${figure}: ours`, unit: 'µs CPU', samples: own, baseline, goal: wanted }),
      )
    }
    return rows
  } finally {
    bare.client.close()
    ours.client.close()
    await noOp.end()
  }
}

type Address = { readonly port: number; readonly healthPort: number; readonly ca: string }

function targetOf({ port, healthPort, ca }: Address): Target {
  return { client: makeHttpClient({ url: `https://127.0.0.1:${port}`, ca, sockets: atOnce }), healthPort }
}

async function casesOf(ours: Target): Promise<readonly Case[]> {
  const ungated = sizes.map(({ size, bytes, operation }): Case => ({
    figure: `ungated ${size}`,
    body: deploymentReview(operation, { bytes, namespace: openNamespace, name: 'shop' }),
    says: '"allowed":true',
    goal,
  }))
  // Creates: what the API server sends of an Update would have to be what stands there.
  const gated = sizes.map(({ bytes }, index): Case => ({
    figure: `repeat ${['5 KB', '19 KB'][index]} Create`,
    body: deploymentReview('Create', { bytes, namespace: gatedNamespace, name: `shop-${index}` }),
    says: 'WAITING',
  }))
  for (const { body } of [...gated, ...gated]) await post(ours, body)
  for (const { body, says } of gated) await expectedOf({ target: ours, body, says })
  return [...ungated, ...gated]
}

/** CPU time of a review at each candidate, for each round. */
async function costs({ plan }: Bench, candidates: readonly Candidate[]): Promise<readonly (readonly number[])[]> {
  const all = candidates.map((candidate) => ({ candidate, micros: [] as number[] }))
  for (const { candidate } of all) await slice(candidate, warming)
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const { candidate, micros } of rotated(all, round)) micros.push(await slice(candidate, perSlice))
  }
  return all.map(({ micros }) => micros)
}

async function slice(candidate: Candidate, count: number): Promise<number> {
  const { healthPort } = candidate.target
  const before = await usageOf(healthPort)
  await drive({ count, atOnce }, () => expectedOf(candidate))
  const after = await usageOf(healthPort)
  return (after.cpuMicros - before.cpuMicros) / count
}

async function expectedOf({ target, body, says }: Candidate): ReturnType<HttpClient['send']> {
  const reply = await post(target, body)
  if (reply.status === 200 && reply.text.includes(says)) return reply
  throw new Error(`a review was answered ${reply.status} ${reply.text}, not ${says}`)
}

/** Under a uid of its own, as every call. */
function post({ client }: Target, body: Uint8Array): ReturnType<HttpClient['send']> {
  const fresh = Buffer.from(body)
  fresh.write(randomUUID(), fresh.indexOf('"uid":"') + '"uid":"'.length)
  return client.send({ method: 'POST', path: `${admissionPath}?timeout=30s`, body: fresh })
}
