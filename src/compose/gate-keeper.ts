import type { GatePlan } from '../app/keep-gate.ts'
import { planGate } from '../app/keep-gate.ts'
import type { Made } from '../app/in-force.ts'
import { someWasGated } from '../app/was-gated.ts'
import type { Instant } from '../domain/instant.ts'
import type { AgentIdentity } from '../domain/kinds.ts'
import { webhookConfigurations } from '../kubernetes/kinds.ts'
import { makeBrake } from './brake.ts'
import type { Brake, BrakeLimits } from './brake.ts'
import { makeGateMemory } from './gate-memory.ts'
import type { GateMemory } from './gate-memory.ts'
import { conflictMs } from './keeper.ts'
import type { Keep, KeeperPorts } from './keeper.ts'
import { makePace } from './pace.ts'
import type { Pace } from './pace.ts'
import { bundleIn, clientConfigFor } from './webhook-address.ts'

export type GateKeeper = {
  readonly keep: Keep
  /** Since when the API server has each identity in the configuration; undefined before the first look. */
  readonly since: () => ReadonlyMap<string, Instant> | undefined
  /** Forgets what was seen: while another operator led, others may have written. */
  readonly reset: () => void
}

/** When to look whether the watch has told of what was written; it tells nothing where that changed nothing. */
const readBackMs = 1000

/** What others change once is healed at once, and whoever goes on changing it is not written against without end. */
const healing: BrakeLimits = { firstMs: 1000, capMs: 30_000, calmMs: 60_000 }

type GateSettings = {
  /** Whom callers are to trust, as the certificates are kept; undefined until that is known. */
  readonly caBundle: () => string | undefined
  /** Others in tests alone. */
  readonly healing?: BrakeLimits | undefined
}

export function makeGateKeeper(ports: KeeperPorts, { caBundle, healing: limits = healing }: GateSettings): GateKeeper {
  const { timers } = ports.around
  let memory = makeGateMemory()
  const pace = makePace(timers, apartMs)
  const brake = makeBrake(timers, limits)
  return {
    keep: (signal) => keepGate(ports, { memory, pace, brake, caBundle: caBundle() }, signal),
    since: () => memory.inForce()?.since,
    reset: () => {
      memory = makeGateMemory()
    },
  }
}

/** Between two changes of our own. */
const apartMs = 300

type Known = {
  readonly memory: GateMemory
  readonly pace: Pace
  readonly brake: Brake
  readonly caBundle: string | undefined
}

async function keepGate(ports: KeeperPorts, known: Known, signal: AbortSignal): Promise<number | undefined> {
  const { around, watches, wake } = ports
  const { memory, brake } = known
  const live = watches.configuration()
  const wanted = wantedNow(ports, known)
  const gatedBefore = gatedIn(watches.identities())
  if (memory.observe({ live, wanted, gatedBefore, now: around.now() })) wake('identities')
  const plan = planGate({
    live,
    wanted,
    stood: memory.inForce()?.webhooks,
    gatedBefore: someWasGated(watches.identities()),
    answered: watches.replicas.fresh().some(({ component }) => component === 'webhook'),
  })
  ring(ports, plan, brake)
  if (plan.do === 'Nothing') return brake.calmInMs() === 0 ? undefined : brake.calmInMs()
  const waitMs = waitBefore(plan, known)
  return waitMs > 0 ? waitMs : write(ports, { plan, wanted, ...known }, signal)
}

/** The first agents are not kept waiting. */
function waitBefore({ because }: Writing['plan'], { pace, brake }: Known): number {
  if (because === 'Fill') return 0
  return because === 'Heal' ? brake.waitMs() : pace.waitMs()
}

function wantedNow({ around, watches }: KeeperPorts, { memory, caBundle }: Known): Made | undefined {
  const bundle = caBundle ?? bundleIn(watches.configuration())
  return bundle === undefined ? undefined : memory.wanted(watches.gated(), clientConfigFor(around.config, bundle))
}

type Writing = Pick<Known, 'memory' | 'pace' | 'brake'> & {
  readonly plan: Extract<GatePlan, { readonly do: 'Put' }>
  readonly wanted: Made | undefined
}

async function write({ around }: KeeperPorts, writing: Writing, signal: AbortSignal): Promise<number> {
  const { object, because } = writing.plan
  writing.pace.wrote()
  const stored = await around.objects.replace(webhookConfigurations, object, { signal })
  if (stored === 'Conflict') return conflictMs
  if (typeof stored === 'string') throw new Error(`the API server refuses the webhook configuration as ${stored}`)
  const { wanted, memory, brake } = writing
  if (because === 'Heal') brake.did()
  if (wanted !== undefined && object.webhooks === wanted.webhooks) memory.put(wanted, stored.object)
  around.log.info('GateWritten', { because, webhooks: object.webhooks?.length ?? 0 })
  return readBackMs
}

/** The alarm about others lasts until they have been calm for a while: one for the whole fight. */
function ring({ bell, watches }: KeeperPorts, { because }: GatePlan, brake: Brake): void {
  const { refused, agents } = watches.gated()
  bell.ring('gate', [
    ...(because === 'Missing' ? [{ alarm: 'GateMissing' }] : []),
    ...(because === 'Waiting' && agents.length > 0 ? [{ alarm: 'AgentsNotGatedYet' }] : []),
    ...(because === 'Heal' || brake.calmInMs() > 0 ? [{ alarm: 'GateChangedByOthers' }] : []),
    ...refused.map((identity) => ({ alarm: 'NeverGated', identity })),
  ])
}

function gatedIn(identities: Iterable<AgentIdentity>): ReadonlySet<string> {
  const gated = [...identities].filter(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Gated' && is === 'True'),
  )
  return new Set(gated.map(({ metadata }) => metadata.name))
}
