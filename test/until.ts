/** Passes the time until something is so; fails after `withinMs` with the sentence that says what did not happen. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const start = performance.now()
  for (let round = 0; !(await isSo()); round += 1) {
    if (performance.now() - start > withinMs) throw new Error(`within ${withinMs} ms it did not happen that ${what}`)
    await (round < 50 ? oneTurn() : new Promise((resolve) => setTimeout(resolve, 2)))
  }
}

/** Lets everything run that is ready to: one turn of the event loop. */
export function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Resolves at the beginning of the next second: kubectl and the API server write times in whole ones. */
export async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000)
  await until('another second has begun', () => Math.floor(Date.now() / 1000) > second)
}
