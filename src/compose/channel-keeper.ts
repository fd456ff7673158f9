import type { Announcement } from '../app/announce.ts'
import { announceChannel } from '../app/channel-announce.ts'
import type { ChannelHealth, Tried } from '../app/channel-health.ts'
import { channelStatus } from '../app/channel-status.ts'
import type { ChannelStatusNote } from '../app/channel-status.ts'
import type { NotDelivered, Publisher } from '../app/deliver-ports.ts'
import type { ChannelReason } from '../domain/channel-reasons.ts'
import type { ApprovalChannel } from '../domain/kinds.ts'
import { backoffMs } from '../kubernetes/backoff.ts'
import { writeChannelStatus } from '../kubernetes/write-channel.ts'
import { makeChannelGreeter } from './channel-greeter.ts'
import type { Surroundings } from './component.ts'
import { makePace } from './pace.ts'
import type { Pace } from './pace.ts'

export type ChannelKeeperPorts = {
  readonly channel: () => ApprovalChannel
  readonly publisher: () => Publisher
  readonly health: ChannelHealth
  /** Told what became of a look at the channel. */
  readonly heard: (tried: Tried, outcome: { readonly outcome: 'Fine' } | NotDelivered) => void
  /** Publishes an Event. Returns at once. */
  readonly announce: (announcement: Announcement) => void
}

/** A channel that does well is looked at now and then: who may be mentioned, and whether the bot is still there. */
const fineMs = 5 * 60_000
/** One that does not, until it does again. */
const probing = { firstMs: 1_000, capMs: 15_000 }
/** Between two looks for no other reason than that something that was sent has failed. */
const alarmedMs = 15_000
/** Between two writes of mere figures. */
const figuresMs = 10_000

/**
 * Says of one channel how it does, and answers who wrote to its bot. `keep` resolves to when to look again, in
 * milliseconds, and rejects when the API server gives no usable answer. Once `signal` is aborted, nothing more is done.
 */
export function makeChannelKeeper(
  around: Surroundings,
  ports: ChannelKeeperPorts,
): { readonly keep: (signal: AbortSignal) => Promise<number> } {
  const look = makeLook(around, ports)
  const greet = makeChannelGreeter(around, ports)
  const pace = makePace(around.timers, figuresMs)
  return {
    keep: async (signal) => {
      const lookMs = await look(signal)
      if (signal.aborted) return lookMs
      const statusMs = await keepStatus(around, ports, pace)
      return Math.min(lookMs, statusMs, (await greet(signal)) ?? fineMs)
    },
  }
}

type Look = (signal: AbortSignal) => Promise<number>

/** Looks when it is time to, and when there is another way to its people, or other conversations, than the last time. */
function makeLook({ timers, random }: Surroundings, ports: ChannelKeeperPorts): Look {
  const { health, publisher: way } = ports
  let dueTime = Number.NEGATIVE_INFINITY
  let lookTime = Number.NEGATIVE_INFINITY
  let alarms = 0
  let seen: readonly unknown[] = []
  let failures = 0

  /** Cards that fail while the channel was fine are a reason to look soon, too. */
  function waitMs(here: readonly unknown[]): number {
    const isSame = here.every((part, index) => part === seen[index])
    if (!isSame) return 0
    const time = alarms === health.alarms() ? dueTime : Math.min(dueTime, lookTime + alarmedMs)
    return Math.max(0, time - timers.elapsed())
  }

  return async (signal) => {
    const publisher = way()
    const here = [publisher, JSON.stringify(ports.channel().status?.conversations ?? [])]
    const wait = waitMs(here)
    if (wait > 0) return wait
    ;[seen, alarms, lookTime] = [here, health.alarms(), timers.elapsed()]
    const outcome = await publisher.check(signal)
    ports.heard('Looked', outcome)
    failures = outcome.outcome === 'Fine' ? 0 : failures + 1
    const pauseMs = failures === 0 ? fineMs : backoffMs(probing, failures - 1, random)
    dueTime = timers.elapsed() + pauseMs
    return pauseMs
  }
}

async function keepStatus(around: Surroundings, ports: ChannelKeeperPorts, pace: Pace): Promise<number> {
  const { health, publisher } = ports
  const state = health.state()
  if (state === undefined) return fineMs
  const channel = ports.channel()
  const [reason, now] = [state.fault ?? 'Installed', around.now()] as const
  const known = { target: publisher().target(), lastDelivery: health.lastDelivery(), tally: health.tally(now) }
  const note = channelStatus(channel, { reason, why: state.why, ...known, now })
  if (note === undefined) return fineMs
  const isNews = reasonOf(channel.status) !== reason
  if (!isNews && pace.waitMs() > 0) return pace.waitMs()
  pace.wrote()
  const stored = await writeChannelStatus(around.objects, channel, note)
  if (stored === 'Stored' && isNews) tell(around, ports, { note, reason })
  return fineMs
}

function reasonOf(status: ChannelStatusNote = {}): string | undefined {
  return status.conditions?.find(({ type }) => type === 'Ready')?.reason
}

type News = { readonly note: ChannelStatusNote; readonly reason: ChannelReason }

function tell({ measure, log, now }: Surroundings, ports: ChannelKeeperPorts, { note, reason }: News): void {
  const channel = ports.channel()
  const { name } = channel.metadata
  measure({ fact: 'ChannelChanged', channel: name, reason })
  log.info('ChannelChanged', { channel: name, reason })
  for (const ready of note.conditions ?? []) ports.announce(announceChannel(channel, ready, now()))
}
