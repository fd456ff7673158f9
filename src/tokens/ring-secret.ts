import { createPrivateKey, createSecretKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { RingFault } from '../app/key-craft.ts'
import { emptyRing, signs } from '../app/key-ring.ts'
import type { Ring, RingKey, RingName } from '../app/key-ring.ts'
import type { SecretData } from '../app/secret-store.ts'
import { parseInstant } from '../domain/instant.ts'
import { emptyObject, isObject, textAt } from '../domain/json.ts'
import type { JsonObject } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'
import { publicX, thumbprint } from './signing-key.ts'

/** The id of the key in use. */
const currentEntry = 'current'
/** When each key was made, and when another took its place: `{"<id>": {"created": …, "retired": …}}`. Has a dot, so it is no id. */
const timesEntry = 'times.json'

/** What an id may be: an entry of a Secret without a dot, not longer than the field of a request that cites it. */
const idForm = /^[\w-]{1,64}$/

/** The number of bytes of an HMAC key: those of the hash (RFC 2104 section 3). */
export const hmacKeyBytes = 32

/**
 * The ring in a Secret. Signing keys are PKCS #8 PEM, each under its kid; HMAC keys are 32 bytes. An entry without value
 * counts as absent. A key without known times is taken for a very old one.
 */
export function readRing(name: RingName, data: SecretData): Ring | RingFault {
  const { [currentEntry]: current = '', [timesEntry]: times = '', ...rest } = data
  const entries = Object.entries(rest).filter(([, value]) => value !== '')
  if (current === '' && times === '' && entries.length === 0) return emptyRing
  const timesOf = readTimes(times)
  if (timesOf === undefined) return { fault: 'BadTimes', entry: timesEntry }
  const keys = readKeys(name, entries, timesOf)
  return 'fault' in keys ? keys : ringOf(keys, textIn(current))
}

function ringOf(keys: readonly RingKey[], current: string): Ring | RingFault {
  if (current === '') return { fault: 'NoCurrent', entry: currentEntry }
  const key = keys.find(({ id }) => id === current)
  if (key?.secret === undefined) return { fault: 'UnknownCurrent', entry: currentEntry }
  return { current, keys: keys.toSorted((a, b) => a.createdTime - b.createdTime) }
}

/** The Secret of a ring: what {@link readRing} reads. */
export function ringData(name: RingName, ring: Ring): SecretData {
  const keys = ring.keys.flatMap(({ id, secret }) =>
    secret === undefined ? [] : [[id, base64(bytesOf(name, secret))]],
  )
  const times = ring.keys.map(({ id, createdTime, retiredTime }) => [
    id,
    { created: timeText(createdTime), retired: retiredTime === undefined ? undefined : timeText(retiredTime) },
  ])
  return {
    ...Object.fromEntries(keys),
    ...(ring.current === undefined ? {} : { [currentEntry]: base64(Buffer.from(ring.current)) }),
    [timesEntry]: base64(Buffer.from(JSON.stringify(Object.fromEntries(times)))),
  }
}

function readKeys(
  name: RingName,
  entries: readonly (readonly [string, string])[],
  times: JsonObject,
): readonly RingKey[] | RingFault {
  const keys = new Map<string, RingKey>()
  for (const id of Object.keys(times)) keys.set(id, keyAt(times, id, undefined))
  for (const [id, value] of entries) {
    if (!idForm.test(id)) return { fault: 'BadName', entry: id }
    const secret = signs(name) ? privateKeyIn(value) : hmacKeyIn(value)
    if (secret === undefined) return { fault: 'BadKey', entry: id }
    if (signs(name) && thumbprint(publicX(secret)) !== id) return { fault: 'OtherKey', entry: id }
    keys.set(id, keyAt(times, id, secret))
  }
  return [...keys.values()].filter(({ secret, retiredTime }) => secret !== undefined || retiredTime !== undefined)
}

function keyAt(times: JsonObject, id: string, secret: KeyObject | undefined): RingKey {
  return {
    id,
    createdTime: parseInstant(textAt(times, id, 'created') ?? '') ?? 0,
    retiredTime: parseInstant(textAt(times, id, 'retired') ?? ''),
    secret,
  }
}

const limits = { bytes: 64 * 1024, depth: 4, nodes: 4096, keys: 1000, paths: 256 * 1024 }

function readTimes(value: string): JsonObject | undefined {
  if (value === '') return emptyObject()
  const read = readJson(Buffer.from(value, 'base64'), limits)
  return 'fault' in read || !isObject(read.value) ? undefined : read.value
}

/** OpenSSL says what is wrong with a key; nobody needs to read that, and it might cite the key. */
function privateKeyIn(value: string): KeyObject | undefined {
  try {
    const key = createPrivateKey({ key: Buffer.from(value, 'base64'), format: 'pem' })
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}

function hmacKeyIn(value: string): KeyObject | undefined {
  const bytes = Buffer.from(value, 'base64')
  return bytes.byteLength === hmacKeyBytes && base64(bytes) === value ? createSecretKey(bytes) : undefined
}

function bytesOf(name: RingName, secret: KeyObject): Buffer {
  return signs(name) ? Buffer.from(secret.export({ type: 'pkcs8', format: 'pem' })) : secret.export()
}

function textIn(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8')
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function timeText(time: number): string {
  return new Date(time).toISOString()
}
