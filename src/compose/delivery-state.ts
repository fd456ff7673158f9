import { makeChannelHealth } from '../app/channel-health.ts'
import type { ChannelHealth, Tried } from '../app/channel-health.ts'
import { makePostDoubts } from '../app/deliver-doubts.ts'
import type { PostDoubts } from '../app/deliver-doubts.ts'
import { makeDeliveryMemory } from '../app/deliver-memory.ts'
import type { DeliveryMemory } from '../app/deliver-memory.ts'
import type { NotDelivered } from '../app/deliver-ports.ts'
import { makeRingBrake } from '../app/deliver-ring.ts'
import type { RingBrake } from '../app/deliver-ring.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import type { Surroundings } from './component.ts'
import { makeDeliveryRetries } from './delivery-retries.ts'
import type { DeliveryRetries } from './delivery-retries.ts'
import { makeDeliveryTurns } from './delivery-turns.ts'
import type { DeliveryTurns } from './delivery-turns.ts'

/** What is known of one channel in this term. */
export type ChannelState = {
  readonly health: ChannelHealth
  readonly retries: DeliveryRetries
  readonly memory: DeliveryMemory
  readonly doubts: PostDoubts
  readonly brake: RingBrake
  /** Is something taken, as far as is known? */
  readonly isReady: () => boolean
  /** Is it ready, or is a card the only way to learn that it is again? */
  readonly isAsked: () => boolean
  /** Milliseconds until a card of this request may be posted; 0: now, and it is taken for posted. */
  readonly turnMs: (request: ApprovalRequest) => number
  /** Told what every answer, and every silence, of the service was. */
  readonly heard: (tried: Tried, answer: Answer) => void
  /** There is another way to its people: that it took no card by the way before says nothing. */
  readonly renewed: () => void
}

type Answer = { readonly outcome: 'Fine' | 'Posted' | 'Updated' } | NotDelivered

/** `recovered`: what failed may be tried again at once. `opened`: requests may be put before people from now on. */
type Told = { readonly recovered: () => void; readonly opened: () => void; readonly changed: () => void }

type Parts = Pick<ChannelState, 'health' | 'doubts' | 'isReady' | 'isAsked'> & { readonly turns: DeliveryTurns }

export function makeChannelState(around: Surroundings, told: Told): ChannelState {
  const health = makeChannelHealth()
  const doubts = makePostDoubts(around.timers.elapsed)
  const turns = makeDeliveryTurns(around)
  const isReady = (): boolean => {
    const known = health.state()
    return known !== undefined && known.fault === undefined
  }
  const isAsked = (): boolean => isReady() || health.takesNothing() !== undefined
  return {
    health,
    doubts,
    isReady,
    isAsked,
    retries: makeDeliveryRetries(around),
    memory: makeDeliveryMemory(),
    brake: makeRingBrake(),
    turnMs: (request) => {
      const waitMs = doubts.waitMs(request)
      if (waitMs > 0) return waitMs
      return health.takesNothing() === undefined ? 0 : turns.takeMs()
    },
    heard: hearing(around, told, { health, doubts, isReady, isAsked, turns }),
    renewed: () => {
      if (health.takesNothing() !== undefined) health.succeeded('Posted')
      turns.reset()
    },
  }
}

function hearing({ now }: Surroundings, told: Told, parts: Parts): ChannelState['heard'] {
  const { health, turns } = parts

  function failed(tried: Tried, answer: NotDelivered): void {
    const isNews = health.failed(tried, answer, now())
    if (tried === 'Posted' && health.takesNothing() !== undefined) turns.refused()
    if (isNews) told.changed()
  }

  function recovered(tried: Tried): void {
    if (mayTellOfPosts.has(tried)) turns.reset()
    told.recovered()
  }

  function succeeded(tried: Tried): void {
    const before = opennessOf(parts)
    const hadFailed = health.succeeded(tried)
    const ended = doubtsEnded(parts, tried)
    if (hadFailed) recovered(tried)
    else if (ended === 'Answers') told.recovered()
    const isOpened = opennessOf(parts) !== before
    if (isOpened || ended === 'Takes') told.opened()
    // Its figures are others with each card.
    if (isOpened || tried === 'Posted') told.changed()
  }

  return (tried, answer) => (answer.outcome === 'NotDelivered' ? failed(tried, answer) : succeeded(tried))
}

/** It can only rise by a success. */
function opennessOf({ isReady, isAsked }: Parts): 'Ready' | 'Asked' | 'Closed' {
  if (isReady()) return 'Ready'
  return isAsked() ? 'Asked' : 'Closed'
}

const mayTellOfPosts: ReadonlySet<Tried> = new Set<Tried>(['Looked', 'Posted'])

/** What those learn from a success who are in doubt whether their cards were taken; undefined when there is nobody. */
function doubtsEnded({ doubts }: Parts, tried: Tried): 'Answers' | 'Takes' | undefined {
  if (tried === 'Looked') return doubts.looked() ? 'Answers' : undefined
  return tried === 'Posted' && doubts.taken() ? 'Takes' : undefined
}
