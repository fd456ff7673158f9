import { canonical } from './canonical.ts'
import type { ApprovalRequest, ApprovalVote, ApprovalVoteSpec, DecisionBasis, DecisionWord } from './kinds.ts'
import { identityOf } from './person.ts'

/** The record's form; another one has another name. */
export const recordSchema = 'decision/v1'

/** What a decision rests on and what it allows: the part of the signed record that a release goes by. */
export type DecisionRecord = {
  readonly request: { readonly name: string; readonly uid: string }
  readonly digest: string
  readonly decision: DecisionWord
  readonly decisionTime: string
  readonly decidedBy: string | undefined
  readonly comment: string | undefined
  /** Until when the approval may be used; undefined for every other decision. */
  readonly grantExpirationTime: string | undefined
  /** Hash of each policy that asked for it, by name. */
  readonly policies: Readonly<Record<string, string>>
}

/** What is decided, for the record. `votes`: those on which the decision rests. */
export type Decided = {
  readonly request: ApprovalRequest
  readonly decision: DecisionWord
  readonly basis: DecisionBasis
  readonly decisionTime: string
  readonly decidedBy: string | undefined
  readonly comment: string | undefined
  readonly grantExpirationTime: string | undefined
  readonly votes: readonly ApprovalVote[]
}

/** The whole of a record. Every key is always there; null stands for what there is none of. */
export type RecordPayload = ReturnType<typeof payloadOf>

/**
 * The canonical text of a decision's record: who asked, for what, who decided what, when and why. Masked as the request
 * is. {@link readDecisionRecord} in decision-record.ts reads it back.
 */
export function decisionRecord(decided: Decided): string {
  return canonical(payloadOf(decided))
}

function payloadOf(decided: Decided) {
  const { spec, metadata } = decided.request
  return {
    schema: recordSchema,
    cluster: spec.cluster.uid,
    request: {
      name: metadata.name,
      uid: metadata.uid ?? '',
      creationTime: metadata.creationTimestamp ?? '',
      expirationTime: spec.expirationTime,
      attempt: spec.attempt.number,
    },
    requester: requesterOf(decided.request),
    justification: justificationOf(decided.request),
    action: actionOf(decided.request),
    digest: spec.actions[0]?.digest ?? '',
    summary: spec.summary,
    risk: spec.risk.level,
    policies: spec.policies.map(({ name, uid, generation, hash }) => ({ name, uid, generation, hash })),
    requirements: requirementsOf(decided.request),
    decision: decided.decision,
    basis: decided.basis,
    decisionTime: decided.decisionTime,
    decidedBy: decided.decidedBy ?? null,
    comment: decided.comment ?? null,
    grantExpirationTime: decided.grantExpirationTime ?? null,
    votes: decided.votes.map(voteOf),
  }
}

function requesterOf({ spec }: ApprovalRequest) {
  const { agent, username, uid, pod, credentialID, owner, onBehalfOf } = spec.requester
  return {
    agent,
    username,
    uid,
    pod: pod === undefined ? null : { namespace: pod.namespace, name: pod.name, uid: pod.uid ?? null },
    credentialID: credentialID ?? null,
    owner: owner ?? null,
    onBehalfOf: onBehalfOf ?? null,
  }
}

/** The agent's claim, as such. */
function justificationOf({ spec: { justification } }: ApprovalRequest) {
  if (justification === undefined) return null
  const { text, ticket, source } = justification
  return { text: text ?? null, ticket: ticket ?? null, source }
}

/** What was asked, in the words of the API; the content is in the digest. */
function actionOf({ spec }: ApprovalRequest) {
  const action = spec.actions[0]
  if (action === undefined) return null
  const { operation, resource, kind, namespace, name, generateName, targetUID, digestVersion, digestKeyID } = action
  return {
    operation,
    group: resource.group,
    version: resource.version,
    resource: resource.resource,
    subresource: resource.subresource,
    kind,
    namespace: namespace ?? null,
    name: name ?? null,
    generateName: generateName ?? null,
    targetUID: targetUID ?? null,
    digestVersion,
    digestKeyID: digestKeyID ?? null,
  }
}

function requirementsOf({ spec }: ApprovalRequest) {
  const { stages, assurance, comment, separation = [] } = spec.requirements
  return {
    stages: stages.map(({ name, approverGroupRefs, quorum }) => ({
      name,
      groups: approverGroupRefs.map((group) => group.name),
      quorum,
    })),
    assurance,
    comment,
    separation,
  }
}

function voteOf({ metadata, spec }: ApprovalVote) {
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    time: metadata.creationTimestamp ?? '',
    person: identityOf(spec.voter) ?? '',
    verdict: spec.verdict,
    comment: spec.comment ?? null,
    evidence: evidenceOf(spec),
  }
}

/** How the gateway knew the voter, and what he had been shown; null for who came to the API server himself. */
function evidenceOf({ evidence }: ApprovalVoteSpec) {
  if (evidence === undefined) return null
  const { channel, assurance, rendered, tokenHash } = evidence
  return { channel, assurance, rendered: rendered ?? null, tokenHash: tokenHash ?? null }
}
