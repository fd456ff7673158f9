import type { Log } from '../app/log.ts'
import type { HmacKey } from '../domain/digest.ts'
import { recordsNamespace } from '../config.ts'
import { servingIn } from '../certificates/tls-secret.ts'
import type { Serving } from '../certificates/tls-secret.ts'
import { ringSecrets, trustSecret } from '../app/key-ring.ts'
import { tlsSecret } from '../app/certificates.ts'
import { watchSecret } from '../kubernetes/named-secret.ts'
import { hmacKeys } from '../tokens/hmac-keys.ts'
import { readRing } from '../tokens/ring-secret.ts'
import { makeTrustFollower } from '../tokens/trust-follower.ts'
import type { TrustFollower } from '../tokens/trust-follower.ts'
import type { VerifyingKeys } from '../tokens/verify.ts'
import type { ReadyCheck, Surroundings } from './component.ts'

/** What the webhook reads of the Secrets that the operator fills, as they are now. What cannot be read leaves what was. */
export type WebhookSecrets = {
  /** By which digests are made, the current key first; undefined until the operator has made one. */
  readonly digestKeys: () => readonly [HmacKey, ...HmacKey[]] | undefined
  readonly serving: () => Serving | undefined
  /** Whose signatures count. */
  readonly keys: () => VerifyingKeys | undefined
  /** Ids of all keys that are known here. */
  readonly keyIDs: () => readonly string[]
  readonly checks: () => readonly ReadyCheck[]
  readonly start: () => void
  readonly stop: () => Promise<void>
}

type Data = Readonly<Record<string, string>>

/** `served` is told whenever there is another certificate to serve. */
export function watchWebhookSecrets(around: Surroundings, served: (serving: Serving) => void): WebhookSecrets {
  const trust = makeTrustFollower(new Set(around.config.keys.pins))
  let digest: ReturnType<typeof hmacKeys>
  let serving: Serving | undefined

  function readDigestKeys(data: Data): void {
    const ring = readRing('digest', data)
    if ('fault' in ring) unreadable(around.log, ringSecrets.digest, ring)
    else digest = hmacKeys(ring) ?? digest
  }

  function readCertificate(data: Data): void {
    const read = servingIn(data)
    if (read !== undefined && 'fault' in read) return unreadable(around.log, tlsSecret, read)
    if (read === undefined || read.fingerprint === serving?.fingerprint) return
    serving = read
    served(read)
  }

  const watches = [
    watch(around, ringSecrets.digest, readDigestKeys),
    watch(around, tlsSecret, readCertificate),
    watch(around, trustSecret, (data) => void readTrust(around.log, trust, data)),
  ]

  return {
    digestKeys: () => digest && [digest.current, ...digest.all.filter(({ id }) => id !== digest?.current.id)],
    serving: () => serving,
    keys: trust.keys,
    keyIDs: () => [...trust.keyIDs(), ...(digest?.all ?? []).map(({ id }) => id)],
    checks: () => [
      { name: 'digest-key', ok: digest !== undefined, detail: 'the operator has not made it yet' },
      { name: 'certificate', ok: serving !== undefined, detail: 'the operator has not issued it yet' },
      { name: 'trust', ok: trust.keys() !== undefined, detail: 'no trusted key is published yet' },
    ],
    start: () => watches.forEach((one) => one.start()),
    stop: async () => {
      await Promise.all(watches.map((one) => one.stop()))
    },
  }
}

function watch(around: Surroundings, name: string, changed: (data: Data) => void): ReturnType<typeof watchSecret> {
  return watchSecret({ ...around, namespace: recordsNamespace, failed: watchFailed(around, name) }, name, changed)
}

/** What was read before stays in use. */
function unreadable(log: Log, secret: string, fault: { readonly fault: string; readonly entry: string }): void {
  log.error('SecretUnreadable', undefined, { secret, fault: fault.fault, entry: fault.entry })
}

async function readTrust(log: Log, trust: TrustFollower, data: Data): Promise<void> {
  try {
    for (const { alarm } of await trust.read(data)) log.error('TrustAlarm', undefined, { alarm })
  } catch (error) {
    log.error('TrustNotRead', error)
  }
}

function watchFailed({ log, measure }: Surroundings, secret: string): (error: unknown) => void {
  return (error) => {
    measure({ fact: 'WatchFailed', resource: 'secrets' })
    log.warn('WatchFailed', { resource: 'secrets', name: secret, cause: error instanceof Error ? error.message : '' })
  }
}
