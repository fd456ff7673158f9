import { admit } from '../../src/app/admit.ts'
import type { AdmitPorts } from '../../src/app/admit-ports.ts'
import type { Answer } from '../../src/app/answer.ts'
import type { Call } from '../../src/app/gated-call.ts'
import { makeHoldTimes } from '../../src/compose/hold-times.ts'
import { makeServerClock } from '../../src/compose/server-clock.ts'
import { agentLabel } from '../../src/domain/agent-name.ts'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import type { Call as ApiCall } from '../../src/kubernetes/transport.ts'
import { makeObjects } from '../../src/kubernetes/objects.ts'
import { approvalPolicies } from '../../src/kubernetes/kinds.ts'
import { makeHandler } from '../../src/webhook/handle.ts'
import type { HttpAnswer } from '../../src/webhook/respond.ts'
import type { Posted } from '../../src/webhook/server.ts'
import type { Keys } from './keys.ts'
import type { Ledger } from './ledger.ts'
import { connect, deathRate } from './network.ts'
import type { Plant } from './plant.ts'
import { asRequest, recordsNamespace, requestsCollection } from './records-server.ts'
import type { RecordsServer } from './records-server.ts'
import type { Stage } from './stage.ts'
import { makePorts, mostPending } from './webhook-ports.ts'
import type { Surroundings } from './webhook-ports.ts'
import { watchMemory } from './webhook-memory.ts'

export type WebhookWorld = {
  readonly stage: Stage
  readonly server: RecordsServer
  readonly keys: Keys
  readonly ledger: Ledger
  readonly plant: Plant
}

/** A webhook replica from its start to its death. */
export type WebhookProcess = {
  readonly ready: () => Promise<void>
  readonly isReady: () => boolean
  readonly ended: () => Promise<void>
  readonly post: (posted: Posted) => Promise<HttpAnswer | 'Reset'>
  readonly troubled: (since: number) => boolean
  readonly stop: () => void
}

const skewMs = 30_000

/** After the end of a call, its work may go on for a while, to find out what became of a write. */
const longestWorkMs = 180_000

export function startWebhook(world: WebhookWorld, name: string): WebhookProcess {
  const { stage, plant } = world
  const death = new AbortController()
  let troubledAt = Number.NEGATIVE_INFINITY
  const die = (where: string): void => {
    if (death.signal.aborted) return
    stage.tell(`${name} dies ${where}`)
    death.abort()
  }
  const mortal = {
    dead: () => death.signal.aborted,
    mayDie: (when: string, method: ApiCall['method']) => {
      if (stage.mishap(deathRate(method))) die(`${when} ${method}`)
    },
    troubled: () => {
      troubledAt = stage.clock.elapsed()
    },
  }
  const around = surroundingsOf(world, mortal)
  const memory = watchMemory(world, stage.mishap(0.5))
  const ports = countingOpen(world, makePorts(around, memory))
  const handler = makeHandler({
    admit: (call) =>
      watched(world, (made) => plant.admit(admit)(plant.ports(made, call, around), call), { ports, call }),
    elapsed: stage.clock.elapsed,
    failed: (error) => {
      stage.tell(`${name} fails: ${String(error)}`)
      if (!isExpected(error)) world.ledger.report('Unhandled', String(error instanceof Error ? error.stack : error))
    },
    unreadable: (fault) => world.ledger.report('Unhandled', `unreadable: ${fault}`),
    callMs: 30_000,
    namespace: recordsNamespace,
  })
  const ended = new Promise<void>((resolve) => death.signal.addEventListener('abort', () => resolve()))
  void ended.then(memory.stop)
  void mayDrain(stage, { drain: around.holds.drain, die })
  let ready = false
  return {
    ready: async () => {
      await heardOfServer(stage, around)
      ready = true
    },
    isReady: () => ready && !death.signal.aborted && !around.holds.draining(),
    ended: () => ended,
    post: (posted) => Promise.race([bounded(world, handler(posted), mortal.dead), ended.then((): 'Reset' => 'Reset')]),
    troubled: (since) => troubledAt >= since - 30_000 || memory.lagging(),
    stop: memory.stop,
  }
}

