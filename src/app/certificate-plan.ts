import type { Instant } from '../domain/instant.ts'
import type { Authority, Certificates, ServingPair } from './certificates.ts'

/** Milliseconds where not said otherwise. */
export type CertificateSettings = {
  /** How long a certificate is valid from its issue on. */
  readonly lifeMs: number
  /** How long before its issue its validity begins, for the sake of clocks that are behind. */
  readonly backdateMs: number
  /** The part of its life after which a certificate is replaced, and the further part over which that is spread. */
  readonly renewAt: number
  readonly renewSpread: number
  /** How long callers know a new authority, at least, before a certificate of it is served. */
  readonly overlapMs: number
  /** How long callers still know the old authority, at least, after its certificate was replaced. */
  readonly dropMs: number
}

export type CertificateFacts = {
  /** Fingerprints of the authorities that callers are told to trust; undefined while nobody is told to call. */
  readonly published: readonly string[] | undefined
  /** Fingerprint of the certificate that each webhook replica with a fresh Lease says it serves. */
  readonly served: readonly string[]
}

/** One write of the Secret. */
export type CertificateStep =
  /** A new authority and a pair of it: served at once when nothing else can be, else when everybody knows it. */
  | { readonly do: 'Issue'; readonly as: 'Leaf' | 'Next' }
  /** The authority to come is published from now on. */
  | { readonly do: 'Note' }
  | { readonly do: 'Switch' }
  | { readonly do: 'Drop'; readonly authority: string }

export type CertificatePlan = {
  /** Undefined when all is as it should be for now. */
  readonly step: CertificateStep | undefined
  /** When to look again even if nothing else happens; undefined when time alone changes nothing. */
  readonly wakeTime: Instant | undefined
}

type View = Certificates & {
  readonly facts: CertificateFacts
  readonly settings: CertificateSettings
  readonly now: Instant
}

type CertificateRule = (view: View) => CertificateStep | undefined

/**
 * The next write that brings the certificates to where they should be. While callers and servers change over at their
 * own pace, each certificate that may be served has its authority among those that may be trusted.
 */
export function planCertificates(
  seen: Certificates,
  facts: CertificateFacts,
  { settings, now }: { readonly settings: CertificateSettings; readonly now: Instant },
): CertificatePlan {
  const view = { ...seen, facts, settings, now }
  const moments = momentsOf(view).filter((moment) => moment > now)
  return { step: firstStep(view), wakeTime: moments.length === 0 ? undefined : Math.min(...moments) }
}

const rules: readonly CertificateRule[] = [repair, renew, note, switchOver, drop]

function firstStep(view: View): CertificateStep | undefined {
  for (const rule of rules) {
    const step = rule(view)
    if (step !== undefined) return step
  }
  return undefined
}

/** What is served is no good to anybody: there is nothing to wait for. */
function repair({ leaf, next, now }: View): CertificateStep | undefined {
  if (isUsable(leaf, now)) return undefined
  return isUsable(next, now) ? { do: 'Switch' } : { do: 'Issue', as: 'Leaf' }
}

function renew({ leaf, next, settings, now }: View): CertificateStep | undefined {
  if (leaf === undefined || isUsable(next, now) || renewTime(leaf, settings) > now) return undefined
  return { do: 'Issue', as: 'Next' }
}

function note({ next, publishedTime, facts }: View): CertificateStep | undefined {
  if (next?.authority === undefined || publishedTime !== undefined) return undefined
  return facts.published?.includes(next.authority) === true ? { do: 'Note' } : undefined
}

/** Where nobody is told to call, nobody has to be told whom to trust. */
function switchOver({ next, publishedTime, facts, settings, now }: View): CertificateStep | undefined {
  if (next?.authority === undefined || !isUsable(next, now)) return undefined
  if (facts.published === undefined) return { do: 'Switch' }
  if (publishedTime === undefined || publishedTime + settings.overlapMs > now) return undefined
  return facts.published.includes(next.authority) ? { do: 'Switch' } : undefined
}

function drop(view: View): CertificateStep | undefined {
  const { leaf, switchedTime = 0, facts, settings, now } = view
  const isOver = switchedTime + settings.dropMs <= now && facts.served.every((served) => served === leaf?.fingerprint)
  const over = formerAuthorities(view).find(({ notAfter }) => isOver || notAfter <= now)
  return over && { do: 'Drop', authority: over.fingerprint }
}

/** Those of which nothing is served or will be. */
function formerAuthorities({ leaf, next, authorities }: View): readonly Authority[] {
  return authorities.filter(({ fingerprint }) => fingerprint !== leaf?.authority && fingerprint !== next?.authority)
}

function isUsable(pair: ServingPair | undefined, now: Instant): boolean {
  return pair !== undefined && pair.fits && pair.authority !== undefined && pair.notBefore <= now && now < pair.notAfter
}

/**
 * When to replace a certificate: not the same moment for all that were issued together, yet for each one always the same,
 * so that looking often does not hasten it.
 */
export function renewTime({ fingerprint, notBefore, notAfter }: ServingPair, settings: CertificateSettings): Instant {
  const issued = notBefore + settings.backdateMs
  const spread = Number.parseInt(fingerprint.slice('sha256:'.length, 'sha256:'.length + 8), 16) / 2 ** 32
  return issued + (notAfter - issued) * (settings.renewAt + settings.renewSpread * spread)
}

function momentsOf(view: View): readonly Instant[] {
  const { leaf, publishedTime, switchedTime = 0, settings } = view
  return [
    ...(leaf === undefined ? [] : [renewTime(leaf, settings), leaf.notAfter]),
    ...(publishedTime === undefined ? [] : [publishedTime + settings.overlapMs]),
    ...formerAuthorities(view).flatMap(({ notAfter }) => [notAfter, switchedTime + settings.dropMs]),
  ]
}
