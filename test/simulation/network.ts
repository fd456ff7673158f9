import type { Dispatcher } from 'undici'
import type { Clients } from '../../src/kubernetes/clients.ts'
import { makeLife } from '../../src/kubernetes/life.ts'
import { callUntilAnswered } from '../../src/kubernetes/persist.ts'
import type { Timers } from '../../src/kubernetes/timers.ts'
import { transportLimits } from '../../src/kubernetes/transport.ts'
import type { Call, Reply, Transport } from '../../src/kubernetes/transport.ts'
import { FakeRefusal } from '../fake/api-server-refusal.ts'
import type { Asked, Served, RecordsServer } from './records-server.ts'
import type { Stage } from './stage.ts'

/** A process that can be killed between any two things that it does. */
export type Mortal = {
  readonly dead: () => boolean
  /** Asked before and after each call. */
  readonly mayDie: (when: 'before' | 'after', method: Call['method']) => void
  /** The network let it down: what it answers may come late. */
  readonly troubled: () => void
}

/** Of all calls, so many end the process that makes them, each time before or after: of writes the most. */
export function deathRate(method: Call['method']): number {
  return method === 'GET' ? 0.003 : 0.03
}

export type Line = { readonly stage: Stage; readonly server: RecordsServer; readonly timers: Timers }

/** The transport of one process: the real one, with its retries, deadlines and doubts, but for the sockets. */
export function connect({ stage, server, timers }: Line, mortal: Mortal): Transport {
  const clients = clientsOf(stage, server, mortal)
  const options = { timers, random: stage.random, userAgent: 'simulation', limits: transportLimits }
  const line = { prefix: '', userAgent: 'simulation', token: () => Promise.resolve('a-token') }
  const send = (call: Call): Promise<Reply> =>
    callUntilAnswered(line, call, { life: makeLife(call.signal, () => undefined), clients, options })
  return {
    call: async (call) => {
      mortal.mayDie('before', call.method)
      if (mortal.dead()) return silence()
      try {
        return await send(call)
      } finally {
        mortal.mayDie('after', call.method)
        if (mortal.dead()) await silence()
      }
    },
    stream: () => silence(),
    close: () => Promise.resolve(),
  }
}

/** Whoever is dead neither goes on nor hears anything. */
function silence(): Promise<never> {
  return new Promise(() => undefined)
}

function clientsOf(stage: Stage, server: RecordsServer, mortal: Mortal): Clients {
  const client = {
    dispatch: (request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      const controller = makeController()
      handler.onRequestStart?.(controller, {})
      void carry({ stage, server, mortal }, askedIn(request), { controller, handler })
      return true
    },
    destroy: () => Promise.resolve(),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all of a client that the transport uses
  const only = client as unknown as NonNullable<Awaited<ReturnType<Clients['take']>>>
  return { take: () => Promise.resolve(only), give: () => undefined, close: () => Promise.resolve() }
}

function askedIn(request: Dispatcher.DispatchOptions): Asked {
  const { pathname, searchParams } = new URL(request.path, 'https://simulation')
  const query = { ...Object.fromEntries(searchParams), ...Object.fromEntries(Object.entries(request.query ?? {})) }
  const body = typeof request.body === 'string' ? request.body : Buffer.from(bytesOf(request.body)).toString()
  return { method: request.method, path: pathname, query, body }
}

function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array()
}

type Controller = Dispatcher.DispatchController

function makeController(): Controller {
  let aborted = false
  return {
    get aborted() {
      return aborted
    },
    paused: false,
    reason: null,
    abort: () => {
      aborted = true
    },
    pause: () => undefined,
    resume: () => undefined,
  }
}

type Ends = { readonly controller: Controller; readonly handler: Dispatcher.DispatchHandler }
type Way = { readonly stage: Stage; readonly server: RecordsServer; readonly mortal: Mortal }

/** There and back. What is on its way arrives, mostly also when its sender has given it up or died. */
async function carry({ stage, server, mortal }: Way, asked: Asked, { controller, handler }: Ends): Promise<void> {
  const fate = fateOf(stage)
  if (fate.trouble) mortal.troubled()
  await stage.clock.sleep(fate.thereMs)
  if (fate.lost === 'Before' || (controller.aborted && fate.cut)) {
    handler.onResponseError?.(controller, new Error('reset'))
    return
  }
  const date = new Date(stage.clock.now()).toUTCString()
  const { status, text } = fate.refusal === undefined ? server.serve(asked) : refused(fate.refusal)
  await stage.clock.sleep(fate.backMs)
  if (controller.aborted) return
  if (fate.lost === 'After') {
    handler.onResponseError?.(controller, new Error('reset'))
    return
  }
  handler.onResponseStart?.(controller, status, headersOf(fate, date), '')
  handler.onResponseData?.(controller, Buffer.from(text))
  handler.onResponseEnd?.(controller, {})
}

type Fate = {
  readonly thereMs: number
  readonly backMs: number
  readonly lost: 'Before' | 'After' | undefined
  readonly refusal: number | undefined
  readonly retryAfter: boolean
  readonly cut: boolean
  readonly trouble: boolean
}

function fateOf(stage: Stage): Fate {
  const leg = (): number => (stage.mishap(0.02) ? stage.between(1_000, 25_000) : stage.between(1, 12))
  const thereMs = leg()
  const backMs = leg()
  const lost = stage.mishap(0.04) ? stage.pick(['Before', 'After', 'After'] as const) : undefined
  const refusal = stage.mishap(0.04) ? stage.pick([500, 429, 503]) : undefined
  const trouble = lost !== undefined || refusal !== undefined || thereMs + backMs > 500
  return { thereMs, backMs, lost, refusal, retryAfter: stage.is(0.3), cut: stage.is(0.5), trouble }
}

function refused(status: number): Served {
  return { status, text: JSON.stringify(new FakeRefusal(status, 'InternalError').status()) }
}

function headersOf(fate: Fate, date: string): Record<string, string> {
  const headers = { 'content-type': 'application/json', date }
  return fate.refusal !== undefined && fate.retryAfter ? { ...headers, 'retry-after': '1' } : headers
}
