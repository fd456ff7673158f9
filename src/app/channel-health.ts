import type { Instant } from '../domain/instant.ts'
import { channelFault, isOfPlace } from './deliver-ports.ts'
import type { ChannelFault, NotDelivered } from './deliver-ports.ts'

/** By what something was learnt of a channel: a look at it, or something that was sent. */
export type Tried = 'Looked' | 'Posted' | 'Updated' | 'Replied'

type State = { readonly fault: ChannelFault | undefined; readonly why: string }

/**
 * What is known of a channel from what was tried in this term. It does well when it can be looked at and takes cards; what
 * failed in one of these ways is well again when it succeeds in the same way, and not before.
 */
export type ChannelHealth = {
  /** What is wrong with it, or nothing; undefined while nobody has tried. */
  readonly state: () => State | undefined
  /** What is wrong, when it can be looked at and takes no card nevertheless. */
  readonly takesNothing: () => ChannelFault | undefined
  /** Rises with each new reason to look at the channel: something has failed otherwise than before, or without an answer. */
  readonly alarms: () => number
  /** Returns true when the tries of this kind before had failed. */
  readonly succeeded: (tried: Tried) => boolean
  /** Returns whether that is news. What is wrong with a message alone is nothing of the channel's. */
  readonly failed: (tried: Tried, failure: NotDelivered, now: Instant) => boolean
  /** Counts a request that was tried, and delivered or not. */
  readonly tried: (uid: string, delivered: boolean, now: Instant) => void
  /** Requests of the last day: delivered, and tried. */
  readonly tally: (now: Instant) => { readonly delivered: number; readonly tried: number }
  readonly lastDelivery: () => Instant | undefined
}

/** A service that fails now and then is not said to be away. */
const failuresToSay = 3
const failingMsToSay = 15_000

export function makeChannelHealth(): ChannelHealth {
  const failing = new Map<Tried, Failing>()
  let isKnown = false
  let alarms = 0

  return {
    ...makeTally(),
    state: () => (isKnown ? state(failing) : undefined),
    takesNothing: () => (failing.get('Looked')?.fault === undefined ? failing.get('Posted')?.fault : undefined),
    alarms: () => alarms,
    succeeded: (tried) => {
      isKnown = true
      return failing.delete(tried)
    },
    failed: (tried, failure, now) => {
      if (isOfMessage(tried, failure)) return false
      const before = failing.get(tried)
      const after = failedAgain(before ?? { since: now, times: 0, ...well }, failure, isKnown ? now : undefined)
      failing.set(tried, after)
      const isNews = before?.fault !== after.fault || failure.inDoubt === true
      alarms += Number(isNews)
      isKnown ||= state(failing).fault !== undefined
      return isNews
    },
  }
}

const well: State = { fault: undefined, why: '' }

type Failing = State & { readonly since: Instant; readonly times: number }

function state(failing: ReadonlyMap<Tried, Failing>): State {
  const wrong = [failing.get('Looked'), failing.get('Posted')].find((one) => one?.fault !== undefined)
  return { fault: wrong?.fault, why: wrong?.why ?? '' }
}

/** `now`: undefined while nothing is known of the channel, when every fault is told at once. */
function failedAgain(before: Failing, failure: NotDelivered, now: Instant | undefined): Failing {
  const known = { ...before, times: before.times + 1 }
  const fault = channelFault(failure)
  if (fault === undefined || (now !== undefined && mayPass(fault, known, now))) return known
  return { ...known, fault, why: failure.why }
}

/** What a service does not take, or where it does not draw a card anew, tells nothing of the channel. */
function isOfMessage(tried: Tried, { failure }: NotDelivered): boolean {
  return aboutMessages.has(failure) || ((tried === 'Updated' || tried === 'Replied') && isOfPlace(failure))
}

/** But for Throttled: whoever is throttled wants to know when that is over. */
const aboutMessages: ReadonlySet<string> = new Set(['Gone', 'TooLarge', 'Rejected', 'Paced'])

function mayPass(fault: ChannelFault, { since, times }: Failing, now: Instant): boolean {
  const isPassing = fault === 'ServiceUnavailable' || fault === 'LoginUnreachable'
  return isPassing && (times < failuresToSay || now < since + failingMsToSay)
}

const dayMs = 24 * 60 * 60_000
const mostTallied = 10_000

type Try = { readonly time: Instant; readonly delivered: boolean }

function makeTally(): Pick<ChannelHealth, 'tried' | 'tally' | 'lastDelivery'> {
  const tries = new Map<string, Try>()
  let lastDelivery: Instant | undefined
  return {
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
