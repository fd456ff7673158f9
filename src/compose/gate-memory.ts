import { isDeepStrictEqual } from 'node:util'
import type { GatedAgents } from '../app/gated-agents.ts'
import type { WebhookConfiguration } from '../app/gate-objects.ts'
import { nothingInForce, nowInForce, storedAs } from '../app/in-force.ts'
import type { InForce, InForceSight, Made } from '../app/in-force.ts'
import type { ClientConfig } from '../domain/gate.ts'
import { webhooksFor } from '../domain/gate.ts'

/** What is known of the gate from one look to the next, in one term. */
export type GateMemory = {
  /** What is to stand in the configuration. */
  readonly wanted: (agents: GatedAgents, clientConfig: ClientConfig) => Made
  /** Takes in what stands there now. True when that changes since when anybody is gated. */
  readonly observe: (sight: Omit<InForceSight, 'made'> & { readonly wanted: Made | undefined }) => boolean
  /** `made` was put there, and `returned` is what the API server made of it. */
  readonly put: (made: Made, returned: WebhookConfiguration) => void
  /** Undefined before the first look. */
  readonly inForce: () => InForce | undefined
}

export function makeGateMemory(): GateMemory {
  let inForce: InForce | undefined
  let last: Made | undefined

  return {
    wanted: ({ subjects, identities }, clientConfig) => {
      const webhooks = webhooksFor(subjects, clientConfig)
      const isLast = isDeepStrictEqual(last?.webhooks, webhooks)
      return { webhooks, identities, stored: (isLast ? last?.stored : undefined) ?? webhooks }
    },
    observe: ({ wanted, ...sight }) => {
      const before = inForce
      const made = [wanted, last].filter((one) => one !== undefined)
      inForce = nowInForce(before ?? nothingInForce, { ...sight, made })
      return before === undefined || !isDeepStrictEqual(before.since, inForce.since)
    },
    put: (made, { webhooks = [] }) => {
      last = { ...made, stored: storedAs(made.webhooks, webhooks) }
    },
    inForce: () => inForce,
  }
}
