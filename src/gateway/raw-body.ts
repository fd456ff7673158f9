import type { IncomingMessage } from 'node:http'
import type { RawRequest } from '../app/raw.ts'

type Body = Pick<RawRequest, 'body' | 'cutOff'>

/** How many times the limit is still taken from the wire: who is cut off while sending may not see the answer. */
const patience = 2

/** The bytes of a body, as they came; undefined when it broke off. */
export function readBody(request: IncomingMessage, mostBytes: number): Promise<Body | undefined> {
  const kept: Uint8Array[] = []
  let size = 0
  return new Promise((resolve) => {
    const end = (): void => {
      const cutOff = size > mostBytes
      resolve({ body: Buffer.concat(kept).subarray(0, mostBytes), cutOff })
    }
    request.on('data', (chunk: Uint8Array) => {
      if (size <= mostBytes) kept.push(chunk)
      size += chunk.byteLength
      if (size <= patience * mostBytes) return
      request.removeAllListeners('data').pause()
      end()
    })
    request.on('end', end)
    request.on('error', () => resolve(undefined))
    request.on('close', () => resolve(undefined))
  })
}
