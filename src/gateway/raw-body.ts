import type { IncomingMessage } from 'node:http'
import type { RawRequest } from '../app/raw.ts'
import type { BodyPlace, BodyRoom } from './body-room.ts'

/** `leave`: to be called when nobody needs the body any more. */
export type Body = Pick<RawRequest, 'body' | 'cutOff' | 'crowdedOut'> & { readonly leave: () => void }

/** `mostBytes`: of one body. `room`: for all of them. */
export type BodyLimits = { readonly mostBytes: number; readonly room: BodyRoom }

/** What a request has whose body is not read. */
export const noBody: Body = { body: new Uint8Array(), cutOff: false, leave: () => undefined }

/** How many times the limit is still taken from the wire: who is cut off while sending may not see the answer. */
const patience = 2

/** The bytes of a body, as they came, or none when there was no room for them; undefined when it broke off. */
export function readBody(request: IncomingMessage, { mostBytes, room }: BodyLimits): Promise<Body | undefined> {
  return new Promise((resolve) => {
    let isOver = false
    const end = (body: Body | undefined): void => {
      isOver = true
      request.removeAllListeners('data').pause()
      resolve(body)
    }
    const place = room.enter(() => {
      kept.whole()
      end({ ...noBody, crowdedOut: true })
    })
    const kept = makeKept(place, mostBytes)
    const whole = (): void => {
      if (isOver) return
      place.whole()
      end({ body: kept.whole(), cutOff: kept.size() > mostBytes, leave: place.leave })
    }
    const brokenOff = (): void => {
      if (isOver) return
      place.leave()
      end(undefined)
    }
    request.on('data', (chunk: Uint8Array) => {
      if (kept.add(chunk) && kept.size() > patience * mostBytes) whole()
    })
    request.on('end', whole)
    request.on('error', brokenOff)
    request.on('close', brokenOff)
  })
}

type Kept = {
  /** False when there is no room for it. */
  readonly add: (chunk: Uint8Array) => boolean
  /** Of all that came, which may be more than is kept. */
  readonly size: () => number
  /** The bytes, which are kept here no longer. */
  readonly whole: () => Uint8Array
}

const firstBytes = 4 * 1024

/** One memory that doubles as it fills: a body that comes in crumbs takes no more of it than another one. */
function makeKept(place: BodyPlace, mostBytes: number): Kept {
  let bytes = new Uint8Array()
  let size = 0

  function grow(needed: number): boolean {
    if (needed <= bytes.byteLength) return true
    const more = Math.min(mostBytes, Math.max(firstBytes, 2 * bytes.byteLength, needed))
    if (!place.hold(more)) return false
    const before = bytes
    bytes = new Uint8Array(more)
    bytes.set(before)
    return true
  }

  return {
    add: (chunk) => {
      const free = Math.max(0, mostBytes - size)
      if (!grow(Math.min(mostBytes, size + chunk.byteLength))) return false
      bytes.set(chunk.subarray(0, free), Math.min(size, mostBytes))
      size += chunk.byteLength
      return true
    },
    size: () => size,
    whole: () => {
      const all = bytes.subarray(0, Math.min(size, mostBytes))
      bytes = new Uint8Array()
      return all
    },
  }
}
