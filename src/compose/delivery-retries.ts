import type { NotDelivered } from '../app/deliver-ports.ts'
import { backoffMs } from '../kubernetes/backoff.ts'
import type { Surroundings } from './component.ts'

/** When what failed in one channel is tried again. */
export type DeliveryRetries = {
  /** Counts a failure, and returns after how many milliseconds to try again: not before the service wants to be asked. */
  readonly failed: (request: string, failure: NotDelivered) => number
  readonly done: (request: string) => void
  /** Requests whose last try failed, but for those for which the service has named a time. */
  readonly failing: () => readonly string[]
}

const firstMs = 1_000

export function makeDeliveryRetries({ config, random }: Pick<Surroundings, 'config' | 'random'>): DeliveryRetries {
  const failures = new Map<string, Failed>()
  const backoff = { firstMs, capMs: config.channels.retrySeconds * 1000 }
  return {
    failed: (request, { failure, againMs = 0 }) => {
      // What we held back ourselves was not tried.
      if (failure === 'Paced') return againMs
      const times = failures.get(request)?.times ?? 0
      failures.set(request, { times: times + 1, isNamed: againMs > 0 })
      return Math.max(againMs, backoffMs(backoff, times, random))
    },
    done: (request) => void failures.delete(request),
    failing: () => [...failures].filter(([, { isNamed }]) => !isNamed).map(([request]) => request),
  }
}

/** `isNamed`: the service has said when to try again. */
type Failed = { readonly times: number; readonly isNamed: boolean }
