import type { Instant } from '../domain/instant.ts'
import type { PinFault, Trust, TrustAlarm } from '../domain/trust.ts'
import type { KeyCraft, RingFault, TrustSetFault } from './key-craft.ts'
import { takeKeyStep } from './key-deeds.ts'
import { planKeys } from './key-plan.ts'
import { ringNames, ringSecrets, trustSecret } from './key-ring.ts'
import type { Ring, RingName } from './key-ring.ts'
import type { KeyStep } from './key-rules.ts'
import type { KeyFacts, KeysSeen, KeySettings } from './key-view.ts'
import type { SecretStore, StoredSecret } from './secret-store.ts'

export type KeepKeysPorts = {
  readonly secrets: SecretStore
  readonly craft: KeyCraft
  readonly now: () => Instant
  readonly facts: () => KeyFacts
}

/** What a person has to look at. No alarm carries anything of a key but its id. */
type KeyAlarm =
  | TrustAlarm
  | { readonly alarm: 'SecretMissing'; readonly secret: string }
  | {
      readonly alarm: 'Unreadable'
      readonly secret: string
      readonly fault: RingFault['fault']
      readonly entry: string
    }
  | { readonly alarm: 'TrustUnusable'; readonly fault: Exclude<PinFault['fault'], 'Empty'> | TrustSetFault['fault'] }
  /** The evidence key is gone, or not the one that is published. Nothing is signed, published or replaced until then. */
  | { readonly alarm: 'KeyLost' }

export type KeepKeysResult = {
  /** What was done, in order. */
  readonly steps: readonly KeyStep[]
  readonly alarms: readonly KeyAlarm[]
  /** When to keep the keys again, at the latest; undefined when time alone changes nothing. */
  readonly wakeTime: Instant | undefined
  /** False when others wrote at the same time again and again: keep once more. */
  readonly settled: boolean
}

/** The operator's keeper of keys: `keep` does whatever is due, and is safe to call at any time, by any number of replicas. */
export type KeyKeeper = { readonly keep: () => Promise<KeepKeysResult> }

/** A start from nothing takes six writes; more rounds than this in one call mean that others write against us. */
const mostRounds = 24

/**
 * Fills empty Secrets, publishes public halves, replaces old keys and drops what nothing rests on. Remembers what it
 * trusts, so that a set that somebody else wrote is written over. Rejects when the API server gives no usable answer.
 */
export function makeKeyKeeper(ports: KeepKeysPorts, settings: KeySettings): KeyKeeper {
  let own: Trust | undefined

  async function look(): Promise<Look> {
    const seen = await lookAt(ports, own)
    if ((seen.trust?.length ?? 0) > 0) own = seen.trust
    return seen
  }

  async function keep(): Promise<KeepKeysResult> {
    const steps: KeyStep[] = []
    const alarms = new Map<string, KeyAlarm>()
    for (let round = 0; round < mostRounds; round += 1) {
      const seen = await look()
      const now = ports.now()
      const plan = planKeys(seen, ports.facts(), { settings, now })
      for (const alarm of [...seen.alarms, ...lost(plan.keyLost)]) alarms.set(JSON.stringify(alarm), alarm)
      const result = { steps, alarms: [...alarms.values()], wakeTime: plan.wakeTime }
      if (plan.step === undefined) return { ...result, settled: true }
      const outcome = await takeKeyStep(ports, plan.step, { ...seen, now })
      if (outcome === 'Stored') steps.push(plan.step)
      if (outcome === 'NotFound') return { ...result, settled: false }
    }
    return { steps, alarms: [...alarms.values()], wakeTime: undefined, settled: false }
  }

  return { keep }
}

function lost(keyLost: boolean): readonly KeyAlarm[] {
  return keyLost ? [{ alarm: 'KeyLost' }] : []
}

type Look = KeysSeen & {
  readonly stored: ReadonlyMap<string, StoredSecret>
  readonly alarms: readonly KeyAlarm[]
}

/** The published set is read before the rings: so it does not say yet that a key is dismissed which a ring still names. */
async function lookAt(ports: KeepKeysPorts, own: Trust | undefined): Promise<Look> {
  const stored = new Map<string, StoredSecret>()
  const alarms: KeyAlarm[] = []
  for (const name of [trustSecret, ...ringNames.map((ring) => ringSecrets[ring])]) {
    const secret = await ports.secrets.read(name)
    if (secret === 'NotFound') alarms.push({ alarm: 'SecretMissing', secret: name })
    else stored.set(name, secret)
  }
  const published = await trustIn(ports.craft, stored.get(trustSecret), own)
  const rings = new Map<RingName, Ring>()
  for (const name of ringNames) {
    const read = ringIn(ports.craft, name, stored.get(ringSecrets[name]))
    if (read !== undefined && 'alarm' in read) alarms.push(read)
    else if (read !== undefined) rings.set(name, read)
  }
  return { ...published, stored, rings, alarms: [...alarms, ...published.alarms] }
}

type Published = Pick<Look, 'trust' | 'damaged' | 'alarms'>

async function trustIn(craft: KeyCraft, secret: StoredSecret | undefined, own: Trust | undefined): Promise<Published> {
  if (secret === undefined) return { trust: own, damaged: false, alarms: [] }
  const read = await craft.readTrust(own, secret.data)
  if ('trust' in read) return { trust: read.trust, damaged: read.alarms.length > 0, alarms: read.alarms }
  if (read.fault === 'Empty') return { trust: [], damaged: false, alarms: [] }
  const alarm: KeyAlarm = { alarm: 'TrustUnusable', fault: read.fault }
  return { trust: own, damaged: own !== undefined, alarms: [alarm] }
}

function ringIn(craft: KeyCraft, name: RingName, secret: StoredSecret | undefined): Ring | KeyAlarm | undefined {
  if (secret === undefined) return undefined
  const read = craft.readRing(name, secret.data)
  return 'fault' in read ? { alarm: 'Unreadable', secret: secret.name, ...read } : read
}
