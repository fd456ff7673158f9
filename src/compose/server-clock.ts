import type { Instant } from '../domain/instant.ts'
import type { Timers } from '../kubernetes/timers.ts'
import type { Transport } from '../kubernetes/transport.ts'

/**
 * Now, as the later of our own clock and the API server's: of two clocks, the one that is behind would let an approval
 * live longer than it was given for.
 */
export type ServerClock = {
  readonly now: () => Instant
  /** The earlier of the two, as far as both are known. */
  readonly earliest: () => Instant
  /** The same transport; every answer's `Date` sets the clock. */
  readonly listening: (transport: Transport) => Transport
}

export function makeServerClock(timers: Pick<Timers, 'now' | 'elapsed'>): ServerClock {
  let serverZero: number | undefined

  const listening = (transport: Transport): Transport => ({
    ...transport,
    call: async (call) => {
      const reply = await transport.call(call)
      if (reply.date !== undefined) serverZero = reply.date - timers.elapsed()
      return reply
    },
  })

  const both = (): readonly number[] => {
    const own = timers.now()
    return serverZero === undefined ? [own] : [own, serverZero + timers.elapsed()]
  }
  return { now: () => Math.max(...both()), earliest: () => Math.min(...both()), listening }
}
