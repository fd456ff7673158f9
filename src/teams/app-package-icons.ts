import { accentColor } from './app-package-manifest.ts'
import { png } from './app-package-png.ts'
import type { Colour } from './app-package-png.ts'

/** The full-colour icon of the app: the symbol in white on the accent colour, 192 × 192. */
export function colorIcon(): Uint8Array {
  const ground = channels(accentColor)
  // Clients round the corners off: the symbol stays in the middle five eighths.
  return png(192, (x, y) => mixed(ground, coverage(x, y, { side: 192, share: 0.64 })))
}

/** The outline icon: the same symbol, white on nothing, 32 × 32, as Teams wants it for its side bar. */
export function outlineIcon(): Uint8Array {
  return png(32, (x, y) => [255, 255, 255, Math.round(255 * coverage(x, y, { side: 32, share: 0.94 }))])
}

function mixed(ground: readonly number[], part: number): Colour {
  const [red = 0, green = 0, blue = 0] = ground.map((value) => Math.round(value + (255 - value) * part))
  return [red, green, blue, 255]
}

function channels(hex: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
}

type Frame = { readonly side: number; readonly share: number }

/** How much of a pixel the symbol covers, 0 to 1, by how far its middle is from the edge: so edges come out smooth. */
function coverage(x: number, y: number, { side, share }: Frame): number {
  const scale = 2 / (side * share)
  const middle = (at: number): number => (at + 0.5 - side / 2) * scale
  return Math.max(0, Math.min(1, 0.5 - outside(middle(x), middle(y)) / scale))
}

type Point = readonly [x: number, y: number]

/** A tick that breaks out of its ring: the person has the last word. */
const start: Point = [-0.42, -0.02]
const corner: Point = [-0.08, 0.34]
const end: Point = [0.86, -0.66]
const stroke = 0.2
const ring = 0.88
const gap = 0.16

/** How far outside of the symbol a point is, less than 0 inside. The symbol lies between -1 and 1 both ways. */
function outside(x: number, y: number): number {
  const point = [x, y] as const
  const toTick = Math.min(distance(point, [start, corner]), distance(point, [corner, end])) - stroke / 2
  const toRing = Math.abs(Math.hypot(x, y) - ring) - stroke / 2
  return Math.min(toTick, Math.max(toRing, gap - toTick))
}

/** From a point to the nearest one of a line. */
function distance([x, y]: Point, [[ax, ay], [bx, by]]: readonly [Point, Point]): number {
  const [dx, dy] = [bx - ax, by - ay]
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
  return Math.hypot(x - ax - along * dx, y - ay - along * dy)
}
