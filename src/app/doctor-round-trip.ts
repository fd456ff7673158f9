import type { ApprovalChannel } from '../domain/kinds.ts'
import { saidOf } from './doctor-channel.ts'
import type { TeamsApprovalChannel } from './doctor-channel.ts'
import { fails, holds, open } from './doctor-finding.ts'
import type { Finding } from './doctor-finding.ts'
import type { DoctorPorts, DoctorTimers, Known } from './doctor-ports.ts'
import { greetingKey, isSameBot, stepped } from './round-trip.ts'
import type { Trip } from './round-trip.ts'

type TripPorts = Pick<DoctorPorts, 'follow' | 'timers'>

export type TripAsked = {
  readonly channel: TeamsApprovalChannel
  /** For how long to wait for the message; nothing is tried when it is 0. */
  readonly waitMs: number
  /** What is to be said of the person who has written, by the object id. */
  readonly writer: (objectID: string) => Finding
}

/** The operator answers at once, or as soon as the Bot Connector lets it. */
const answerMs = 30_000

/** The whole way in and out: a person writes to the bot, the gateway notes it, the operator answers. */
export async function* roundTrip(ports: TripPorts, asked: TripAsked): AsyncGenerator<Finding> {
  if (asked.waitMs === 0) {
    yield open('the way of a message in and out was not tried (--wait 0)')
    return
  }
  const end = new AbortController()
  try {
    const lookout = makeLookout(ports.timers, asked.channel)
    const followed = await ports.follow(lookout.see, end.signal)
    if ('unreadable' in followed) yield unfollowed(followed.unreadable)
    else yield* walked(ports.timers, lookout, asked)
  } finally {
    end.abort()
  }
}

async function* walked(timers: DoctorTimers, lookout: Lookout, asked: TripAsked): AsyncGenerator<Finding> {
  const begunMs = timers.elapsed()
  lookout.begin()
  yield open(`write "hi" to the bot now, in its chat or as @Countersign hi; waiting ${seconds(asked.waitMs)}`)
  const noted = await lookout.until(['Noted', 'Answered'], asked.waitMs)
  if (noted.stage === 'Awaited') {
    yield nothingCame(lookout, asked)
    return
  }
  const { greeting, notedMs } = noted
  yield holds(`way in: the gateway verified and noted it, ${seconds(notedMs - begunMs)} after this was asked`)
  yield asked.writer(greeting.objectID)
  const answered = await lookout.until(['Answered'], answerMs)
  yield answered.stage === 'Answered'
    ? holds(`way out: the operator answered it ${seconds(answered.answeredMs - notedMs)} later`)
    : notAnswered(lookout)
}

function nothingCame({ trouble, waiting }: Lookout, { waitMs }: TripAsked): Finding {
  const blind = trouble()
  if (blind !== undefined) return unfollowed(blind)
  const what = `way in: nothing was noted within ${seconds(waitMs)}`
  if (waiting()) {
    return fails(what, {
      cause: 'a message from before still waits for its answer; until then no other of its conversation is noted',
      cure: 'see why the operator does not answer: the condition Ready of the channel, and its log',
    })
  }
  return fails(what, {
    cause: 'the Bot Connector does not reach the gateway, or what it brings is refused',
    cure: "see that the bot's messaging endpoint is https://YOUR-HOST/api/messages, then DNS, TLS and the ingress; countersign_inbound_refused_total counts refusals by reason. Of one person only a few messages in some minutes are noted",
  })
}

function notAnswered({ trouble, latest }: Lookout): Finding {
  const blind = trouble()
  if (blind !== undefined) return unfollowed(blind)
  return fails(`way out: the operator has not answered within ${seconds(answerMs)}`, {
    cause: saidOf(latest()) ?? 'the channel says no reason',
    cure: 'kubectl describe apch has the exact cause; the log of the operator has more',
  })
}

function unfollowed(cause: string): Finding {
  return fails('the way of a message in and out could not be watched', {
    cause,
    cure: 'it takes the rights to list and watch approvalchannels',
  })
}

type Lookout = {
  readonly see: (seen: Known<ApprovalChannel>) => void
  /** What is there now was there before. */
  readonly begin: () => void
  /** Resolves when the trip has come to one of the stages, or the time is up. */
  readonly until: (stages: readonly Trip['stage'][], ms: number) => Promise<Trip>
  /** Why nothing may have been seen: watching fails again and again, and has brought nothing since. */
  readonly trouble: () => string | undefined
  /** Whether a message from before still waits. */
  readonly waiting: () => boolean
  readonly latest: () => ApprovalChannel
}

/** A watch that breaks off now and then loses nothing. */
const mostFailures = 2

function makeLookout(timers: DoctorTimers, channel: ApprovalChannel): Lookout {
  let [trip, begun]: [Trip, boolean] = [{ stage: 'Awaited' }, false]
  let failures: readonly string[] = []
  let news = new AbortController()
  let before: ReadonlySet<string> = new Set()
  const seen = new Map([[channel.metadata.name, channel]])
  const there = (): readonly string[] =>
    [...seen.values()].flatMap(({ metadata, status = {} }) =>
      (status.greetings ?? []).map((one) => greetingKey(metadata.name, one)),
    )
  const take = (next: Trip): void => {
    if (next === trip) return
    trip = next
    news.abort()
    news = new AbortController()
  }
  return {
    see: (one) => {
      failures = 'unreadable' in one ? [...failures, one.unreadable] : []
      if ('unreadable' in one || !isSameBot(one.value, channel)) return
      seen.set(one.value.metadata.name, one.value)
      if (begun) take(stepped(trip, { channel: one.value, before, atMs: timers.elapsed() }))
    },
    begin: () => {
      begun = true
      before = new Set(there())
    },
    until: async (stages, ms) => {
      const endMs = timers.elapsed() + ms
      while (!stages.includes(trip.stage) && timers.elapsed() < endMs) {
        await timers.sleep(endMs - timers.elapsed(), news.signal)
      }
      return trip
    },
    trouble: () => (failures.length > mostFailures ? failures.at(-1) : undefined),
    waiting: () => there().some((key) => before.has(key)),
    latest: () => seen.get(channel.metadata.name) ?? channel,
  }
}

/** `0.4 s`, `12 s`. */
function seconds(ms: number): string {
  return `${ms < 10_000 ? Number((ms / 1000).toFixed(1)) : Math.round(ms / 1000)} s`
}
