import type { Action } from '../src/domain/action.ts'
import { readJson } from '../src/domain/json-reader.ts'
import type { Json } from '../src/domain/json.ts'
import { readReview } from '../src/webhook/admission.ts'

/** The action of a review that is known to be good. */
export function readAction(bytes: Uint8Array): Action {
  const review = readReview(bytes)
  if ('refusal' in review) throw new Error(`the bench has made a bad review: ${review.fault}`)
  return review.action
}

/** The document of bytes that are known to be good. */
export function readValue(bytes: Uint8Array): Json {
  const read = readJson(bytes)
  if ('fault' in read) throw new Error(`the bench has made bad JSON: ${read.fault} at ${read.offset}`)
  return read.value
}
