import { nextStep } from '../domain/attempt.ts'
import type { NextStep } from '../domain/attempt.ts'
import { guardOf, repeatabilityOf } from '../domain/grant.ts'
import type { Use } from '../domain/grant.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import { openNameBase } from '../domain/generated-name.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { notSettledYet, overtaken, unsettled } from '../domain/pending-message.ts'
import { recordUnavailable } from '../domain/refused-message.ts'
import { targetUID } from '../domain/digest.ts'
import type { AdmitPorts } from './admit-ports.ts'
import { allow, refuse } from './answer.ts'
import type { Answer } from './answer.ts'
import { callerOf, cite, groupsText } from './gated-call.ts'
import type { IdentifiedCall } from './gated-call.ts'
import { hold } from './hold.ts'
import { openAttempt } from './open-attempt.ts'
import { release } from './release.ts'

/** How often a call looks again before it gives up: each round has read something new. */
const mostRounds = 5

/** Where a gated call stands: the newest attempt it knows, and what it is to say when it is let through. */
export type Pursuit = {
  readonly newest: ApprovalRequest | undefined
  readonly warnings: readonly string[]
  /** This very call opened the attempt. */
  readonly opened: boolean
  /** This very call has been waiting for the decision. */
  readonly waited: boolean
  /** What memory does not know was looked up. */
  readonly looked: boolean
}

/** Finds or opens the attempt for this action and does what its state says, until there is an answer. */
export async function pursue(ports: AdmitPorts, call: IdentifiedCall): Promise<Answer> {
  const newest = ports.memory.newest(call.digest)
  let pursuit: Pursuit = { newest, warnings: [], opened: false, waited: false, looked: newest !== undefined }
  for (let round = 0; round < mostRounds; round += 1) {
    const turn = await takeTurn(ports, call, pursuit)
    if ('kind' in turn) return turn
    pursuit = turn
  }
  if (callerOf(call, pursuit.opened) !== 'HoldsAndRetries') {
    return refuse(recordUnavailable(ports.settings.namespace), call.annotations)
  }
  return askSoon(call, overtaken(call.deed, soonSeconds))
}

const soonSeconds = 1

function askSoon({ annotations }: IdentifiedCall, message: string): Answer {
  return { kind: 'AskAgain', afterSeconds: soonSeconds, message, annotations }
}

async function takeTurn(ports: AdmitPorts, call: IdentifiedCall, pursuit: Pursuit): Promise<Answer | Pursuit> {
  const { newest } = pursuit
  if (newest === undefined) return openAttempt(ports, call, pursuit)
  const step = await judgedStep(ports, call, { ...pursuit, newest })
  switch (step.step) {
    case 'Wait':
      return hold(ports, call, { ...pursuit, newest })
    case 'Open':
      return openAttempt(ports, call, { ...pursuit, warnings: step.warning === undefined ? [] : [step.warning] })
    case 'Refuse':
      return refuse(step.refusal, call.annotations, pursuit.warnings)
    case 'Claim':
      return release(ports, call, { ...pursuit, newest })
    case 'Allow':
      return allow(call.annotations, pursuit.warnings)
    case 'Unsettled':
      return notSettled(ports, call, { ...pursuit, newest })
    case 'Distrust':
      ports.alarm('DecisionNotSigned', newest.metadata.name)
      return refuse(recordUnavailable(ports.settings.namespace), call.annotations)
  }
}

/** The approval stands and may be good for this call, or spent: the operator finds out. Nobody can be told more yet. */
function notSettled(ports: AdmitPorts, call: IdentifiedCall, { newest, opened }: Known): Answer {
  const cited = cite(call, newest, ports.settings.namespace)
  return callerOf(call, opened) === 'HoldsAndRetries'
    ? askSoon(call, unsettled(cited, soonSeconds))
    : refuse(notSettledYet(cited), call.annotations)
}

type Known = Pursuit & { readonly newest: ApprovalRequest }

async function judgedStep(ports: AdmitPorts, call: IdentifiedCall, { newest, waited }: Known): Promise<NextStep> {
  const decided = newest.status?.decision !== undefined
  const record = decided ? await ports.records.verified(newest) : undefined
  return nextStep({
    request: newest,
    record,
    use: await useOfCall(ports, call, newest),
    policies: call.policies,
    cited: cite(call, newest, ports.settings.namespace),
    repeated: !waited && !isNews(newest, ports.now()),
    groups: groupsText(call),
    now: ports.now(),
  })
}

/**
 * Longer than the pause between two sendings of one command, by which its client comes back after 429 or, where it cannot
 * connect, tries in another form.
 */
const sameCommandMs = 10_000

/** Is the "no" so fresh that this call belongs to the command that asked? It has read nothing of it yet. */
function isNews({ status = {} }: ApprovalRequest, now: Instant): boolean {
  const time = parseInstant(status.decisionTime ?? '')
  return status.decision !== 'Expired' && time !== undefined && now - time <= sameCommandMs
}

/** What this call is, for a grant that has been used before. Live reads only where a repeat is judged by them. */
async function useOfCall(
  ports: AdmitPorts,
  { call, content, until }: IdentifiedCall,
  newest: ApprovalRequest,
): Promise<Use> {
  const { action } = call
  const repeatability = repeatabilityOf({
    operation: action.operation,
    subresource: action.resource.subresource,
    generatedName: openNameBase(action) !== undefined,
  })
  const used = (newest.status?.grant?.claims.length ?? 0) > 0
  const byObject = repeatability === 'Create' || repeatability === 'Delete'
  return {
    admissionUID: call.uid,
    repeatability,
    guard: content.operation === 'Update' ? guardOf(action.oldObject, content.changes) : undefined,
    liveUID: used && byObject ? await ports.targets.liveUID(action, until) : undefined,
    targetUID: targetUID(action),
    leaseMs: ports.settings.leaseMs,
  }
}
