import { isDeepStrictEqual } from 'node:util'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalPolicy, ApprovalPolicyStatus, Condition } from '../domain/kinds.ts'
import type { Policy } from '../domain/policy.ts'
import { present } from '../domain/present.ts'
import { timestamp } from '../domain/request.ts'

export type PolicySight = {
  /** The judgement by which the webhook goes, too. */
  readonly prepare: (policy: ApprovalPolicy) => Policy
  /** Is there an ApproverGroup of this name? */
  readonly isGroup: (name: string) => boolean
  readonly now: Instant
}

/**
 * What is to be said of a policy; undefined when that is said already. A group that does not exist breaks no policy, it
 * may be made later: so it has a condition of its own.
 */
export function policyStatus(policy: ApprovalPolicy, sight: PolicySight): ApprovalPolicyStatus | undefined {
  const { fault } = sight.prepare(policy)
  const conditions = [readyCondition(fault), groupsCondition(missingGroups(policy, sight))]
  const { generation } = policy.metadata
  const status = present({
    observedGeneration: generation,
    conditions: conditions.map((condition) => stamped(policy, condition, sight.now)),
  })
  return isDeepStrictEqual(policy.status, status) ? undefined : status
}

type Unstamped = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** As the schema of conditions has it. */
const longestMessage = 2048

function readyCondition(fault: string | undefined): Unstamped {
  const type = 'Ready'
  if (fault === undefined) return { type, status: 'True', reason: 'Valid', message: 'the policy can be evaluated' }
  const message = clipped(`the policy denies what it matches: ${fault}`)
  return { type, status: 'False', reason: 'PolicyError', message }
}

function groupsCondition(missing: readonly string[]): Unstamped {
  const type = 'GroupsFound'
  if (missing.length === 0) {
    return { type, status: 'True', reason: 'AllFound', message: 'all groups that the policy names exist' }
  }
  const message = clipped(`there is no ApproverGroup ${missing.join(', ')}: nobody can approve by it`)
  return { type, status: 'False', reason: 'GroupNotFound', message }
}

/** Who is asked by a policy without stages. */
const defaultGroup = 'approvers'

/** Only a policy that asks people needs any. */
function missingGroups({ spec }: ApprovalPolicy, { isGroup }: PolicySight): readonly string[] {
  if (spec.effect !== 'RequireApproval') return []
  const { stages = [], escalation = [] } = spec.approval
  const asked = stages.length === 0 ? [{ approverGroupRefs: [{ name: defaultGroup }] }] : stages
  const named = [...asked, ...escalation].flatMap(({ approverGroupRefs = [] }) => approverGroupRefs)
  return [...new Set(named.map(({ name }) => name))].filter((name) => !isGroup(name))
}

function stamped({ metadata, status }: ApprovalPolicy, condition: Unstamped, now: Instant): Condition {
  const before = status?.conditions?.find(({ type }) => type === condition.type)
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : timestamp(now)
  return present({ ...condition, observedGeneration: metadata.generation, lastTransitionTime })
}

function clipped(text: string): string {
  const characters = Array.from(text)
  return characters.length <= longestMessage ? text : `${characters.slice(0, longestMessage - 1).join('')}…`
}
