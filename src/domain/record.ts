import { fromMasked, mask } from './mask.ts'
import type { Masked } from './mask.ts'
import { emptyObject } from './json.ts'

const nothing = mask(
  { operation: 'Connect', options: emptyObject() },
  { paths: [] },
  { id: '', secret: new Uint8Array() },
)

/**
 * What the operator writes is made of the stored request, which was masked when it was opened, and of the words of people,
 * which are to be read: there is nothing left to mask. Not for anything that was read from a target.
 */
export function ofRecords<T>(value: T): Masked<T> {
  return fromMasked(nothing, () => value)
}
