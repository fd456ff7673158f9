import { makeChannelHealth } from '../app/channel-health.ts'
import type { ChannelHealth } from '../app/channel-health.ts'
import { makeDeliveryMemory } from '../app/deliver-memory.ts'
import type { DeliveryMemory } from '../app/deliver-memory.ts'
import type { NotDelivered } from '../app/deliver-ports.ts'
import { makeRingBrake } from '../app/deliver-ring.ts'
import type { RingBrake } from '../app/deliver-ring.ts'
import type { Surroundings } from './component.ts'
import { makeDeliveryRetries } from './delivery-retries.ts'
import type { DeliveryRetries } from './delivery-retries.ts'

/** What is known of one channel in this term. */
export type ChannelState = {
  readonly health: ChannelHealth
  readonly retries: DeliveryRetries
  readonly memory: DeliveryMemory
  readonly brake: RingBrake
  /** Is something taken, as far as is known? */
  readonly isReady: () => boolean
  /** Told what every answer, and every silence, of the service was. */
  readonly heard: (answer: Answer) => void
}

type Answer = { readonly outcome: 'Fine' | 'Posted' | 'Updated' } | NotDelivered

/** `recovered`: what failed may be tried again at once. `opened`: requests may be put before people from now on. */
type Told = { readonly recovered: () => void; readonly opened: () => void; readonly changed: () => void }

/** What is wrong with one message alone tells nothing of the channel. */
const neutral: ReadonlySet<string> = new Set(['Gone', 'TooLarge', 'Rejected', 'Paced'])

export function makeChannelState(around: Surroundings, told: Told): ChannelState {
  const health = makeChannelHealth()
  const isReady = (): boolean => {
    const known = health.state()
    return known !== undefined && known.fault === undefined
  }
  return {
    health,
    isReady,
    retries: makeDeliveryRetries(around),
    memory: makeDeliveryMemory(),
    brake: makeRingBrake(),
    heard: (answer) => {
      if (answer.outcome === 'NotDelivered') {
        if (!neutral.has(answer.failure) && health.failed(answer, around.now())) told.changed()
        return
      }
      const wasReady = isReady()
      if (health.succeeded()) told.recovered()
      if (wasReady) return
      told.opened()
      told.changed()
    },
  }
}
