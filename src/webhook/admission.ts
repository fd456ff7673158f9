import type { CallerFacts } from '../app/admit-ports.ts'
import type { Action, Operation } from '../domain/action.ts'
import type { Refusal } from '../domain/check.ts'
import type { JsonFault, JsonFaultKind } from '../domain/json-fault.ts'
import { readJson } from '../domain/json-reader.ts'
import { at, isList, isObject, textAt } from '../domain/json.ts'
import type { Json, JsonObject } from '../domain/json.ts'
import { unreviewable } from '../domain/unreviewable-message.ts'

/** One call of the API server, as far as its body tells. */
export type Review = {
  /** Fresh for every call: it names a call, never an action. */
  readonly uid: string
  readonly dryRun: boolean
  readonly action: Action
  readonly caller: CallerFacts
}

/** A body that is no review that we can take: the refusal, and what to count it under. */
export type Unreadable = { readonly refusal: Refusal; readonly fault: JsonFaultKind | 'NotAReview' }

/**
 * Reads the body of an AdmissionReview (admission.k8s.io/v1) without losing anything of it.
 * The action's `parentUID` stays open: a review does not carry it.
 */
export function readReview(body: Uint8Array): Review | Unreadable {
  const read = readJson(body)
  if ('fault' in read) return unreadable(read)
  const request = at(read.value, 'request')
  const uid = textAt(request, 'uid')
  const action = isReview(read.value) && isWellTyped(request) ? readAction(request) : undefined
  if (uid === undefined || action === undefined) return notAReview
  return { uid, dryRun: at(request, 'dryRun') === true, action, caller: readCaller(at(request, 'userInfo')) }
}

function isReview(value: Json): boolean {
  return textAt(value, 'apiVersion') === 'admission.k8s.io/v1' && textAt(value, 'kind') === 'AdmissionReview'
}

const optionalTexts = [
  ['kind', 'kind'],
  ['name'],
  ['namespace'],
  ['resource', 'group'],
  ['subResource'],
  ['userInfo', 'uid'],
]
const optionalObjects = ['object', 'oldObject', 'options']

/** Is every optional field absent or what it should be? Something else must not read as absent: that is another action. */
function isWellTyped(request: Json | undefined): boolean {
  const texts = optionalTexts.map((keys) => at(request, ...keys))
  const objects = optionalObjects.map((key) => at(request, key) ?? undefined)
  return (
    texts.every((text) => text === undefined || typeof text === 'string') &&
    objects.every((object) => object === undefined || isObject(object))
  )
}

const operations: ReadonlyMap<string | undefined, Operation> = new Map<string, Operation>([
  ['CREATE', 'Create'],
  ['UPDATE', 'Update'],
  ['DELETE', 'Delete'],
  ['CONNECT', 'Connect'],
])

function readAction(request: Json | undefined): Action | undefined {
  const operation = operations.get(textAt(request, 'operation'))
  const resource = readResource(request)
  const username = textAt(request, 'userInfo', 'username')
  if (operation === undefined || resource === undefined || username === undefined) return undefined
  const action: Action = {
    agent: { username, uid: textOrEmpty(request, 'userInfo', 'uid') },
    operation,
    resource,
    kind: textOrEmpty(request, 'kind', 'kind'),
    namespace: textOrEmpty(request, 'namespace'),
    name: textOrEmpty(request, 'name'),
    object: objectAt(request, 'object'),
    oldObject: objectAt(request, 'oldObject'),
    options: objectAt(request, 'options'),
    parentUID: undefined,
  }
  return isWhole(action) ? action : undefined
}

/** Does it carry the objects that its operation works with (KEP-492)? Without them two actions could look the same. */
function isWhole({ operation, object, oldObject }: Action): boolean {
  const needsObject = operation !== 'Delete'
  const needsOldObject = operation === 'Update' || operation === 'Delete'
  return (object !== undefined || !needsObject) && (oldObject !== undefined || !needsOldObject)
}

/** Keys of `userInfo.extra` that the API server fills for a service account's token (KEP-4193). */
const extraKeys = {
  pod: 'authentication.kubernetes.io/pod-name',
  podUID: 'authentication.kubernetes.io/pod-uid',
  credentialID: 'authentication.kubernetes.io/credential-id',
} as const

function readCaller(user: Json | undefined): CallerFacts {
  const groups = at(user, 'groups')
  const name = extra(user, extraKeys.pod)
  const [, , namespace = ''] = textOrEmpty(user, 'username').split(':')
  return {
    groups: isList(groups) ? groups.filter((group) => typeof group === 'string') : [],
    pod: name === undefined ? undefined : { namespace, name, uid: extra(user, extraKeys.podUID) },
    credentialID: extra(user, extraKeys.credentialID),
  }
}

function extra(user: Json | undefined, key: string): string | undefined {
  const values = at(user, 'extra', key)
  const value = isList(values) ? values[0] : undefined
  return typeof value === 'string' ? value : undefined
}

function readResource(request: Json | undefined): Action['resource'] | undefined {
  const version = textAt(request, 'resource', 'version')
  const resource = textAt(request, 'resource', 'resource')
  if (version === undefined || resource === undefined) return undefined
  return {
    group: textOrEmpty(request, 'resource', 'group'),
    version,
    resource,
    subresource: textOrEmpty(request, 'subResource'),
  }
}

function textOrEmpty(request: Json | undefined, ...keys: readonly string[]): string {
  return textAt(request, ...keys) ?? ''
}

function objectAt(request: Json | undefined, key: string): JsonObject | undefined {
  const found = at(request, key)
  return isObject(found) ? found : undefined
}

const faultMeaning: Readonly<Record<JsonFaultKind, string>> = {
  TooLarge: 'it is larger than 16 MiB',
  TooDeep: 'it is nested more than 128 deep',
  TooManyValues: 'it holds more than 300,000 values',
  TooManyKeys: 'an object in it has more than 50,000 keys',
  LongPaths: 'its keys are too long for all the values below them',
  NotUtf8: 'it is not UTF-8 text',
  NotJson: 'it is not JSON',
  DuplicateKey: 'an object in it has the same key twice',
  ForbiddenKey: 'an object in it has the key __proto__',
  LoneSurrogate: 'a text in it holds half a character',
  ReplacementCharacter: 'a text in it holds U+FFFD, which stands for bytes that are no text',
}

function unreadable({ fault }: Pick<JsonFault, 'fault'>): Unreadable {
  return { refusal: unreviewable(faultMeaning[fault]), fault }
}

/** A body of which only the beginning was read. */
export const tooLarge: Unreadable = unreadable({ fault: 'TooLarge' })

const notAReview: Unreadable = { refusal: unreviewable('it is not an AdmissionReview'), fault: 'NotAReview' }
