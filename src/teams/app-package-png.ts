import { crc32 } from 'node:zlib'
import { zlibSync } from 'fflate'

/** A colour and how much of it there is: red, green, blue and alpha, each 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number]

/**
 * A square picture as PNG, each pixel as `at` says; x grows to the right, y downwards. The packing is written in JavaScript,
 * so that the bytes do not depend on the zlib of a Node. Source: https://www.w3.org/TR/png-3/
 */
export function png(size: number, at: (x: number, y: number) => Colour): Uint8Array {
  const rowBytes = 1 + 4 * size
  const rows = new Uint8Array(size * rowBytes)
  for (let y = 0; y < size; y += 1) {
    // The first byte of a row says that it is not filtered.
    for (let x = 0; x < size; x += 1) rows.set(at(x, y), y * rowBytes + 1 + 4 * x)
  }
  return concatenated([
    Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header(size)),
    chunk('IDAT', zlibSync(rows, { level: 9 })),
    chunk('IEND', new Uint8Array(0)),
  ])
}

/** Width, height, 8 bits a channel, red, green, blue and alpha, not interlaced. */
function header(size: number): Uint8Array {
  return concatenated([word(size), word(size), Uint8Array.from([8, 6, 0, 0, 0])])
}

function chunk(name: 'IHDR' | 'IDAT' | 'IEND', data: Uint8Array): Uint8Array {
  const named = concatenated([new TextEncoder().encode(name), data])
  return concatenated([word(data.byteLength), named, word(crc32(named))])
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}
