import type {
  ApprovalRequest,
  ApprovalRequestSpec,
  ApprovalRequestStatus,
  Claim,
  Condition,
  DecisionWord,
  NotedVote,
  SignedRecord,
} from '../../src/domain/kinds.ts'

/** The same with everything writable, so that an attack can be written as what it does. */
export type Mutable<T> = { -readonly [Key in keyof T]: Mutable<T[Key]> }

export type Status = Mutable<ApprovalRequestStatus>

const time = '2026-11-21T10:24:11Z'
export const hash = (character: string): string => `sha256:${character.repeat(64)}`

const spec: Mutable<ApprovalRequestSpec> = {
  summary: 'delete Deployment prod/web (3 replicas)',
  cluster: { name: 'prod-eu1', uid: 'cluster-uid' },
  requester: {
    agent: 'agents/bot',
    username: 'system:serviceaccount:agents:bot',
    uid: 'agent-uid',
    groups: ['system:serviceaccounts', 'system:authenticated'],
    owner: 'bo',
  },
  attempt: { number: 1 },
  actions: [
    {
      operation: 'Delete',
      resource: { group: 'apps', version: 'v1', resource: 'deployments', subresource: '' },
      kind: 'Deployment',
      namespace: 'prod',
      name: 'web',
      targetUID: 'target-uid',
      digest: hash('a'),
      digestVersion: 1,
      diff: { text: 'propagationPolicy: Background', totalLines: 1, truncated: false },
    },
  ],
  risk: { level: 'High', reasons: ['a workload is deleted', 'the namespace is production'] },
  policies: [{ name: 'workload-deletes', uid: 'policy-uid', generation: 4, hash: hash('b') }],
  requirements: {
    stages: [{ name: 'approvers', approverGroupRefs: [{ name: 'approvers' }], quorum: 1 }],
    comment: 'OnDeny',
    assurance: 'Card',
    separation: ['Owner', 'OnBehalfOf'],
  },
  expirationTime: '2026-11-21T10:35:00Z',
  grantSeconds: 1200,
}

/** A request as it is opened. */
export function sampleRequest(name: string): Mutable<ApprovalRequest> {
  const metadata = { name, namespace: 'countersign-system' }
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApprovalRequest', metadata, spec: structuredClone(spec) }
}

export function condition(type: string, status: Condition['status'], reason: string): Mutable<Condition> {
  return { type, status, reason, message: `it is ${reason}`, lastTransitionTime: time }
}

export function vote(name: string, verdict: NotedVote['verdict'] = 'Approve'): Mutable<NotedVote> {
  return { name, uid: `uid-of-${name}`, person: 'Alice Kim', verdict, time, counted: true }
}

export function claim(admissionUID: string): Mutable<Claim> {
  return { admissionUID, digest: hash('a'), objectUID: 'target-uid', time }
}

export const revocation = { by: 'Alice Kim', time, comment: 'wrong cluster, sorry' }

export const record: SignedRecord = { keyID: 'e-1', protected: 'eyJ9', payload: '{"decision":"…"}', signature: 'c2ln' }

const pending: Status = {
  conditions: [condition('Decided', 'False', 'Pending'), condition('Notified', 'True', 'Delivered')],
  stages: [{ name: 'approvers', approvals: 0, required: 1 }],
  progress: '0/1',
  context: { observedTime: time, effects: ['3 running pods stop'] },
  messages: [{ channel: 'teams', ref: 'message-1', rendered: 'hash-1' }],
  latestAttempt: 'apr-one',
}

const voted: Status = { ...pending, votes: [vote('one', 'Comment'), vote('two', 'Comment')] }

/** What the operator writes when it decides, over what it has noted before. */
export function decided(word: DecisionWord): Status {
  const final = word === 'Approved' || word === 'Denied' ? [condition(word, 'True', 'Votes')] : []
  return {
    ...structuredClone(voted),
    decision: word,
    basis: word === 'Expired' ? 'Deadline' : 'Votes',
    decisionTime: time,
    ...(word === 'Expired' ? {} : { decidedBy: 'Alice Kim' }),
    conditions: [condition('Decided', 'True', word), ...final, condition('Notified', 'True', 'Delivered')],
    record: { ...record },
    ...(word === 'Approved' ? { grant: { expirationTime: '2026-11-21T10:44:11Z', claims: [], rearmed: 0 } } : {}),
  }
}

function approvedWith(grant: Partial<NonNullable<Status['grant']>>): Status {
  return { ...decided('Approved'), grant: { expirationTime: '2026-11-21T10:44:11Z', claims: [], rearmed: 0, ...grant } }
}

const claims = [claim('first'), claim('second'), claim('third')]

/** How a request comes to a state: the statuses that are stored one after the other. */
export const histories = {
  new: [],
  pending: [pending],
  voted: [pending, voted],
  approved: [voted, decided('Approved')],
  claimed: [voted, decided('Approved'), approvedWith({ claims })],
  rearmed: [voted, decided('Approved'), approvedWith({ claims }), approvedWith({ claims, rearmed: 1 })],
  revoked: [voted, decided('Approved'), approvedWith({ revoked: revocation })],
  denied: [voted, decided('Denied')],
  forgiven: [voted, decided('Denied'), { ...decided('Denied'), cooldownRevoked: revocation }],
  changesRequested: [voted, decided('ChangesRequested')],
  expired: [voted, decided('Expired')],
} as const satisfies Readonly<Record<string, readonly Status[]>>

export type State = keyof typeof histories
