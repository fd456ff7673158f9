import type { Instant } from '../domain/instant.ts'
import type { Trust, TrustedKey } from '../domain/trust.ts'
import type { KeyCraft } from './key-craft.ts'
import { emptyRing, keyOf, ringSecrets, signs, trustSecret } from './key-ring.ts'
import type { Ring, RingKey, RingName } from './key-ring.ts'
import type { KeyStep } from './key-rules.ts'
import { trustedAs } from './key-view.ts'
import type { KeysSeen } from './key-view.ts'
import type { SecretData, SecretStore, StoredSecret } from './secret-store.ts'

export type KeyDeedPorts = { readonly secrets: Pick<SecretStore, 'replace'>; readonly craft: KeyCraft }

/** What a step was planned from, and when. */
export type KeyDeed = Pick<KeysSeen, 'rings' | 'trust'> & {
  readonly stored: ReadonlyMap<string, StoredSecret>
  readonly now: Instant
}

/** Carries one step out: one Secret replaced as it was seen. `Conflict`: somebody else wrote it; look again. */
export async function takeKeyStep(
  { secrets, craft }: KeyDeedPorts,
  step: KeyStep,
  deed: KeyDeed,
): Promise<'Stored' | 'Conflict' | 'NotFound'> {
  const { secret, data } = await written(craft, step, deed)
  const seen = deed.stored.get(secret)
  return seen === undefined ? 'NotFound' : secrets.replace(seen, data)
}

type Written = { readonly secret: string; readonly data: SecretData }

async function written(craft: KeyCraft, step: KeyStep, deed: KeyDeed): Promise<Written> {
  switch (step.do) {
    case 'Generate':
    case 'Switch':
    case 'Forget': {
      const ring = changed(craft, step, deed)
      return { secret: ringSecrets[step.ring], data: craft.ringData(step.ring, ring) }
    }
    case 'Publish':
    case 'Dismiss':
    case 'Heal': {
      const trust = await stated(craft, step, deed)
      return { secret: trustSecret, data: craft.trustData(trust) }
    }
  }
}

function changed(
  craft: KeyCraft,
  step: KeyStep & { readonly do: 'Generate' | 'Switch' | 'Forget' },
  deed: KeyDeed,
): Ring {
  const ring = deed.rings.get(step.ring) ?? emptyRing
  switch (step.do) {
    case 'Generate': {
      const key = craft.generate(step.ring, deed.now)
      return { current: ring.current ?? key.id, keys: [...ring.keys, key] }
    }
    case 'Switch':
      return {
        current: step.id,
        keys: ring.keys.map((key) => (key.id === step.id ? key : retired(step.ring, key, deed))),
      }
    case 'Forget':
      return { ...ring, keys: ring.keys.filter(({ id }) => id !== step.id) }
  }
}

/** A signing key that signs no more is destroyed at once; an HMAC key is needed for as long as something rests on it. */
function retired(name: RingName, key: RingKey, { now }: KeyDeed): RingKey {
  return {
    ...key,
    retiredTime: key.retiredTime ?? now,
    secret: signs(name) ? undefined : key.secret,
  }
}

async function stated(
  craft: KeyCraft,
  step: KeyStep & { readonly do: 'Publish' | 'Dismiss' | 'Heal' },
  deed: KeyDeed,
): Promise<Trust> {
  const trust = deed.trust ?? []
  if (step.do === 'Heal') return trust
  if (step.do === 'Publish') return [...trust, await introduced(craft, step, deed)]
  const key = found(trustedAs({ ...deed, damaged: false }, step.id))
  const dismissed = await craft.dismiss({ key, by: found(keyOf(deed.rings.get('evidence'), step.by)), time: deed.now })
  return trust.map((trusted) => (trusted.kid === step.id ? dismissed : trusted))
}

async function introduced(
  craft: KeyCraft,
  { ring, id, by }: KeyStep & { readonly do: 'Publish' },
  { rings, now }: KeyDeed,
): Promise<TrustedKey> {
  if (!signs(ring)) throw new TypeError(`keys of the ring ${ring} have no public half`)
  const key = craft.publicHalf(found(keyOf(rings.get(ring), id)), ring)
  return by === undefined ? key : craft.introduce({ key, by: found(keyOf(rings.get('evidence'), by)), time: now })
}

/** What the plan named is in what it was made from. */
function found<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a step names a key that was not seen')
  return value
}
