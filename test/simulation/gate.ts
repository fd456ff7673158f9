import { present, reviewOf } from './commands.ts'
import type { Command, Presented } from './commands.ts'
import type { Ledger } from './ledger.ts'
import type { Quota } from './quota.ts'
import type { Replica } from './replica.ts'
import type { Stage } from './stage.ts'
import { meddle, putBack } from './world.ts'
import type { World } from './world.ts'

/** What the agent gets. */
export type Outcome = {
  readonly code: number
  readonly reason: string
  readonly retryAfterSeconds?: number | undefined
}

export type GatePorts = {
  readonly world: World
  readonly ledger: Ledger
  readonly replicas: readonly Replica[]
  readonly quota: Quota
}

/** One sending of a command. `version`: that of the object as the command read it, for a PUT. */
type Sending = { readonly command: Command; readonly version: string | undefined; readonly gone: AbortSignal }

/** The API server's own way with a write of an agent: present, ask the webhook, write what is still as it was, else again. */
export type Gate = (sending: Sending) => Promise<Outcome>

/** As apiserver does: 34 s for a write, 30 s for a webhook, five tries at a write that others disturb. */
const writeMs = 34_000
const webhookMs = 30_000
const mostTries = 5

export function makeGate(stage: Stage, ports: GatePorts): Gate {
  return async (sending) => {
    const endsAt = stage.clock.elapsed() + writeMs
    for (let tries = 0; tries < mostTries; tries += 1) {
      const presented = present(stage, ports.world, sending.command)
      if (presented === undefined) return { code: 404, reason: 'NotFound' }
      const uid = stage.newUID()
      const verdict = await ask(stage, ports, { uid, presented, endsAt, gone: sending.gone })
      if (verdict.code !== 200) return verdict
      const end = await write(stage, ports, { uid, presented, sending, endsAt })
      if (end !== 'Again') return end
    }
    return { code: 409, reason: 'Conflict' }
  }
}

type Asking = {
  readonly uid: string
  readonly presented: Presented
  readonly endsAt: number
  readonly gone: AbortSignal
}

/** The same body under the same uid again, to whichever replica, after a 503. */
async function ask(stage: Stage, { replicas, ledger }: GatePorts, asking: Asking): Promise<Outcome> {
  const { uid, presented } = asking
  const body = Buffer.from(reviewOf(presented, uid))
  const endsAt = Math.min(stage.clock.elapsed() + webhookMs, asking.endsAt)
  for (;;) {
    const up = replicas.filter((replica) => replica.isUp())
    const leftMs = endsAt - stage.clock.elapsed()
    if (up.length === 0 || leftMs <= 0) return { code: 500, reason: 'InternalError' }
    const told = await callOnce(stage, stage.pick(up), { body, leftMs, gone: asking.gone })
    if (told === 'Late') {
      if (!asking.gone.aborted) ledger.report('NoAnswer', `${presented.command.kind} ${uid}: nothing within 30 s`)
      return { code: 500, reason: 'Timeout' }
    }
    if (told === 'Reset') return { code: 500, reason: 'InternalError' }
    if (told.status !== 503) return outcomeIn(told.body)
    await stage.clock.sleep(Number(told.headers['retry-after'] ?? '1') * 1000 + stage.between(0, 100))
  }
}

type Calling = { readonly body: Uint8Array; readonly leftMs: number; readonly gone: AbortSignal }

async function callOnce(stage: Stage, replica: Replica, { body, leftMs, gone }: Calling): ReturnType<Replica['post']> {
  const socket = new AbortController()
  const close = (): void => socket.abort()
  gone.addEventListener('abort', close)
  const late = stage.clock.sleep(leftMs, socket.signal).then((): 'Late' | 'Reset' => (gone.aborted ? 'Reset' : 'Late'))
  const told = await Promise.race([
    replica.post({ body, cutOff: false, timeoutMs: Math.floor(leftMs / 1000) * 1000, gone: socket.signal }),
    late,
  ])
  gone.removeEventListener('abort', close)
  socket.abort()
  if (told === 'Late' && replica.troubled(stage.clock.elapsed() - leftMs)) return 'Reset'
  return stage.mishap(0.01) ? 'Reset' : told
}

function outcomeIn(body: string): Outcome {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by our own code a moment ago
  const { response } = JSON.parse(body) as { readonly response: Response }
  if (response.allowed) return { code: 200, reason: '' }
  const { code = 400, reason = '', details } = response.status ?? {}
  return { code, reason, retryAfterSeconds: details?.retryAfterSeconds }
}

type Response = {
  readonly allowed: boolean
  readonly status?: {
    readonly code?: number
    readonly reason?: string
    readonly details?: { readonly retryAfterSeconds?: number }
  }
}

type Writing = {
  readonly uid: string
  readonly presented: Presented
  readonly sending: Sending
  readonly endsAt: number
}

/** What follows after the webhook's yes: a while, later steps that may refuse, and the write, whose answer may be lost. */
async function write(stage: Stage, ports: GatePorts, writing: Writing): Promise<Outcome | 'Again'> {
  const { gone } = writing.sending
  const leftMs = writing.endsAt - stage.clock.elapsed()
  await stage.clock.sleep(stage.mishap(0.15) ? stage.between(0, Math.max(0, leftMs)) : stage.between(1, 20))
  const { presented } = writing
  const { resource } = presented.command
  if (gone.aborted && stage.is(0.5)) return { code: 499, reason: 'Gone' }
  if (ports.quota.refuses(presented.name)) return { code: stage.pick([403, 500, 409]), reason: 'QuotaExceeded' }
  if (stage.mishap(0.4)) meddle(stage, ports.world, resource, presented.name)
  const stored = store(ports, writing)
  if (stored === done && stage.mishap(0.6)) void putBack(stage, ports.world, resource, presented.name)
  return stored !== 'Again' && stage.mishap(0.04) ? { code: 500, reason: 'AnswerLost' } : stored
}

const done: Outcome = { code: 200, reason: '' }
const conflict: Outcome = { code: 409, reason: 'Conflict' }

function store({ world, ledger }: GatePorts, { uid, presented, sending }: Writing): Outcome | 'Again' {
  const { command, operation, name, object, old } = presented
  const there = world.find(command.resource, name)
  const carriedOut = (changed: boolean): Outcome => {
    ledger.carriedOut(uid, presented, changed)
    return done
  }
  if (operation === 'CONNECT') return carriedOut(true)
  if (operation === 'CREATE') {
    if (there !== undefined) return { code: 409, reason: 'AlreadyExists' }
    return carriedOut(world.put(command.resource, asThing(object)))
  }
  if (there === undefined) return { code: 404, reason: 'NotFound' }
  if (sending.version !== undefined && sending.version !== there.metadata.resourceVersion) return conflict
  if (old?.metadata.resourceVersion !== there.metadata.resourceVersion) return 'Again'
  if (operation === 'UPDATE') return carriedOut(world.put(command.resource, asThing(object)))
  world.remove(command.resource, name)
  return carriedOut(true)
}

function asThing(object: Presented['object']): Parameters<World['put']>[1] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is presented for a write is a thing
  return object as Parameters<World['put']>[1]
}
