import { ready, pending, pendingInRun, askAgain } from '../domain/pending-message.ts'
import { parseInstant } from '../domain/instant.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { patienceLeft } from '../domain/run.ts'
import { planWait } from '../domain/wait.ts'
import type { WaitPlan } from '../domain/wait.ts'
import { warnPending } from '../domain/warning.ts'
import type { AdmitPorts } from './admit-ports.ts'
import { refuse } from './answer.ts'
import type { Answer } from './answer.ts'
import { callerOf, cite, groupsText } from './gated-call.ts'
import type { IdentifiedCall } from './gated-call.ts'
import type { Pursuit } from './pursue.ts'

type Waiting = Pursuit & { readonly newest: ApprovalRequest }

/** The least time that must be left of a call to release it: less, and the API server may no longer hear the answer. */
const leastLeftMs = 2000

/** Waits for a person as long as this call may, then asks the caller to send again or tells it how to come back. */
export async function hold(ports: AdmitPorts, call: IdentifiedCall, waiting: Waiting): Promise<Answer | Pursuit> {
  const plan = planOf(ports, call, waiting)
  const decided = plan.holdMs > 0 ? await heldUntilDecided(ports, call, { waiting, holdMs: plan.holdMs }) : undefined
  if (call.call.gone.aborted) return { kind: 'Unavailable', afterSeconds: 1 }
  if (decided === undefined && ports.draining()) return { kind: 'Unavailable', afterSeconds: 1 }
  if (decided === undefined) return stillUndecided(ports, call, { waiting, plan })
  if (
    ports.memory.epoch(call.call.action.agent.username, call.call.caller) !== call.epoch ||
    timeLeft(ports, call) < leastLeftMs
  ) {
    return comeAgain(ports, call, { newest: decided, opened: waiting.opened })
  }
  return { ...waiting, newest: decided, waited: true }
}

function timeLeft(ports: AdmitPorts, { call }: IdentifiedCall): number {
  return call.deadline - ports.now()
}

function planOf(ports: AdmitPorts, call: IdentifiedCall, { newest, opened }: Waiting): WaitPlan {
  const { memory, settings, slots } = ports
  const undecided = memory.undecidedOf(call.agent.label)
  const run = newest.spec.requester.run ?? ''
  const wholePatienceMs = patienceOf(ports, call)
  return planWait({
    caller: callerOf(call, opened),
    callMs: timeLeft(ports, call) - settings.marginMs,
    holdMs: settings.holdMs,
    wholePatienceMs,
    patienceMs: patienceLeft(run, { undecided, now: ports.now(), patienceMs: wholePatienceMs }),
    othersPending: undecided.some(({ metadata }) => metadata.uid !== newest.metadata.uid),
    slotFree: slots.isFree(call.agent.label),
  })
}

/** The agent's own wish, which a policy may only shorten. */
function patienceOf({ settings }: AdmitPorts, { agent, demand }: IdentifiedCall): number {
  const own = agent.wait.patienceSeconds === undefined ? settings.patienceMs : agent.wait.patienceSeconds * 1000
  const policy = demand.wait.patienceSeconds === undefined ? own : demand.wait.patienceSeconds * 1000
  return Math.min(own, policy)
}

async function heldUntilDecided(
  ports: AdmitPorts,
  call: IdentifiedCall,
  { waiting, holdMs }: { readonly waiting: Waiting; readonly holdMs: number },
): Promise<ApprovalRequest | undefined> {
  const release = ports.slots.take(call.agent.label)
  if (release === undefined) return undefined
  const began = ports.now()
  try {
    const { name, uid = '' } = waiting.newest.metadata
    const until = AbortSignal.any([call.call.gone, ports.timeout(holdMs)])
    return await ports.memory.decided({ name, uid }, until)
  } finally {
    release()
    ports.measure({ fact: 'Held', seconds: Math.max(0, ports.now() - began) / 1000 })
  }
}

function stillUndecided(
  ports: AdmitPorts,
  call: IdentifiedCall,
  { waiting, plan }: { readonly waiting: Waiting; readonly plan: WaitPlan },
): Answer {
  const cited = cite(call, waiting.newest, ports.settings.namespace)
  if (plan.afterwards === 'AskAgain') {
    const message = askAgain(cited, plan.afterSeconds)
    return { kind: 'AskAgain', afterSeconds: plan.afterSeconds, message, annotations: call.annotations }
  }
  const run = waiting.newest.spec.requester.run
  const together = ports.memory.undecidedOf(call.agent.label).filter(({ spec }) => spec.requester.run === run).length
  const until = parseInstant(waiting.newest.spec.expirationTime) ?? ports.now()
  const refusal =
    run !== undefined && together > 1
      ? pendingInRun(cited, { id: run, pending: together })
      : pending(cited, { groups: groupsText(call), channels: '', until }, call.demand.grantSeconds)
  return refuse(refusal, call.annotations, [...waiting.warnings, warnPending(cited)])
}

/** Decided, but this call is too old to use it: the caller sends the same command again. */
function comeAgain(
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
