import { targetUID } from '../domain/digest.ts'
import { parseInstant } from '../domain/instant.ts'
import { guardOf } from '../domain/grant.ts'
import { textAt } from '../domain/json.ts'
import type { ApprovalRequest, ApprovalRequestStatus, Claim } from '../domain/kinds.ts'
import { present } from '../domain/present.ts'
import { recordUnavailable } from '../domain/refused-message.ts'
import { timestamp } from '../domain/request.ts'
import { warnApproved, warnComment } from '../domain/warning.ts'
import type { AdmitPorts } from './admit-ports.ts'
import { allow, refuse } from './answer.ts'
import type { Answer } from './answer.ts'
import type { IdentifiedCall } from './gated-call.ts'
import { comeAgain, lastLook } from './last-look.ts'
import type { Pursuit } from './pursue.ts'

/**
 * Claims the grant by compare-and-swap, and only then says allowed. The claim is the live check: nothing is released on
 * the word of memory.
 */
export async function release(
  ports: AdmitPorts,
  call: IdentifiedCall,
  pursuit: Pursuit & { readonly newest: ApprovalRequest },
): Promise<Answer | Pursuit> {
  const { newest } = pursuit
  const notNow = lastLook(ports, call, pursuit)
  if (notNow !== undefined) return notNow
  const grant = newest.status?.grant
  const uid = newest.metadata.uid
  if (grant === undefined || uid === undefined)
    return refuse(recordUnavailable(ports.settings.namespace), call.annotations)
  const seen = { name: newest.metadata.name, uid, claims: grant.claims, rearmed: grant.rearmed }
  const claimed = await ports.requests.claim(seen, claimOf(ports, call), call.until)
  switch (claimed.outcome) {
    case 'Claimed':
      if (await isOver(ports, claimed.request)) return comeAgain(ports, call, pursuit)
      return allow(call.annotations, [...pursuit.warnings, ...approvalWarnings(claimed.request)])
    case 'Lost':
      return { ...pursuit, newest: claimed.live?.request }
    case 'RecordUnavailable':
      return refuse(recordUnavailable(ports.settings.namespace), call.annotations)
  }
}

/**
 * The claim may have been long on its way: its answer brings the API server's time, and the signed record that it was
 * stored beside. Nothing is let through by a claim that came too late.
 */
async function isOver(ports: AdmitPorts, request: ApprovalRequest): Promise<boolean> {
  const record = await ports.records.verified(request)
  return ports.now() > (parseInstant(record?.grantExpirationTime ?? '') ?? 0)
}

/** The guard of an Update says whether the object is still as it was when the claim was made. */
function claimOf(ports: AdmitPorts, { call, content, digest }: IdentifiedCall): Claim {
  const { action } = call
  return present({
    admissionUID: call.uid,
    digest,
    objectUID: action.operation === 'Create' ? textAt(action.object, 'metadata', 'uid') : targetUID(action),
    ...(content.operation === 'Update' ? guardOf(action.oldObject, content.changes) : {}),
    time: timestamp(ports.now()),
  })
}

function approvalWarnings({ metadata, status = {} }: ApprovalRequest): readonly string[] {
  const by = status.decidedBy ?? 'somebody'
  const time = parseInstant(status.decisionTime ?? '') ?? 0
  const approved = warnApproved({ by, time, comment: undefined }, metadata.name)
  return [approved, ...commentsOf(status).map((comment) => warnComment(by, comment))]
}

function commentsOf({ votes = [] }: ApprovalRequestStatus): readonly string[] {
  const approval = votes.find(({ verdict, counted }) => verdict === 'Approve' && counted)
  return approval?.comment === undefined || approval.comment === '' ? [] : [approval.comment]
}
