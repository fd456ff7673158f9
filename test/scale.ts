/** True in `npm run soak`, where the long versions of the long tests run. */
export const soak: boolean = process.env['COUNTERSIGN_SOAK'] === '1'

/** How much of something to do: a bounded share in `npm test`, everything in `npm run soak`. */
export function scaled(inTests: number, inSoak: number): number {
  return soak ? inSoak : inTests
}
