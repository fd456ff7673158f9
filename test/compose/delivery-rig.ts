import type { NoteOutcome, StatusNote } from '../../src/app/ports.ts'
import { makeOutlet } from '../../src/compose/delivery-outlet.ts'
import type { Outlet } from '../../src/compose/delivery-outlet.ts'
import type { Surroundings } from '../../src/compose/component.ts'
import { configSchema } from '../../src/config.ts'
import type { Fact } from '../../src/app/fact.ts'
import type { ApprovalChannel, ApprovalRequest, ApprovalRequestStatus } from '../../src/domain/kinds.ts'
import { isTold } from '../../src/domain/notified.ts'
import { makeConnector } from '../../src/teams/connector.ts'
import { makePace } from '../../src/teams/connector-pace.ts'
import { makeTeamsPublisher } from '../../src/teams/publish.ts'
import { makeBotConnector } from '../fake/bot-connector.ts'
import type { BotConnector, SeenMessage } from '../fake/bot-connector.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { at, request, time } from '../make-request.ts'
import type { RequestChanges } from '../make-request.ts'
import { seededRandom } from '../random.ts'

/** Requests and channels in memory, outlets over them by a fake clock, and a Bot Connector for each channel. */
export type DeliveryRig = {
  readonly clock: FakeClock
  /** The Bot Connector of a channel. */
  readonly service: (channel: string) => BotConnector
  readonly outlets: () => Readonly<Record<string, Outlet>>
  readonly facts: readonly Fact[]
  readonly open: (name: string, changes?: RequestChanges) => void
  /** Something of the status is another now. */
  readonly change: (name: string, status: ApprovalRequestStatus) => void
  readonly stored: (name: string) => ApprovalRequest
  readonly channel: (name: string) => ApprovalChannel
  readonly changeChannel: (name: string, status: ApprovalChannel['status']) => void
  /** Asked before each note: may it be stored? */
  mayNote: () => boolean
  /** Asked for each note: what does the API server answer? */
  noteOutcome: (note: StatusNote) => NoteOutcome
  /** Cards that people found although no request lists them. */
  strays: Map<string, readonly string[]>
  /** The process ends at once, and another one leads: all that was in memory is gone. */
  readonly crash: () => Promise<void>
  /** The messages of a channel that are the cards of a request, in the order of their coming. */
  readonly cards: (channel: string, name: string) => readonly SeenMessage[]
}

const conversationOf = (channel: string): string => `19:${channel}@thread.tacv2`
const service = 'https://smba.example.com/teams/'
const appID = '11111111-2222-4333-8444-555555555555'
const tenantID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'
const key = { id: 'h-1', secret: new Uint8Array(32).fill(9) }

/** `watchMs`: how far what is known is behind what is stored. */
export function startDeliveryRig(names: readonly string[], { watchMs = 5, seed = 1 } = {}): DeliveryRig {
  const clock = makeFakeClock(at('10:20'))
  const requests = new Map<string, ApprovalRequest>()
  const seen = new Map<string, ApprovalRequest>()
  const channels = new Map(names.map((name) => [name, channelOf(name)]))
  const facts: Fact[] = []
  const services = new Map(names.map((name) => [name, makeBotConnector(clock)]))
  let outlets: Record<string, Outlet> = {}

  function store(object: ApprovalRequest): void {
    requests.set(object.metadata.name, object)
    void clock.sleep(watchMs).then(() => {
      seen.set(object.metadata.name, requests.get(object.metadata.name) ?? object)
      for (const one of Object.values(outlets)) one.add(object.metadata.name)
    })
  }

  function storeChannel(channel: ApprovalChannel): void {
    channels.set(channel.metadata.name, channel)
    void clock.sleep(watchMs).then(() => outlets[channel.metadata.name]?.changed(channel))
  }

  const around = aroundOf(clock, { facts, seed, channels, storeChannel })
  const rig: DeliveryRig = {
    clock,
    service: (name) => services.get(name) ?? makeBotConnector(clock),
    facts,
    outlets: () => outlets,
    mayNote: () => true,
    noteOutcome: () => 'Stored',
    strays: new Map(),
    open: (name, changes = {}) => {
      const made = request({ name, opened: clock.now(), expirationTime: time(clock.now() + 900_000), ...changes })
      const status = { conditions: [pending(clock.now())], ...changes.status }
      store({ ...made, metadata: { ...made.metadata, uid: `uid-${name}` }, status })
    },
    change: (name, status) => {
      const before = rig.stored(name)
      store({ ...before, status: { ...before.status, ...status } })
    },
    stored: (name) => {
      const found = requests.get(name)
      if (found === undefined) throw new Error(`there is no request ${name}`)
      return found
    },
    channel: (name) => channels.get(name) ?? channelOf(name),
    changeChannel: (name, status) =>
      storeChannel({ ...rig.channel(name), status: { ...rig.channel(name).status, ...status } }),
    crash: async () => {
      const dying = Object.values(outlets)
      outlets = {}
      const ended = Promise.all(dying.map((one) => one.stop(AbortSignal.abort())))
      outlets = begin()
      await Promise.race([ended, clock.advance(1)])
    },
    cards: (channel, name) =>
      rig
        .service(channel)
        .seen()
        .filter((one) => one.handle?.startsWith(`uid-${name}.`) || hasCard(rig, channel, name, one)),
  }

  function begin(): Record<string, Outlet> {
    return Object.fromEntries(names.map((name) => [name, outletOf(name)]))
  }

  function outletOf(name: string): Outlet {
    const connector = makeConnector({
      http: rig.service(name).http,
      token: { get: () => Promise.resolve({ token: 'good' }), forget: () => undefined },
      cloud: { serviceHosts: ['smba.example.com'] },
      pace: makePace(clock.elapsed),
      now: clock.now,
      deadlineMs: 10_000,
    })
    return makeOutlet(
      around,
      {
        channels: () => names.map((one) => ({ name: one, ready: outlets[one]?.isReady() ?? false })),
        requestsKnown: () => seen.keys(),
        request: async (one) => {
          const known = seen.get(one)
          return known === undefined || isTold(known) ? undefined : known
        },
        note: async (known, note) => {
          if (!rig.mayNote()) throw new Error('the API server is away')
          const outcome = rig.noteOutcome(note)
          if (outcome !== 'Stored') return outcome
          const { name: one } = known.metadata
          const before = rig.stored(one)
          store({ ...before, status: merged(before.status ?? {}, note) })
          return 'Stored'
        },
        strays: async ({ metadata, status }, channel) =>
          (rig.strays.get(`${channel}/${metadata.name}`) ?? []).filter(
            (ref) => !status?.messages?.some((m) => m.ref === ref),
          ),
        ring: () => ['oid-alice'],
        announce: () => undefined,
        publisherFor: (channel) =>
          makeTeamsPublisher({ connector, channel, handleKey: () => key, tabURL: () => undefined }),
      },
      channels.get(name) ?? channelOf(name),
    )
  }

  outlets = begin()
  return rig
}

