/** What a key signs: `evidence`, records of decisions and statements about keys; `gateway`, votes. */
export const keyUses = ['evidence', 'gateway'] as const

export type KeyUse = (typeof keyUses)[number]

/** A public Ed25519 key as it is published. */
export type TrustedKey = {
  /** Its RFC 7638 thumbprint, so that no second key can have the name. */
  readonly kid: string
  readonly use: KeyUse
  /** The key itself: `x` of its JWK (RFC 8037). */
  readonly x: string
  /** The JWS by which an earlier evidence key vouches for this one. The first key of all has none. */
  readonly introduction: string | undefined
  /** The JWS by which an evidence key says that nothing signed with this one counts any more. */
  readonly dismissal: string | undefined
}

/** All keys that a process has ever accepted, the oldest first. Dismissed ones stay: the chain leads through them. */
export type Trust = readonly TrustedKey[]

/** A key as somebody published it, with what its statements prove: the kids by which they are truly signed. */
export type OfferedKey = TrustedKey & {
  readonly introducedBy: string | undefined
  readonly dismissedBy: string | undefined
}

/**
 * What is wrong with a published set: somebody else than the holder of an evidence key wrote it. `Unchained`, no evidence
 * key in force vouches for the key; `OtherUse`, it is published for another use than the one it was introduced for;
 * `Missing`, it was accepted and is published no more; `FalseDismissal`, it is marked as dismissed by nobody who may do
 * so; `DismissalMissing`, it was dismissed and is published as if it were not.
 */
export type TrustAlarm = {
  readonly alarm: 'Unchained' | 'OtherUse' | 'Missing' | 'FalseDismissal' | 'DismissalMissing'
  readonly kid: string
}

export type TrustReading = { readonly trust: Trust; readonly alarms: readonly TrustAlarm[] }

/** Why a process that trusts nothing yet cannot begin with a set: nothing is published, or no key that it may begin with. */
export type PinFault = { readonly fault: 'Empty' | 'NoRoot' }

/**
 * The trust of a process that reads its first set. `pins`: kids of evidence keys that somebody configured; without any,
 * the first key is taken on faith. All others must be chained to these.
 */
export function pinTrust(offered: readonly OfferedKey[], pins: ReadonlySet<string>): TrustReading | PinFault {
  if (offered.length === 0) return { fault: 'Empty' }
  const begin = pins.size === 0 ? offered.slice(0, 1) : offered.filter(({ kid }) => pins.has(kid))
  const roots = begin.filter(({ use }) => use === 'evidence')
  if (roots.length === 0) return { fault: 'NoRoot' }
  return followTrust(roots.map(undismissed), offered)
}

/**
 * The trust of a process that had `own` and now reads `offered`: it gains the keys that an evidence key in force vouches
 * for, and loses those that one dismisses. Nobody else changes anything: what is not signed so is an alarm, and own stays.
 */
export function followTrust(own: Trust, offered: readonly OfferedKey[]): TrustReading {
  const known = withIntroduced(own, offered)
  const inForce = vouchersOf(own, known)
  const proofs = new Map(offered.map((key) => [key.kid, key]))
  const trust = known.map((key, place) => {
    const proof = proofs.get(key.kid)
    const signer = proof?.dismissedBy === undefined ? undefined : inForce.get(proof.dismissedBy)
    if (key.dismissal !== undefined || signer === undefined || !mayDismiss(signer, { key, place })) return key
    return { ...key, dismissal: proof?.dismissal }
  })
  return { trust, alarms: alarmsOf(trust, offered) }
}

/** The keys whose signatures count. */
export function acceptedKeys(trust: Trust): Trust {
  return trust.filter(({ dismissal }) => dismissal === undefined)
}

type Placed = { readonly key: TrustedKey; readonly place: number }

/**
 * The evidence keys whose word counts in this reading: those not dismissed before it, and the new ones, dismissed or
 * not. So a process that was away follows the chain through keys that came and went, but no key returns to power.
 */
function vouchersOf(own: Trust, known: Trust): ReadonlyMap<string, Placed> {
  const former = new Set(own.filter(({ dismissal }) => dismissal !== undefined).map(({ kid }) => kid))
  const placed = known.map((key, place) => ({ key, place }))
  const inForce = placed.filter(({ key }) => key.use === 'evidence' && !former.has(key.kid))
  return new Map(inForce.map((voucher) => [voucher.key.kid, voucher]))
}

/** An evidence key falls by a later one only: so an old one that was stolen dismisses nothing, and the newest never falls. */
function mayDismiss(signer: Placed, { key, place }: Placed): boolean {
  return key.use === 'gateway' || signer.place > place
}

function withIntroduced(own: Trust, offered: readonly OfferedKey[]): Trust {
  const vouchers = new Set(vouchersOf(own, own).keys())
  const known = [...own]
  const kids = new Set(own.map(({ kid }) => kid))
  for (const key of offered) {
    if (kids.has(key.kid) || key.introducedBy === undefined || !vouchers.has(key.introducedBy)) continue
    known.push(undismissed(key))
    kids.add(key.kid)
    if (key.use === 'evidence') vouchers.add(key.kid)
  }
  return known
}

function undismissed({ kid, use, x, introduction }: TrustedKey): TrustedKey {
  return { kid, use, x, introduction, dismissal: undefined }
}

function alarmsOf(trust: Trust, offered: readonly OfferedKey[]): readonly TrustAlarm[] {
  const own = new Map(trust.map((key) => [key.kid, key]))
  const published = new Set(offered.map(({ kid }) => kid))
  const wrong = offered.flatMap((key) => alarmOf(own.get(key.kid), key) ?? [])
  const missing = trust.filter(({ kid }) => !published.has(kid))
  return [...wrong, ...missing.map(({ kid }): TrustAlarm => ({ alarm: 'Missing', kid }))]
}

function alarmOf(own: TrustedKey | undefined, { kid, use, dismissal }: OfferedKey): TrustAlarm | undefined {
  if (own === undefined) return { alarm: 'Unchained', kid }
  if (own.use !== use) return { alarm: 'OtherUse', kid }
  if (own.dismissal === undefined && dismissal !== undefined) return { alarm: 'FalseDismissal', kid }
  return own.dismissal !== undefined && dismissal === undefined ? { alarm: 'DismissalMissing', kid } : undefined
}
