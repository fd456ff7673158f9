import type { GatePlan } from '../app/keep-gate.ts'
import { planGate } from '../app/keep-gate.ts'
import type { Made } from '../app/in-force.ts'
import type { Instant } from '../domain/instant.ts'
import type { AgentIdentity } from '../domain/kinds.ts'
import { webhookConfigurations } from '../kubernetes/kinds.ts'
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

/** `caBundle`: whom callers are to trust, as the certificates are kept; undefined until that is known. */
export function makeGateKeeper(ports: KeeperPorts, caBundle: () => string | undefined): GateKeeper {
  let memory = makeGateMemory()
  const pace = makePace(ports.around.timers, apartMs)
  return {
    keep: (signal) => keepGate(ports, { memory, pace, caBundle: caBundle() }, signal),
    since: () => memory.inForce()?.since,
    reset: () => {
      memory = makeGateMemory()
    },
  }
}

/** Between two changes of our own. What others changed is healed at once. */
const apartMs = 300

type Known = { readonly memory: GateMemory; readonly pace: Pace; readonly caBundle: string | undefined }

async function keepGate(ports: KeeperPorts, known: Known, signal: AbortSignal): Promise<number | undefined> {
  const { around, watches, wake } = ports
  const { memory, pace } = known
  const live = watches.configuration()
  const wanted = wantedNow(ports, known)
  const gatedBefore = gatedIn(watches.identities())
  if (memory.observe({ live, wanted, gatedBefore, now: around.now() })) wake('identities')
  const answered = watches.replicas.fresh().some(({ component }) => component === 'webhook')
  const plan = planGate({ live, wanted, stood: memory.inForce()?.webhooks, answered })
  ring(ports, plan)
  if (plan.do === 'Nothing') return undefined
  const waitMs = plan.because === 'Change' ? pace.waitMs() : 0
  if (waitMs > 0) return waitMs
  pace.wrote()
  return write(ports, { plan, wanted, memory }, signal)
}

function wantedNow({ around, watches }: KeeperPorts, { memory, caBundle }: Known): Made | undefined {
  const bundle = caBundle ?? bundleIn(watches.configuration())
  return bundle === undefined ? undefined : memory.wanted(watches.gated(), clientConfigFor(around.config, bundle))
}

type Writing = {
  readonly plan: Extract<GatePlan, { readonly do: 'Put' }>
  readonly wanted: Made | undefined
  readonly memory: GateMemory
}

async function write({ around }: KeeperPorts, writing: Writing, signal: AbortSignal): Promise<number> {
  const { object, because } = writing.plan
  const stored = await around.objects.replace(webhookConfigurations, object, { signal })
  if (stored === 'Conflict') return conflictMs
  if (typeof stored === 'string') throw new Error(`the API server refuses the webhook configuration as ${stored}`)
  const { wanted, memory } = writing
  if (wanted !== undefined && object.webhooks === wanted.webhooks) memory.put(wanted, stored.object)
  around.log.info('GateWritten', { because, webhooks: object.webhooks?.length ?? 0 })
  return readBackMs
}

function ring({ bell, watches }: KeeperPorts, plan: GatePlan): void {
  const { refused } = watches.gated()
  bell.ring('gate', [
    ...(plan.because === 'Missing' ? [{ alarm: 'GateMissing' }] : []),
    ...(plan.because === 'Heal' ? [{ alarm: 'GateChangedByOthers' }] : []),
    ...refused.map((identity) => ({ alarm: 'NeverGated', identity })),
  ])
}

function gatedIn(identities: Iterable<AgentIdentity>): ReadonlySet<string> {
  const gated = [...identities].filter(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Gated' && is === 'True'),
  )
  return new Set(gated.map(({ metadata }) => metadata.name))
}