function surroundingsOf(
  { stage, server, keys, plant }: WebhookWorld,
  mortal: Parameters<typeof connect>[1],
): Surroundings {
  const skew = plant.skewMs(stage.between(-skewMs, skewMs))
  const timers = { ...stage.clock, now: () => stage.clock.now() + skew }
  const clock = makeServerClock(timers)
  const transport = clock.listening(connect({ stage, server, timers }, mortal))
  const objects = makeObjects({ transport, fieldManager: 'webhook' })
  return { stage, keys, transport, objects, now: plant.ownClock ? timers.now : clock.now, holds: makeHoldTimes(timers) }
}

/** A rolling restart: what is held is sent elsewhere, then the process ends. */
async function mayDrain(
  stage: Stage,
  { drain, die }: { readonly drain: () => void; readonly die: (where: string) => void },
) {
  await stage.pause(20_000, 900_000)
  if (!stage.mishap(0.5)) return
  drain()
  await stage.pause(1_000, 5_000)
  die('after it was drained')
}

/** No replica is ready before its first lists, whose answers tell it the API server's time. */
async function heardOfServer(stage: Stage, { objects }: Surroundings): Promise<void> {
  for (;;) {
    try {
      await objects.get(approvalPolicies, { name: 'writes' })
      return
    } catch {
      await stage.clock.sleep(100)
    }
  }
}

/** However late a replica learns of others' requests: of those that it has opened itself, no more wait at once. */
function countingOpen({ server, ledger }: WebhookWorld, ports: AdmitPorts): AdmitPorts {
  const opened = new Map<string, string | undefined>()
  const { open } = ports.requests
  const waits = (name: string): boolean => {
    const there = server.objects.find({ collection: requestsCollection, namespace: recordsNamespace, name })
    return there !== undefined && asRequest(there).status?.decision === undefined
  }
  const counting: typeof open = async (draft, until) => {
    const live = await open(draft, until)
    const { name, labels } = live.request.metadata
    opened.set(name, labels?.[agentLabel])
    const mine = [...opened].filter(([other, agent]) => agent === labels?.[agentLabel] && waits(other))
    if (mine.length > mostPending) ledger.report('TooManyOpen', `${mine.length} of one agent by one replica`)
    return live
  }
  return { ...ports, requests: { ...ports.requests, open: counting } }
}

function isExpected(error: unknown): boolean {
  return error instanceof ApiError
}

type Watching = { readonly ports: AdmitPorts; readonly call: Call }

/** Notes by which request a call was let through: the one that was judged last. */
function watched(
  { ledger, stage }: WebhookWorld,
  run: (ports: AdmitPorts) => Answer | Promise<Answer>,
  { ports, call }: Watching,
): Answer | Promise<Answer> {
  let judged: string | undefined
  const { records } = ports
  const noting: AdmitPorts = {
    ...ports,
    records: {
      verified: (request) => {
        judged = request.metadata.uid
        return records.verified(request)
      },
    },
  }
  const note = (answer: Answer): Answer => {
    const why = answer.kind === 'Refuse' ? answer.refusal.reason : ''
    stage.tell(`answer ${call.uid.slice(-4)} ${call.action.operation} ${call.action.name}: ${answer.kind} ${why}`)
    if (answer.kind === 'Allow') {
      ledger.allowed({ uid: call.uid, judged: answer.annotations['decision'] === 'Gated' ? judged : undefined })
    }
    return answer
  }
  const answer = run(noting)
  return answer instanceof Promise ? answer.then(note) : note(answer)
}

/** Whatever happens to the network, the work for a call ends. */
async function bounded(
  { stage, ledger }: WebhookWorld,
  answer: HttpAnswer | Promise<HttpAnswer>,
  dead: () => boolean,
): Promise<HttpAnswer> {
  if (!(answer instanceof Promise)) return answer
  const over = new AbortController()
  void stage.clock.sleep(longestWorkMs, over.signal).then(() => {
    if (!over.signal.aborted && !dead()) ledger.report('NoAnswer', `still at work after ${longestWorkMs} ms`)
  })
  try {
    return await answer
  } finally {
    over.abort()
  }
}
