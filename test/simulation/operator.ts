import type { LoopPorts } from '../../src/app/loop-ports.ts'
import { workRequest } from '../../src/app/work-request.ts'
import { makeServerClock } from '../../src/compose/server-clock.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import { isClosed } from '../../src/domain/executed.ts'
import type { ApprovalRequest, ApprovalVote } from '../../src/domain/kinds.ts'
import { likenessLabel } from '../../src/domain/likeness.ts'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import { approvalRequests, approvalVotes } from '../../src/kubernetes/kinds.ts'
import { readList } from '../../src/kubernetes/live-list.ts'
import { readTarget } from '../../src/kubernetes/live-targets.ts'
import { makeObjects } from '../../src/kubernetes/objects.ts'
import { makeOperatorRequests } from '../../src/kubernetes/requests.ts'
import type { FakeObject } from '../fake/api-server-objects.ts'
import { hmacKey } from '../make.ts'
import { connect, deathRate } from './network.ts'
import { asRequest, recordsNamespace as namespace, requestsCollection, votesCollection } from './records-server.ts'
import { watchLate } from './stale-view.ts'
import { approvers } from './webhook-memory.ts'
import type { WebhookWorld } from './webhook-process.ts'

const skewMs = 30_000

/** One operator replica, which sees late, dies at any call, and comes back with another clock. */
export async function playOperator(world: WebhookWorld, name: string): Promise<void> {
  for (;;) {
    world.stage.tell(`${name} starts`)
    await live(world, name)
    world.stage.tell(`${name} is dead`)
    await world.stage.pause(200, 15_000)
  }
}

/** Works until it dies. */
async function live(world: WebhookWorld, name: string): Promise<void> {
  const { stage, server } = world
  const death = new AbortController()
  const mayDie: Who['mortal']['mayDie'] = (when, method) => {
    if (death.signal.aborted || !stage.mishap(deathRate(method))) return
    stage.tell(`${name} dies ${when} ${method}`)
    death.abort()
  }
  const mortal = { dead: () => death.signal.aborted, mayDie, troubled: () => undefined }
  const ports = world.plant.operator(portsOf(world, mortal), stage)
  const requests = new Map<string, ApprovalRequest>()
  const votes = new Map<string, ApprovalVote[]>()
  const queue = makeQueue(world, { name, mortal }, async (request) => {
    const now = requests.get(request)
    if (now === undefined || isQuiet(now, votes.get(request) ?? [])) return undefined
    return workRequest(ports, { request: now, votes: votes.get(request) ?? [] })
  })
  const watches = [
    watchLate({ stage, server }, { collection: requestsCollection, late: stage.mishap(0.3) }, ({ object }) => {
      requests.set(object.metadata.name, asRequest(object))
      queue.add(object.metadata.name, 0)
    }),
    watchLate({ stage, server }, { collection: votesCollection, late: stage.mishap(0.3) }, ({ object }) => {
      const vote = asVote(object)
      const request = vote.spec.requestRef.name
      votes.set(request, [...(votes.get(request) ?? []), vote])
      queue.add(request, 0)
    }),
  ]
  await new Promise<void>((resolve) => death.signal.addEventListener('abort', () => resolve()))
  for (const watch of watches) watch.stop()
}

/** Closed, with all its votes shown. */
function isQuiet(request: ApprovalRequest, votes: readonly ApprovalVote[]): boolean {
  const noted = new Set((request.status?.votes ?? []).map(({ uid }) => uid))
  return isClosed(request) && votes.every(({ metadata }) => noted.has(metadata.uid ?? ''))
}

type Who = { readonly name: string; readonly mortal: Parameters<typeof connect>[1] }

/** One worker for each request at a time; what fails is done again. */
function makeQueue(
  { stage, ledger }: WebhookWorld,
  { name, mortal }: Who,
  work: (request: string) => Promise<number | undefined>,
): { readonly add: (request: string, afterMs: number) => void } {
  const due = new Map<string, number>()
  const busy = new Set<string>()

  function add(request: string, afterMs: number): void {
    const time = stage.clock.elapsed() + afterMs + stage.between(1, 50)
    if ((due.get(request) ?? Number.POSITIVE_INFINITY) <= time) return
    due.set(request, time)
    void stage.clock
      .sleep(time - stage.clock.elapsed())
      .then(() => (due.get(request) === time ? begin(request) : undefined))
  }

  async function begin(request: string): Promise<void> {
    due.delete(request)
    if (mortal.dead()) return
    if (busy.has(request)) return add(request, 100)
    busy.add(request)
    try {
      const next = await work(request)
      if (next !== undefined) add(request, Math.max(100, next - stage.clock.now()))
    } catch (error) {
      stage.tell(`${name} fails: ${String(error)}`)
      if (!(error instanceof ApiError)) {
        ledger.report('Unhandled', `${name}: ${String(error instanceof Error ? error.stack : error)}`)
      }
      add(request, stage.between(100, 5_000))
    } finally {
      busy.delete(request)
    }
  }

  return { add }
}

function portsOf({ stage, server, keys, plant }: WebhookWorld, mortal: Who['mortal']): LoopPorts {
  const skew = plant.skewMs(stage.between(-skewMs, skewMs))
  const timers = { ...stage.clock, now: () => stage.clock.now() + skew }
  const clock = makeServerClock(timers)
  const transport = clock.listening(connect({ stage, server, timers }, mortal))
  const objects = makeObjects({ transport, fieldManager: 'operator' })
  return {
    requests: makeOperatorRequests({ objects, namespace }),
    sign: (payload) => Promise.resolve(keys.sign(payload)),
    isTrustedVote: () => Promise.resolve(false),
    approvers: () => approversOf([approvers], () => new Set()),
    groups: () => [],
    askMemberships: () => Promise.resolve('NoTenant'),
    isAgent: () => false,
    live: async ({ metadata }) => {
      const found = await objects.get(approvalRequests, { namespace, name: metadata.name })
      if (found === 'NotFound' || found.object.metadata.uid !== metadata.uid) return undefined
      const labelSelector = `countersign.dev/request=${metadata.name}`
      const { items } = await objects.list(approvalVotes, { namespace, labelSelector })
      return { request: found.object, votes: items, date: found.date }
    },
    read: async (name) => {
      const found = await objects.get(approvalRequests, { namespace, name })
      return found === 'NotFound' ? undefined : found.object
    },
    readTarget: (target) => readTarget(transport, target),
    readAround: (target) => readTarget(transport, target),
    readList: (place) => readList(transport, place),
    alike: async (likeness) => {
      const labelSelector = `${likenessLabel}=${likeness}`
      return (await objects.list(approvalRequests, { namespace, labelSelector })).items
    },
    hmacKey: (id) => (id === hmacKey.id ? hmacKey : undefined),
    pause: () => Promise.resolve('NoIdentity'),
    announce: () => undefined,
    evidence: () => undefined,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    measure: () => undefined,
    now: clock.now,
    earliest: clock.earliest,
    times: { leaseMs: 45_000, callMs: 34_000 },
    graceMs: 2_000,
  }
}

function asVote(object: FakeObject): ApprovalVote {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- stored by this run
  return object as unknown as ApprovalVote
}
