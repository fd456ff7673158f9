import type { Refusal } from '../domain/check.ts'
import { askAgain, pending, pendingInRun, undelivered } from '../domain/pending-message.ts'
import { parseInstant } from '../domain/instant.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { isUndelivered, livingCards } from '../domain/notified.ts'
import { patienceLeft } from '../domain/run.ts'
import { planWait } from '../domain/wait.ts'
import type { WaitPlan } from '../domain/wait.ts'
import { warnPending } from '../domain/warning.ts'
import type { AdmitPorts } from './admit-ports.ts'
import { refuse } from './answer.ts'
import type { Answer } from './answer.ts'
import { callerOf, cite, groupsText } from './gated-call.ts'
import type { IdentifiedCall } from './gated-call.ts'
import { timeLeft } from './last-look.ts'
import type { Pursuit } from './pursue.ts'

type Waiting = Pursuit & { readonly newest: ApprovalRequest }

/** Waits for a person as long as this call may, then asks the caller to send again or tells it how to come back. */
export async function hold(ports: AdmitPorts, call: IdentifiedCall, waiting: Waiting): Promise<Answer | Pursuit> {
  const plan = planOf(ports, call, waiting)
  const held = plan.holdMs > 0
  const decided = held ? await heldUntilDecided(ports, call, { waiting, holdMs: plan.holdMs }) : undefined
  if (isNobodysAnswer(ports, call, decided)) return { kind: 'Unavailable', afterSeconds: 1 }
  const live = decided ?? (await liveAfter(ports, call, { waiting, held }))
  if (live?.status?.decision !== undefined) return { ...waiting, newest: live, waited: true }
  return stillUndecided(ports, call, { waiting: { ...waiting, newest: live ?? waiting.newest }, plan })
}

/** The caller has gone, or this process goes: another replica waits on with it. */
function isNobodysAnswer(ports: AdmitPorts, { call }: IdentifiedCall, decided: ApprovalRequest | undefined): boolean {
  return call.gone.aborted || (decided === undefined && ports.draining())
}

/**
 * What memory waited for in vain is looked up: the watch that should have told may be behind. Undefined when there was no
 * waiting and the request is not over either, or nobody answers.
 */
async function liveAfter(
  ports: AdmitPorts,
  call: IdentifiedCall,
  { waiting, held }: { readonly waiting: Waiting; readonly held: boolean },
): Promise<ApprovalRequest | undefined> {
  const { expirationTime, attempt } = waiting.newest.spec
  const isOver = (parseInstant(expirationTime) ?? 0) < ports.now()
  if (!held && !isOver) return undefined
  const looked = ports.requests.latest({ digest: call.digest, known: attempt.number }, call.until)
  return (await looked.catch(() => undefined))?.request
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
  return refuse(pendingRefusal(ports, call, waiting), call.annotations, [...waiting.warnings, warnPending(cited)])
}

/** That nobody has seen it is told before everything else: the agent's user is then the only one who can do something. */
function pendingRefusal(ports: AdmitPorts, call: IdentifiedCall, { newest }: Waiting): Refusal {
  const cited = cite(call, newest, ports.settings.namespace)
  const { run } = newest.spec.requester
  const together = ports.memory.undecidedOf(call.agent.label).filter(({ spec }) => spec.requester.run === run).length
  const until = parseInstant(newest.spec.expirationTime) ?? ports.now()
  const asked = { groups: groupsText(call), channels: askedIn(newest), until }
  if (isUndelivered(newest)) {
    const since = parseInstant(newest.metadata.creationTimestamp ?? '') ?? ports.now()
    return undelivered(cited, { ...asked, channels: teams }, since)
  }
  if (run !== undefined && together > 1) return pendingInRun(cited, { id: run, pending: together })
  return pending(cited, asked, call.demand.grantSeconds)
}

/** The only chat in which people are asked so far. */
const teams = 'Teams'

function askedIn({ status }: ApprovalRequest): string {
  return livingCards(status?.messages ?? []).length > 0 ? teams : ''
}
