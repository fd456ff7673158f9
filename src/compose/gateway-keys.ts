import type { CastVotePorts } from '../app/cast-vote-ports.ts'
import { ringSecrets, trustSecret } from '../app/key-ring.ts'
import type { Ring } from '../app/key-ring.ts'
import type { SecretData } from '../app/secret-store.ts'
import { recordsNamespace } from '../config.ts'
import type { HmacKey } from '../domain/digest.ts'
import { watchSecret } from '../kubernetes/named-secret.ts'
import { hmacKeys } from '../tokens/hmac-keys.ts'
import { readRing } from '../tokens/ring-secret.ts'
import { signingKey } from '../tokens/signing-key.ts'
import type { SigningKey } from '../tokens/signing-key.ts'
import { makeTrustFollower } from '../tokens/trust-follower.ts'
import type { TrustFollower } from '../tokens/trust-follower.ts'
import { signVote } from '../tokens/vote.ts'
import type { ReadyCheck, Surroundings } from './component.ts'
import { watchFailed } from './watch-failed.ts'

/** What the gateway reads of the Secrets that the operator fills, as they are now. What cannot be read leaves what was. */
export type GatewayKeys = {
  /** The vote with its signature; undefined while there is no key that everybody can trust. */
  readonly sign: CastVotePorts['sign']
  /** By which the handles of cards are made and hold, the current key first. */
  readonly handleKeys: () => readonly HmacKey[]
  readonly checks: () => readonly ReadyCheck[]
  readonly start: () => void
  readonly stop: () => Promise<void>
}

type Known = {
  readonly trust: TrustFollower
  readonly rings: ReadonlyMap<'gateway' | 'handle', Ring>
}

export function watchGatewayKeys(around: Surroundings): GatewayKeys {
  const trust = makeTrustFollower(new Set(around.config.keys.pins))
  const rings = new Map<'gateway' | 'handle', Ring>()
  function readKeys(name: 'gateway' | 'handle', data: SecretData): void {
    const read = readRing(name, data)
    if ('fault' in read) alarm(around, 'SecretUnreadable', { secret: ringSecrets[name], ...read })
    else rings.set(name, read)
  }

  const watches = [
    watch(around, ringSecrets.gateway, (data) => readKeys('gateway', data)),
    watch(around, ringSecrets.handle, (data) => readKeys('handle', data)),
    watch(around, trustSecret, (data) => {
      trust.read(data).then(
        (alarms) => alarms.forEach((one) => alarm(around, one.alarm, { secret: trustSecret })),
        (error: unknown) => around.log.error('TrustNotRead', error),
      )
    }),
  ]
  const known = { trust, rings }
  return {
    sign: (vote) => {
      const key = currentKey(known)
      return key && signVote(key, vote)
    },
    handleKeys: () => handleKeys(known),
    checks: () => checksOf(known),
    start: () => watches.forEach((one) => one.start()),
    stop: async () => {
      await Promise.all(watches.map((one) => one.stop()))
    },
  }
}

/** A key that nobody else knows of signs nothing. */
function currentKey({ rings, trust }: Known): SigningKey | undefined {
  const ring = rings.get('gateway')
  const key = ring && signingKey(ring)
  return key !== undefined && trust.keys()?.has(key.kid) === true ? key : undefined
}

function handleKeys({ rings }: Known): readonly HmacKey[] {
  const ring = rings.get('handle')
  return (ring && hmacKeys(ring)?.all) ?? []
}

function checksOf(known: Known): readonly ReadyCheck[] {
  return [
    { name: 'trust', ok: known.trust.keys() !== undefined, detail: 'no trusted key is published yet' },
    { name: 'gateway-key', ok: currentKey(known) !== undefined, detail: 'there is none yet that is published' },
    { name: 'handle-key', ok: handleKeys(known).length > 0, detail: 'the operator has not made it yet' },
  ]
}

function watch(
  around: Surroundings,
  name: string,
  changed: (data: SecretData) => void,
): ReturnType<typeof watchSecret> {
  const failed = watchFailed(around, 'secrets', name)
  return watchSecret({ ...around, namespace: recordsNamespace, failed }, name, changed)
}

type AlarmFields = Parameters<Surroundings['log']['info']>[1]

function alarm({ log, measure }: Surroundings, name: string, fields: AlarmFields): void {
  measure({ fact: 'Alarm', alarm: name })
  log.error(name, undefined, fields)
}
