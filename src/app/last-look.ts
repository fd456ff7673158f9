import { parseInstant } from '../domain/instant.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { askAgain, ready } from '../domain/pending-message.ts'
import type { AdmitPorts } from './admit-ports.ts'
import { refuse } from './answer.ts'
import type { Answer } from './answer.ts'
import { callerOf, cite } from './gated-call.ts'
import type { IdentifiedCall } from './gated-call.ts'

/** The least time that must be left of a call to release it: less, and the API server may no longer hear the answer. */
const leastLeftMs = 2000

/** How much longer the API server listens, in milliseconds. */
export function timeLeft({ elapsed }: Pick<AdmitPorts, 'elapsed'>, { call }: Pick<IdentifiedCall, 'call'>): number {
  return call.deadline - elapsed()
}

/**
 * The last look before an approval is used, however it was found: not for a caller who has gone, nor so late that the
 * answer may not be heard, nor when policies, people or the agent itself have changed since the call was judged.
 */
export function lastLook(
  ports: AdmitPorts,
  call: IdentifiedCall,
  approved: { readonly newest: ApprovalRequest; readonly opened: boolean },
): Answer | undefined {
  const { gone, action, caller } = call.call
  if (gone.aborted) return { kind: 'Unavailable', afterSeconds: 1 }
  const changed = ports.memory.epoch(action.agent.username, caller) !== call.epoch
  return changed || timeLeft(ports, call) < leastLeftMs ? comeAgain(ports, call, approved) : undefined
}

/** Approved, and not for this very call: the caller sends the same command again. */
export function comeAgain(
  ports: AdmitPorts,
  call: IdentifiedCall,
  { newest, opened }: { readonly newest: ApprovalRequest; readonly opened: boolean },
): Answer {
  const cited = cite(call, newest, ports.settings.namespace)
  if (callerOf(call, opened) === 'HoldsAndRetries') {
    return { kind: 'AskAgain', afterSeconds: 1, message: askAgain(cited, 1), annotations: call.annotations }
  }
  const until = parseInstant(newest.status?.grant?.expirationTime ?? '') ?? ports.now()
  return refuse(ready(cited, until), call.annotations)
}
