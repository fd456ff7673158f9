import { requestName } from '../domain/digest.ts'
import type { ApprovalRequest, Requester } from '../domain/kinds.ts'
import { fromMasked, mask } from '../domain/mask.ts'
import { present } from '../domain/present.ts'
import { attemptAfter, requestSpec } from '../domain/request.ts'
import { runOf } from '../domain/run.ts'
import type { AdmitPorts } from './admit-ports.ts'
import { refuse } from './answer.ts'
import type { Answer } from './answer.ts'
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
  const refusal = tooManyOpen({ ports, gated: call })
  if (refusal !== undefined) return refuse(refusal, call.annotations)
  const view = mask(call.content, { paths: call.demand.maskedPaths }, call.context.key)
  const diff = await ports.diffs.store(view)
  const attempt = attemptAfter(pursuit.newest)
  const { action } = call.call
  const draft = fromMasked(view, (): RequestDraft => ({
    name: attempt.number === 1 ? requestName(call.digest) : `${requestName(call.digest)}-${attempt.number}`,
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
      targetChecked: undefined,
      now: ports.now(),
    }),
  }))
  const { request } = await ports.requests.open(draft)
  const newest = await newestOf(ports, call, request)
  return { ...pursuit, newest, opened: true }
}

/** What was there before us may be an old attempt with others after it. */
async function newestOf(ports: AdmitPorts, call: IdentifiedCall, request: ApprovalRequest): Promise<ApprovalRequest> {
  if (request.status?.decision === undefined) return request
  const live = await ports.requests.latest({ digest: call.digest, known: request.spec.attempt.number })
  return live?.request ?? request
}

function labelsOf(call: IdentifiedCall, ports: AdmitPorts): Readonly<Record<string, string>> {
  return { 'countersign.dev/agent': call.agent.label, 'countersign.dev/run': requesterOf(ports, call).run ?? '' }
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
