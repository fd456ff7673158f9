import { acceptedKeys } from '../domain/trust.ts'
import { keyOf, signs } from './key-ring.ts'
import type { RingName } from './key-ring.ts'
import { isAccepted, isOver, live, nextOf, trustedAs, voucherOf } from './key-view.ts'
import type { KeyReport, View } from './key-view.ts'

/** One write of one Secret. `by`: id of the evidence key that signs the statement; undefined for the first key of all. */
export type KeyStep =
  | { readonly do: 'Generate'; readonly ring: RingName }
  | { readonly do: 'Publish'; readonly ring: RingName; readonly id: string; readonly by: string | undefined }
  | { readonly do: 'Switch'; readonly ring: RingName; readonly id: string }
  | { readonly do: 'Dismiss'; readonly ring: RingName; readonly id: string; readonly by: string }
  | { readonly do: 'Forget'; readonly ring: RingName; readonly id: string }
  | { readonly do: 'Heal' }

type KeyRule = (view: View) => KeyStep | undefined

/** What a ring needs, in order: the first step that a rule asks for is done. */
export const keyRules: readonly KeyRule[] = [firstKey, publish, nextKey, switchOver, dismiss, forget]

function firstKey(view: View): KeyStep | undefined {
  return view.ring.current === undefined && mayGenerate(view) ? { do: 'Generate', ring: view.name } : undefined
}

function publish(view: View): KeyStep | undefined {
  const { name, seen } = view
  if (!signs(name) || !mayGenerate(view)) return undefined
  const unpublished = live(view).find(({ id }) => trustedAs(seen, id) === undefined)
  return unpublished && { do: 'Publish', ring: name, id: unpublished.id, by: voucherOf(seen) }
}

function nextKey(view: View): KeyStep | undefined {
  const { name, ring, settings, now } = view
  const current = keyOf(ring, ring.current)
  if (current === undefined || nextOf(view) !== undefined || !mayGenerate(view)) return undefined
  const due = current.createdTime + settings.rotateMs <= now || settings.compromised.has(current.id)
  return due ? { do: 'Generate', ring: name } : undefined
}

/** Which components look things up by the keys of a ring: each of their replicas must know a key before it is used. */
const readers: Readonly<Record<RingName, readonly KeyReport['component'][]>> = {
  evidence: ['webhook', 'operator', 'gateway'],
  gateway: ['webhook', 'operator', 'gateway'],
  digest: ['webhook', 'operator'],
  handle: ['operator', 'gateway'],
}

function switchOver(view: View): KeyStep | undefined {
  const { name, seen, facts, settings, now } = view
  const next = nextOf(view)
  if (next === undefined || next.createdTime + settings.publishMs > now) return undefined
  if (signs(name) && !isAccepted(seen, next.id)) return undefined
  const asked = facts.reports.filter(({ component }) => readers[name].includes(component))
  return asked.every(({ keyIDs }) => keyIDs.has(next.id)) ? { do: 'Switch', ring: name, id: next.id } : undefined
}

function dismiss(view: View): KeyStep | undefined {
  const { name, ring, seen } = view
  const by = voucherOf(seen)
  const trust = seen.trust ?? []
  if (!signs(name) || by === undefined) return undefined
  const newest = trust.findIndex(({ kid }) => kid === by)
  const mayFall = trust.filter(({ use }, place) => use === name && (name === 'gateway' || place < newest))
  const over = acceptedKeys(mayFall).find(({ kid }) => {
    return kid !== ring.current && isOver(view, kid, keyOf(ring, kid)?.retiredTime)
  })
  return over && { do: 'Dismiss', ring: name, id: over.kid, by }
}

function forget(view: View): KeyStep | undefined {
  const { name, ring, seen } = view
  const over = ring.keys.find(({ id, retiredTime }) => {
    if (id === ring.current || retiredTime === undefined) return false
    return signs(name) ? voucherOf(seen) !== undefined && !isAccepted(seen, id) : isOver(view, id, retiredTime)
  })
  return over && { do: 'Forget', ring: name, id: over.id }
}

/** A key that nobody could vouch for would be of no use: only the very first one needs no voucher. */
function mayGenerate({ name, seen }: View): boolean {
  if (!signs(name) || voucherOf(seen) !== undefined) return true
  return name === 'evidence' && seen.trust?.length === 0
}
