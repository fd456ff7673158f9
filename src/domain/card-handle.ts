import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonical } from './canonical.ts'
import type { HmacKey } from './digest.ts'

/** What a handle is for: the request, and the channel on whose card it stands. */
export type CardSubject = {
  /** uid of the ApprovalRequest: it lasts, and its spec never changes. */
  readonly requestUID: string
  /** Name of the ApprovalChannel. */
  readonly channel: string
}

/** In front of what is hashed, so that no handle is good for anything else that this key may ever be used for. */
const purpose = 'countersign card handle 1'

/**
 * The handle that a card carries: `<uid of the request>.<base64url(HMAC-SHA-256 over request and channel)>`. Nobody
 * without the key can make one, so it names the request by itself: nothing has to be looked up, and nothing else in a
 * card's data has to be trusted. Throws TypeError for a uid with a dot, which Kubernetes does not make.
 */
export function cardHandle(key: HmacKey, { requestUID, channel }: CardSubject): string {
  if (requestUID.includes('.')) throw new TypeError('the uid of a request has no dot')
  return `${requestUID}.${mac(key, { requestUID, channel }).toString('base64url')}`
}

/**
 * The uid of the request that a handle of this channel names; undefined when none of the keys that live made it. Takes as
 * long for a wrong one as for a right one.
 */
export function requestOfHandle(keys: readonly HmacKey[], channel: string, handle: string): string | undefined {
  const [requestUID = '', tag = '', ...rest] = handle.split('.')
  const given = Buffer.from(tag, 'base64url')
  if (rest.length > 0 || given.toString('base64url') !== tag) return undefined
  const made = keys.filter((key) => {
    const right = mac(key, { requestUID, channel })
    return given.byteLength === right.byteLength && timingSafeEqual(given, right)
  })
  return made.length > 0 ? requestUID : undefined
}

/** Hashed as a list, so that no two pairs of texts are written the same. */
function mac(key: HmacKey, { requestUID, channel }: CardSubject): Buffer {
  if (key.secret.byteLength < 32) throw new TypeError('the key of card handles has fewer bytes than the hash')
  return createHmac('sha256', key.secret)
    .update(canonical([purpose, requestUID, channel]))
    .digest()
}
