import type { Instant } from '../domain/instant.ts'
import { noCertificates, tlsSecret } from './certificates.ts'
import type { CertificateCraft, CertificateFault, Certificates } from './certificates.ts'
import { planCertificates } from './certificate-plan.ts'
import type { CertificateFacts, CertificateSettings, CertificateStep } from './certificate-plan.ts'
import type { SecretStore, StoredSecret } from './secret-store.ts'

/** What is known of the servers and of those who call them. */
export type ServingFacts = Pick<CertificateFacts, 'served'> & {
  /** DNS names and IP addresses under which the webhook is called. */
  readonly names: readonly string[]
  /** `clientConfig.caBundle` as it is in the webhook configuration now; undefined while that has no webhook in it. */
  readonly caBundle: string | undefined
}

export type KeepCertificatesPorts = {
  readonly secrets: SecretStore
  readonly craft: CertificateCraft
  readonly now: () => Instant
  readonly facts: () => ServingFacts
}

/** What a person has to look at. `Unreadable`: what was stored has been replaced. */
type CertificateAlarm =
  | { readonly alarm: 'SecretMissing'; readonly secret: string }
  | ({ readonly alarm: 'Unreadable'; readonly secret: string } & CertificateFault)

export type KeepCertificatesResult = {
  /** What was done, in order. */
  readonly steps: readonly CertificateStep[]
  readonly alarms: readonly CertificateAlarm[]
  /** What `clientConfig.caBundle` is to be from now on; undefined when there is no Secret to keep certificates in. */
  readonly caBundle: string | undefined
  /** When to keep the certificates again, at the latest. */
  readonly wakeTime: Instant | undefined
  /** False when others wrote at the same time again and again: keep once more. */
  readonly settled: boolean
}

/** The operator's keeper of certificates: `keep` does whatever is due, and is safe to call at any time, by any replica. */
export type CertificateKeeper = { readonly keep: () => Promise<KeepCertificatesResult> }

const mostRounds = 12

/** Fills the Secret from which the webhook serves, and renews what is in it. Rejects when the API server gives no usable answer. */
export function makeCertificateKeeper(ports: KeepCertificatesPorts, settings: CertificateSettings): CertificateKeeper {
  async function keep(): Promise<KeepCertificatesResult> {
    const done: Done = { steps: [], alarms: [] }
    for (let round = 1; ; round += 1) {
      const look = await lookAt(ports)
      if (look === undefined) return missing(done)
      if (look.alarm !== undefined) done.alarms.push(look.alarm)
      const { step, wakeTime } = planOf(ports, settings, look)
      const result = { ...done, caBundle: ports.craft.bundle(look.seen.authorities), wakeTime }
      if (step === undefined || round > mostRounds) return { ...result, settled: step === undefined }
      if (await take(ports, settings, { ...look, step })) done.steps.push(step)
    }
  }

  return { keep }
}

type Done = { readonly steps: CertificateStep[]; readonly alarms: CertificateAlarm[] }

function missing({ steps, alarms }: Done): KeepCertificatesResult {
  const alarm: CertificateAlarm = { alarm: 'SecretMissing', secret: tlsSecret }
  return { steps, alarms: [...alarms, alarm], caBundle: undefined, wakeTime: undefined, settled: false }
}

type Look = {
  readonly secret: StoredSecret
  readonly seen: Certificates
  readonly alarm: CertificateAlarm | undefined
}

async function lookAt({ secrets, craft, facts }: KeepCertificatesPorts): Promise<Look | undefined> {
  const secret = await secrets.read(tlsSecret)
  if (secret === 'NotFound') return undefined
  const seen = craft.read(secret.data, facts().names)
  if (!('fault' in seen)) return { secret, seen, alarm: undefined }
  return { secret, seen: noCertificates, alarm: { alarm: 'Unreadable', secret: tlsSecret, ...seen } }
}

function planOf(
  { facts, craft, now }: KeepCertificatesPorts,
  settings: CertificateSettings,
  { seen }: Look,
): ReturnType<typeof planCertificates> {
  const { caBundle, served } = facts()
  const published = caBundle === undefined ? undefined : craft.fingerprints(caBundle)
  return planCertificates(seen, { published, served }, { settings, now: now() })
}

/** True when it was stored; false when somebody else wrote the Secret, and it has to be looked at again. */
async function take(
  ports: KeepCertificatesPorts,
  settings: CertificateSettings,
  { secret, seen, step }: Look & { readonly step: CertificateStep },
): Promise<boolean> {
  const after = await afterStep(ports, settings, { seen, step })
  return (await ports.secrets.replace(secret, ports.craft.data(after))) === 'Stored'
}

async function afterStep(
  ports: KeepCertificatesPorts,
  settings: CertificateSettings,
  { seen, step }: { readonly seen: Certificates; readonly step: CertificateStep },
): Promise<Certificates> {
  const now = ports.now()
  switch (step.do) {
    case 'Issue': {
      const validity = { notBefore: now - settings.backdateMs, notAfter: now + settings.lifeMs }
      const { pair, authority } = await ports.craft.issue({ names: ports.facts().names, ...validity })
      const authorities = [...seen.authorities, authority]
      if (step.as === 'Next') return { ...seen, next: pair, authorities, publishedTime: undefined }
      return { leaf: pair, next: undefined, authorities, publishedTime: undefined, switchedTime: now }
    }
    case 'Note':
      return { ...seen, publishedTime: now }
    case 'Switch':
      return { ...seen, leaf: seen.next, next: undefined, publishedTime: undefined, switchedTime: now }
    case 'Drop':
      return { ...seen, authorities: seen.authorities.filter(({ fingerprint }) => fingerprint !== step.authority) }
  }
}