/** After a decision a card has no buttons, and so no handle. */
function hasCard({ stored }: DeliveryRig, channel: string, name: string, { id }: SeenMessage): boolean {
  return stored(name).status?.messages?.some((one) => one.channel === channel && one.ref.endsWith(` ${id}`)) === true
}

function channelOf(name: string): ApprovalChannel {
  const conversations = [
    { conversationID: conversationOf(name), serviceURL: service, tenantID, teamID: 'team', name: `Platform > ${name}` },
  ]
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalChannel',
    metadata: { name, uid: `uid-of-${name}`, generation: 1 },
    spec: {
      type: 'Teams',
      notify: 'Stage',
      teams: { cloud: 'Public', tenantID, appID, credentialsSecretRef: { name: 'countersign-teams' } },
    },
    status: { conversations },
  }
}

type Merged = { readonly name: string; readonly change: { readonly status: ApprovalChannel['status'] } }

type Parts = {
  readonly facts: Fact[]
  readonly seed: number
  readonly channels: Map<string, ApprovalChannel>
  readonly storeChannel: (channel: ApprovalChannel) => void
}

function aroundOf(clock: FakeClock, { facts, seed, channels, storeChannel }: Parts): Surroundings {
  const quiet = (): undefined => undefined
  const objects = {
    get: async (_resource: unknown, { name }: { readonly name: string }) => ({ object: channels.get(name) }),
    merge: async (_resource: unknown, { name, change }: Merged) => {
      const before = channels.get(name) ?? channelOf(name)
      storeChannel({ ...before, status: { ...before.status, ...change.status } })
      return { object: before }
    },
  }
  return {
    config: configSchema.parse({}),
    timers: clock,
    now: clock.now,
    earliest: clock.now,
    random: seededRandom(seed),
    objects,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    measure: (fact: Fact) => facts.push(fact),
  } as unknown as Surroundings
}

/** What the API server makes of a note. */
function merged(before: ApprovalRequestStatus, note: StatusNote): ApprovalRequestStatus {
  const messages = [...(before.messages ?? [])]
  for (const one of note.messages ?? []) {
    const index = messages.findIndex(({ channel, ref }) => channel === one.channel && ref === one.ref)
    if (index === -1) messages.push(one)
    else messages[index] = one
  }
  const types = new Set((note.conditions ?? []).map(({ type }) => type))
  const conditions = [...(before.conditions ?? []).filter(({ type }) => !types.has(type)), ...(note.conditions ?? [])]
  return { ...before, messages, conditions }
}

function pending(now: number) {
  const message = 'nobody has decided yet'
  return { type: 'Decided', status: 'False', reason: 'Pending', message, lastTransitionTime: time(now) } as const
}
