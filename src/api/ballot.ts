import type { TabBallot } from '../app/tab-wire.ts'
import { firstRefusal } from '../domain/check.ts'
import { isObject, textAt } from '../domain/json.ts'
import type { Json, JsonObject } from '../domain/json.ts'
import type { JsonLimits } from '../domain/json-fault.ts'
import { readJson } from '../domain/json-reader.ts'
import type { Verdict } from '../domain/kinds.ts'
import { isTooLong } from '../domain/vote-comment.ts'
import type { RawRequest } from '../app/raw.ts'
import type { TabRefusal } from './tab-refusals.ts'

/** A comment of 1024 characters may take 12 bytes for each, written as escapes. */
const limits: JsonLimits = { bytes: 16 * 1024, depth: 3, nodes: 16, keys: 8, paths: 1024 }

type BallotCheck = (raw: RawRequest) => TabRefusal | undefined

const arrivalChecks: readonly BallotCheck[] = [
  ({ cutOff, body }) => (cutOff || body.byteLength > limits.bytes ? 'TooLarge' : undefined),
  // A form on a foreign page cannot send this type without being asked for leave, which nobody gives here.
  ({ header }) => (isJsonType(header('content-type')) ? undefined : 'NotJsonContent'),
]

/** The vote in a body; nothing is cut, guessed or left out. */
export function readBallot(raw: RawRequest): TabBallot | { readonly refusal: TabRefusal } {
  const refusal = firstRefusal(arrivalChecks, raw)
  if (refusal !== undefined) return { refusal }
  const read = readJson(raw.body, limits)
  const ballot = 'fault' in read ? undefined : ballotIn(read.value)
  if (ballot === undefined) return { refusal: 'NotAVote' }
  return isTooLong(ballot.comment) ? { refusal: 'CommentTooLong' } : ballot
}

const verdicts: readonly Verdict[] = ['Approve', 'Deny', 'RequestChanges', 'Comment', 'Revoke', 'Pause']
const known: ReadonlySet<string> = new Set(['verdict', 'comment', 'digest', 'uid', 'click'])

function ballotIn(value: Json): TabBallot | undefined {
  if (!isObject(value) || Object.keys(value).some((key) => !known.has(key))) return undefined
  const seen = seenIn(value)
  const said = saidIn(value)
  return seen === undefined || said === undefined ? undefined : { ...seen, ...said }
}

function seenIn(value: JsonObject): Pick<TabBallot, 'digest' | 'uid'> | undefined {
  const digest = textLike(value['digest'], /^sha256:[0-9a-f]{64}$/)
  const uid = textLike(value['uid'], /^[\w-]{1,64}$/)
  return digest === undefined || uid === undefined ? undefined : { digest, uid }
}

function saidIn(value: JsonObject): Pick<TabBallot, 'verdict' | 'comment' | 'click'> | undefined {
  const verdict = verdicts.find((one) => one === value['verdict'])
  const comment = value['comment'] === undefined ? '' : textAt(value, 'comment')
  const click = textLike(value['click'], /^[\w-]{16,64}$/)
  if (verdict === undefined || comment === undefined || click === undefined) return undefined
  return { verdict, comment: comment.trim(), click }
}

function textLike(value: Json | undefined, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined
}

function isJsonType(type: string | undefined): boolean {
  return /^application\/json(?:\s*;\s*charset=utf-8)?$/i.test(type ?? '')
}
