import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { createConfigMap } from './config-maps.ts'
import { makeHttpClient } from './http-client.ts'

// An agent that has gone wild: so many commands at once, each sent again as client-go does, and begun anew when it has
// failed. The first line of input says where; every later one of `go` or `stop` is obeyed, and `stop` is answered by what
// became of the calls. A process of its own, so that others who measure are not held up by it. Ends with its input.

type Order = {
  readonly url: string
  readonly ca: string
  readonly token: string
  readonly namespace: string
  readonly count: number
}

/** client-go gives up after ten answers of 429. */
const mostRetries = 10
/** A program that runs kubectl again and again starts it a few times a second at most. */
const betweenCommandsMs = 1_000

let going = new AbortController()
const ended: Record<string, number> = {}

async function command(send: ReturnType<typeof makeHttpClient>['send'], order: Order, index: number): Promise<void> {
  for (let tries = 0; tries <= mostRetries; tries += 1) {
    const call = createConfigMap(order.namespace, `flood-${index}`)
    const { status, retryAfter } = await send({ ...call, signal: going.signal })
    ended[status] = (ended[status] ?? 0) + 1
    if (status !== 429) return
    await wait(Number(retryAfter ?? 1) * 1000, undefined, { signal: going.signal })
  }
}

async function worker(send: ReturnType<typeof makeHttpClient>['send'], order: Order, index: number): Promise<void> {
  const { signal } = going
  // People and programs do not begin in the same millisecond.
  await wait((betweenCommandsMs * index) / order.count, undefined, { signal })
  while (!signal.aborted) {
    await command(send, order, index)
    await wait(betweenCommandsMs, undefined, { signal })
  }
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
process.stdout.write('ready\n')
const order: Order = JSON.parse((await lines.next()).value ?? '{}')
const { send } = makeHttpClient({ ...order, sockets: order.count })
let workers: Promise<unknown> = Promise.resolve()
for (;;) {
  const { value, done } = await lines.next()
  if (done === true) process.exit()
  if (value === 'go') {
    going = new AbortController()
    workers = Promise.allSettled(Array.from({ length: order.count }, (_, index) => worker(send, order, index)))
  } else {
    going.abort()
    await workers
    process.stdout.write(`${JSON.stringify(ended)}\n`)
  }
}
