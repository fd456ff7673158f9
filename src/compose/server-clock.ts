import type { Instant } from '../domain/instant.ts'
import type { Timers } from '../kubernetes/timers.ts'
import type { Transport } from '../kubernetes/transport.ts'

/**
 * Now, as the later of our own clock and the API server's: of two clocks, the one that is behind would let an approval
 * live longer than it was given for.
 */
export type ServerClock = {
  readonly now: () => Instant
  /** The same transport; every answer's `Date` sets the clock. */
  readonly listening: (transport: Transport) => Transport
}

export function makeServerClock(timers: Pick<Timers, 'now' | 'elapsed'>): ServerClock {
  let aheadOf = Number.NEGATIVE_INFINITY

  const listening = (transport: Transport): Transport => ({
    ...transport,
    call: async (call) => {
      const reply = await transport.call(call)
      if (reply.date !== undefined) aheadOf = reply.date - timers.elapsed()
      return reply
    },
  })

  return { now: () => Math.max(timers.now(), aheadOf + timers.elapsed()), listening }
}
