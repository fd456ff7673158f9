import { certificateCraft } from '../certificates/certificate-craft.ts'
import { makeCertificateKeeper } from '../app/keep-certificates.ts'
import { makeKeyKeeper } from '../app/keep-keys.ts'
import { ringNames } from '../app/key-ring.ts'
import type { RingName } from '../app/key-ring.ts'
import type { KeyFacts } from '../app/key-view.ts'
import type { Config } from '../config.ts'
import { recordsNamespace } from '../config.ts'
import { makeSecretStore } from '../kubernetes/secret-store.ts'
import { makeKeyCraft } from '../tokens/key-craft.ts'
import type { HeldKeys } from './held-keys.ts'
import { watchKeyUse } from './key-use-watch.ts'
import { conflictMs } from './keeper.ts'
import type { Keep, KeeperPorts } from './keeper.ts'
import { bundleIn, certificateNames } from './webhook-address.ts'

type KeysKeep = {
  readonly keep: Keep
  /** Lets go of what it watches; it begins again when it keeps again. */
  readonly rest: () => Promise<void>
}

/** Fills and renews the Secrets with keys. What rests on them is looked for when one of them could be dropped. */
export function makeKeysKeep({ around, watches, bell, wake }: KeeperPorts, held: Pick<HeldKeys, 'ring'>): KeysKeep {
  const { keys } = around.config
  const use = watchKeyUse(around, {
    others: () => ringsOfOthers.flatMap((name) => held.ring(name)?.keys ?? []).map(({ id }) => id),
    known: () => wake('keys'),
  })
  const facts = (): KeyFacts => ({
    reports: watches.replicas.fresh().map(({ component, keyIDs }) => ({ component, keyIDs: new Set(keyIDs) })),
    inUse: use.inUse(),
  })
  const secrets = makeSecretStore(around.objects, recordsNamespace)
  const keeper = makeKeyKeeper(
    { secrets, craft: makeKeyCraft(new Set(keys.pins)), now: around.now, facts },
    {
      rotateMs: keys.rotateSeconds * 1000,
      publishMs: keys.publishSeconds * 1000,
      dropMs: keys.dropSeconds * 1000,
      compromised: new Set(keys.compromised),
    },
  )
  const keep: Keep = async () => {
    use.follow(mayDrop(held, around.now() - keys.dropSeconds * 1000))
    const { steps, alarms, wakeTime, settled } = await keeper.keep()
    for (const step of steps) around.log.info('KeysChanged', { ...step })
    bell.ring('keys', alarms)
    return untilMs(wakeTime, settled || alarms.length > 0, around.now())
  }
  return { keep, rest: use.stop }
}

/** What rests on their keys, votes of the gateway and cards, is not looked for: they are never dropped. */
const ringsOfOthers: readonly RingName[] = ['gateway', 'handle']

function mayDrop(held: Pick<HeldKeys, 'ring'>, retiredBefore: number): boolean {
  const kept = ringNames.filter((name) => !ringsOfOthers.includes(name)).flatMap((name) => held.ring(name)?.keys ?? [])
  return kept.some(({ retiredTime = Number.POSITIVE_INFINITY }) => retiredTime <= retiredBefore)
}

export type CertificatesKeep = {
  readonly keep: Keep
  /** Whom callers are to trust; undefined before the first look. */
  readonly caBundle: () => string | undefined
  /** Forgets it: while another operator led, others may have renewed it. */
  readonly reset: () => void
}

/** Issues and renews the webhook's certificate. */
export function makeCertificatesKeep({ around, watches, bell, wake }: KeeperPorts): CertificatesKeep {
  const { config } = around
  const names = certificateNames(config)
  let caBundle: string | undefined
  const keeper = makeCertificateKeeper(
    {
      secrets: makeSecretStore(around.objects, recordsNamespace),
      craft: certificateCraft,
      now: around.now,
      facts: () => ({
        names,
        caBundle: bundleIn(watches.configuration()),
        served: watches.replicas.fresh().flatMap(({ servedCertificate }) => servedCertificate ?? []),
      }),
    },
    certificateSettings(config),
  )
  return {
    caBundle: () => caBundle,
    reset: () => {
      caBundle = undefined
    },
    keep: async () => {
      const result = await keeper.keep()
      for (const step of result.steps) around.log.info('CertificatesChanged', { ...step })
      bell.ring('certificates', result.alarms)
      if (result.caBundle !== undefined && result.caBundle !== caBundle) {
        caBundle = result.caBundle
        wake('gate')
      }
      return untilMs(result.wakeTime, result.settled || result.alarms.length > 0, around.now())
    },
  }
}

function certificateSettings({ certificates }: Config): Parameters<typeof makeCertificateKeeper>[1] {
  const { lifeSeconds, backdateSeconds, renewAt, renewSpread, overlapSeconds, dropSeconds } = certificates
  return {
    lifeMs: lifeSeconds * 1000,
    backdateMs: backdateSeconds * 1000,
    renewAt,
    renewSpread,
    overlapMs: overlapSeconds * 1000,
    dropMs: dropSeconds * 1000,
  }
}

/** What others keep from being settled is left to the watch, and to the next look. */
function untilMs(wakeTime: number | undefined, settled: boolean, now: number): number | undefined {
  if (!settled) return conflictMs
  return wakeTime === undefined ? undefined : Math.max(0, wakeTime - now)
}
