import { worksOnParent } from '../domain/action.ts'
import type { Action } from '../domain/action.ts'
import { attemptName } from '../domain/digest.ts'
import type { ApprovalRequest, MaskedDiff, Requester } from '../domain/kinds.ts'
import { likenessLabel, likenessOf } from '../domain/likeness.ts'
import { fromMasked, mask } from '../domain/mask.ts'
import type { Masked, View } from '../domain/mask.ts'
import { present } from '../domain/present.ts'
import { attemptAfter, requestSpec } from '../domain/request.ts'
import { runOf } from '../domain/run.ts'
import { targetMoved, tooLargeToReview, unreviewable } from '../domain/unreviewable-message.ts'
import type { AdmitPorts } from './admit-ports.ts'
import { refuse } from './answer.ts'
import type { Answer } from './answer.ts'
import { callerOf } from './gated-call.ts'
import type { IdentifiedCall } from './gated-call.ts'
import type { RequestDraft } from './ports.ts'
import type { Pursuit } from './pursue.ts'
import { tooManyOpen } from './refuse-first.ts'

/**
 * Opens the attempt after the newest one, or finds that somebody has: its name is made of the digest and its number, so
 * identical calls meet in one request.
 */
export async function openAttempt(
  ports: AdmitPorts,
  call: IdentifiedCall,
  pursuit: Pursuit,
): Promise<Answer | Pursuit> {
  const known = pursuit.newest === undefined && !pursuit.looked ? await latest(ports, call) : undefined
  if (known !== undefined) return { ...pursuit, newest: known, looked: true }
  const { label } = call.agent
  const limits = { open: ports.memory.undecidedOf(label).length, most: ports.settings.mostPending }
  const opened = ports.openings.begin(label, limits)
  if (opened === undefined) return refuse(tooManyOpen(ports, call), call.annotations)
  try {
    return await opening(ports, call, pursuit)
  } finally {
    opened()
  }
}

/** Memory keeps undecided requests only: what was decided is found by one read, before anything is made for a new one. */
async function latest(ports: AdmitPorts, call: IdentifiedCall): Promise<ApprovalRequest | undefined> {
  return (await ports.requests.latest({ digest: call.digest }, call.until))?.request
}

async function opening(ports: AdmitPorts, call: IdentifiedCall, pursuit: Pursuit): Promise<Answer | Pursuit> {
  const target = await ports.checkTarget(call)
  if (target === 'Differs' || target === 'KeepsDiffering') return targetDiffers(call, target)
  const view = mask(call.content, { paths: call.demand.maskedPaths }, call.context.key)
  const diff = await ports.diffs.store(view)
  if ('tooLarge' in diff) return refuse(tooLargeToReview(call.deed.action, diff.tooLarge), call.annotations)
  const { request } = await ports.requests.open(draftOf(ports, call, { view, diff, pursuit, target }), call.until)
  ports.measure({ fact: 'Opened' })
  const newest = await newestOf(ports, call, request)
  return { ...pursuit, newest, opened: true }
}

type Drafting = {
  readonly view: Masked<View>
  readonly diff: Masked<MaskedDiff>
  readonly pursuit: Pursuit
  readonly target: 'Same' | 'Unchecked'
}

function draftOf(
  ports: AdmitPorts,
  call: IdentifiedCall,
  { view, diff, pursuit, target }: Drafting,
): Masked<RequestDraft> {
  const { action } = call.call
  const attempt = attemptAfter(pursuit.newest)
  return fromMasked(view, () => ({
    name: attemptName(call.digest, attempt.number),
    labels: labelsOf(call, ports),
    spec: requestSpec({
      action,
      content: call.content,
      digest: call.digest,
      context: call.context,
      summary: call.deed.action,
      view,
      diff,
      cluster: ports.settings.cluster,
      requester: requesterOf(ports, call),
      attempt,
      demand: call.demand,
      policies: call.policies,
      justification: call.agent.justification,
      targetChecked: checked(action, target),
      now: ports.now(),
    }),
  }))
}

/** Undefined: there is nothing to look at. */
function checked(action: Action, target: 'Same' | 'Unchecked'): boolean | undefined {
  if (worksOnParent(action)) return action.parentUID !== undefined
  return action.operation === 'Create' ? undefined : target === 'Same'
}

/** What the review says is there is not what is there: nobody is asked about it. */
function targetDiffers(call: IdentifiedCall, target: 'Differs' | 'KeepsDiffering'): Answer {
  const refusal = unreviewable('the live object is not the one that this call says it works on')
  if (target === 'KeepsDiffering' || callerOf(call, true) !== 'HoldsAndRetries') {
    return refuse(refusal, call.annotations)
  }
  const afterSeconds = 1
  return {
    kind: 'AskAgain',
    afterSeconds,
    message: targetMoved(call.deed, afterSeconds),
    annotations: call.annotations,
  }
}

/** What was there before us may be an old attempt with others after it. */
async function newestOf(ports: AdmitPorts, call: IdentifiedCall, request: ApprovalRequest): Promise<ApprovalRequest> {
  if (request.status?.decision === undefined) return request
  const live = await ports.requests.latest({ digest: call.digest, known: request.spec.attempt.number }, call.until)
  return live?.request ?? request
}

function labelsOf(call: IdentifiedCall, ports: AdmitPorts): Readonly<Record<string, string>> {
  return {
    'countersign.dev/agent': call.agent.label,
    'countersign.dev/run': requesterOf(ports, call).run ?? '',
    [likenessLabel]: likenessOf(call.agent.name, call.call.action),
  }
}

function requesterOf({ memory, now }: AdmitPorts, { call, agent, digest }: IdentifiedCall): Requester {
  const { pod, credentialID, groups } = call.caller
  const { username, uid } = call.action.agent
  const key = { accountUID: uid, podUID: pod?.uid, credentialID }
  return present({
    agent: agent.name,
    username,
    uid,
    groups: groups.slice(0, 64),
    identityRef: agent.identity,
    pod: pod && present(pod),
    credentialID,
    owner: agent.owner,
    onBehalfOf: agent.onBehalfOf,
    run: runOf(key, digest, { undecided: memory.undecidedOf(agent.label), now: now() }),
  })
}
