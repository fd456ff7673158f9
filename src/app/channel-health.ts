import type { Instant } from '../domain/instant.ts'
import { channelFault } from './deliver-ports.ts'
import type { ChannelFault, NotDelivered } from './deliver-ports.ts'

/** What is known of a channel from what was sent to it in this term. */
export type ChannelHealth = {
  /** What is wrong with it, or nothing; undefined while nobody has tried. */
  readonly state: () => { readonly fault: ChannelFault | undefined; readonly why: string } | undefined
  /** Something was taken. True when the tries before had failed. */
  readonly succeeded: () => boolean
  /** Returns whether the state is another one now. What is wrong with one message alone is nothing of the channel's. */
  readonly failed: (failure: NotDelivered, now: Instant) => boolean
  /** Counts a request that was tried, and delivered or not. */
  readonly tried: (uid: string, delivered: boolean, now: Instant) => void
  /** Requests of the last day: delivered, and tried. */
  readonly tally: (now: Instant) => { readonly delivered: number; readonly tried: number }
  readonly lastDelivery: () => Instant | undefined
}

/** A service that fails now and then is not said to be away. */
const failuresToSay = 3
const failingMsToSay = 15_000
const dayMs = 24 * 60 * 60_000
const mostTallied = 10_000

type Try = { readonly time: Instant; readonly delivered: boolean }

export function makeChannelHealth(): ChannelHealth {
  let state: ReturnType<ChannelHealth['state']>
  let failing: Failing | undefined
  let lastDelivery: Instant | undefined
  const tries = new Map<string, Try>()

  return {
    state: () => state,
    succeeded: () => {
      const hadFailed = failing !== undefined
      failing = undefined
      state = { fault: undefined, why: '' }
      return hadFailed
    },
    failed: (failure, now) => {
      failing = failing === undefined ? { since: now, times: 1 } : { ...failing, times: failing.times + 1 }
      const fault = channelFault(failure)
      if (fault === undefined || (state !== undefined && mayPass(fault, failing, now))) return false
      const before = state?.fault
      state = { fault, why: failure.why }
      return before !== fault
    },
    tried: (uid, delivered, now) => {
      const before = tries.get(uid)
      if (before?.delivered === true) return
      tries.delete(uid)
      tries.set(uid, { time: now, delivered })
      if (delivered) lastDelivery = now
      const [oldest] = tries.keys()
      if (tries.size > mostTallied && oldest !== undefined) tries.delete(oldest)
    },
    tally: (now) => {
      const recent = [...tries.values()].filter(({ time }) => time > now - dayMs)
      return { delivered: recent.filter((one) => one.delivered).length, tried: recent.length }
    },
    lastDelivery: () => lastDelivery,
  }
}

type Failing = { readonly since: Instant; readonly times: number }

function mayPass(fault: ChannelFault, { since, times }: Failing, now: Instant): boolean {
  const isPassing = fault === 'ServiceUnavailable' || fault === 'LoginUnreachable'
  return isPassing && (times < failuresToSay || now < since + failingMsToSay)
}
