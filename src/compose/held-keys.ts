import type { AlarmBell } from '../app/alarm-bell.ts'
import { ringNames, ringSecrets, signs, trustSecret } from '../app/key-ring.ts'
import type { Ring, RingName } from '../app/key-ring.ts'
import type { SecretData } from '../app/secret-store.ts'
import { recordsNamespace } from '../config.ts'
import type { HmacKey } from '../domain/digest.ts'
import type { SignedRecord } from '../domain/kinds.ts'
import { watchSecret } from '../kubernetes/named-secret.ts'
import { hmacKeys } from '../tokens/hmac-keys.ts'
import { readRing } from '../tokens/ring-secret.ts'
import { signRecord } from '../tokens/sign.ts'
import { signingKey } from '../tokens/signing-key.ts'
import { makeTrustFollower } from '../tokens/trust-follower.ts'
import type { VerifyingKeys } from '../tokens/verify.ts'
import type { ReadyCheck, Surroundings } from './component.ts'
import { watchFailed } from './watch-failed.ts'
import { staleMsOf, watchCheck } from './watch-set.ts'

/** The keys as this replica of the operator knows them. */
export type OperatorKeys = {
  /**
   * The record with its signature by the evidence key. Undefined until there is one that everybody can trust: nothing is
   * decided before that.
   */
  readonly sign: (payload: string) => Promise<SignedRecord> | undefined
  /** Whose signatures on votes and records count; undefined until it was read. */
  readonly verifying: () => VerifyingKeys | undefined
  /** A key of digests by the id that a request cites. */
  readonly hmacKey: (id: string) => HmacKey | undefined
  /** The key by which handles of cards are made now; undefined while there is none. */
  readonly handleKey: () => HmacKey | undefined
}

/** The keys, and the watches by which they are known. */
export type HeldKeys = OperatorKeys & {
  readonly ring: (name: RingName) => Ring | undefined
  /** Ids of all keys that this replica knows. */
  readonly keyIDs: () => readonly string[]
  readonly checks: () => readonly ReadyCheck[]
  readonly silentSeconds: () => Readonly<Record<string, number>>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

/** Whoever knows a signing key knows it by its public half. */
const hmacRings = ringNames.filter((name) => !signs(name))

type Ports = { readonly bell: AlarmBell; readonly changed: (secret: string) => void }

/** What cannot be read leaves what was read before. `changed` is told the name of each Secret that is another now. */
export function holdKeys(around: Surroundings, { bell, changed }: Ports): HeldKeys {
  const trust = makeTrustFollower(new Set(around.config.keys.pins))
  const rings = new Map<RingName, Ring>()

  function readTrust(data: SecretData): void {
    trust.read(data).then(
      (alarms) => bell.ring(trustSecret, alarms),
      (error: unknown) => around.log.error('TrustNotRead', error),
    )
  }

  function readKeys(name: RingName, data: SecretData): void {
    const read = readRing(name, data)
    const secret = ringSecrets[name]
    if ('fault' in read) return bell.ring(secret, [{ alarm: 'SecretUnreadable', ...read }])
    bell.ring(secret, [])
    rings.set(name, read)
  }

  const secrets = watchSecrets(around, changed, [
    [trustSecret, readTrust],
    ...ringNames.map((name) => [ringSecrets[name], (data: SecretData) => readKeys(name, data)] as const),
  ])
  const keys = keysIn(rings, trust.keys)
  return {
    ...keys,
    ring: (name) => rings.get(name),
    keyIDs: () => [...trust.keyIDs(), ...hmacRings.flatMap((name) => rings.get(name)?.keys ?? []).map(({ id }) => id)],
    checks: () => [...checksOf(keys, rings), watchCheck('secrets', secrets, staleMsOf(around.config))],
    silentSeconds: () => ({ secrets: secrets.silentMs() / 1000 }),
    start: secrets.start,
    stop: secrets.stop,
  }
}

type Reading = readonly [name: string, read: (data: SecretData) => void]

/** Several Secrets, each watched by its name, as one watch. */
function watchSecrets(
  around: Surroundings,
  changed: Ports['changed'],
  readings: readonly Reading[],
): ReturnType<typeof watchSecret> {
  const watches = readings.map(([name, read]) =>
    watchSecret(
      { ...around, namespace: recordsNamespace, failed: watchFailed(around, 'secrets', name) },
      name,
      (data) => {
        read(data)
        changed(name)
      },
    ),
  )
  return {
    synced: () => watches.every((one) => one.synced()),
    silentMs: () => Math.max(...watches.map((one) => one.silentMs())),
    start: () => watches.forEach((one) => one.start()),
    stop: async () => {
      await Promise.all(watches.map((one) => one.stop()))
    },
  }
}

function keysIn(rings: ReadonlyMap<RingName, Ring>, trusted: () => VerifyingKeys | undefined): OperatorKeys {
  return {
    sign: (payload) => {
      const ring = rings.get('evidence')
      const key = ring && signingKey(ring)
      return key !== undefined && trusted()?.has(key.kid) === true ? signRecord(key, payload) : undefined
    },
    verifying: trusted,
    hmacKey: (id) => {
      const ring = rings.get('digest')
      return ring && hmacKeys(ring)?.all.find((key) => key.id === id)
    },
    handleKey: () => {
      const ring = rings.get('handle')
      return ring && hmacKeys(ring)?.current
    },
  }
}

function checksOf({ verifying }: OperatorKeys, rings: ReadonlyMap<RingName, Ring>): readonly ReadyCheck[] {
  const current = rings.get('evidence')?.current
  const trusted = current !== undefined && verifying()?.has(current) === true
  return [
    { name: 'trust', ok: verifying() !== undefined, detail: 'no trusted key is published yet' },
    { name: 'evidence-key', ok: trusted, detail: 'there is none yet that is published' },
    { name: 'digest-key', ok: rings.get('digest')?.current !== undefined, detail: 'there is none yet' },
  ]
}
