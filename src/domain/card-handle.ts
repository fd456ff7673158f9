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
 * The handle that a card carries: base64url of an HMAC-SHA-256 over request and channel, 43 characters. Nobody without
 * the key can make one, so a card's data need not be trusted: what it names counts if its handle is that request's.
 */
export function cardHandle(key: HmacKey, { requestUID, channel }: CardSubject): string {
  return handleBytes(key, { requestUID, channel }).toString('base64url')
}

/** Is it the handle for this, made with one of the keys that live? Takes as long for a wrong one as for a right one. */
export function isCardHandle(keys: readonly HmacKey[], subject: CardSubject, handle: string): boolean {
  const given = Buffer.from(handle, 'base64url')
  if (given.toString('base64url') !== handle) return false
  return keys.some((key) => {
    const right = handleBytes(key, subject)
    return given.byteLength === right.byteLength && timingSafeEqual(given, right)
  })
}

/** Hashed as a list, so that no two pairs of texts are written the same. */
function handleBytes(key: HmacKey, { requestUID, channel }: CardSubject): Buffer {
  if (key.secret.byteLength < 32) throw new TypeError('the key of card handles has fewer bytes than the hash')
  return createHmac('sha256', key.secret)
    .update(canonical([purpose, requestUID, channel]))
    .digest()
}
