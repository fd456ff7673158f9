import type { GrantRef, RequestDraft, StatusNote } from '../../src/app/ports.ts'
import { requestName } from '../../src/domain/digest.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { emptyObject } from '../../src/domain/json.ts'
import type { ApprovalRequest, ApprovalRequestSpec, Claim, Condition } from '../../src/domain/kinds.ts'
import { fromMasked, mask } from '../../src/domain/mask.ts'
import type { Masked } from '../../src/domain/mask.ts'

export const namespace = 'countersign-system'
export const digest: Digest = `sha256:${'ab'.repeat(32)}`
export const name: string = requestName(digest)

/** Nothing in it came from an agent, so there is nothing to mask. */
export function asMasked<T>(value: T): Masked<T> {
  const nothing = mask(
    { operation: 'Connect', options: emptyObject() },
    { paths: [] },
    { id: 'k', secret: new Uint8Array() },
  )
  return fromMasked(nothing, () => value)
}

export function makeSpec(of: Digest = digest): ApprovalRequestSpec {
  return {
    summary: 'delete Deployment prod/web (3 replicas)',
    cluster: { name: 'prod-eu1', uid: 'cluster-uid' },
    requester: { agent: 'agents/bot', username: 'system:serviceaccount:agents:bot', uid: 'agent-uid', run: 'b-234567' },
    attempt: { number: 1 },
    actions: [
      {
        operation: 'Delete',
        resource: { group: 'apps', version: 'v1', resource: 'deployments', subresource: '' },
        kind: 'Deployment',
        namespace: 'prod',
        name: 'web',
        targetUID: 'target-uid',
        digest: of,
        digestVersion: 1,
        diff: { text: 'propagationPolicy: Background', totalLines: 1, truncated: false },
      },
    ],
    risk: { level: 'High', reasons: ['WorkloadDelete'] },
    policies: [{ name: 'deletes', uid: 'policy-uid', generation: 1, hash: `sha256:${'cd'.repeat(32)}` }],
    requirements: {
      stages: [{ name: 'approvers', approverGroupRefs: [{ name: 'approvers' }], quorum: 1 }],
      comment: 'OnDeny',
      assurance: 'Card',
    },
    expirationTime: '2030-01-01T00:15:00Z',
    grantSeconds: 1200,
  }
}

export function makeDraft(named: string = name): Masked<RequestDraft> {
  return asMasked({ name: named, labels: { 'countersign.dev/run': 'b-234567' }, spec: makeSpec() })
}

const record = { keyID: 'k1', protected: 'eyJhbGciOiJFZERTQSJ9', payload: '{"decision":"Approved"}', signature: 'c2ln' }
const time = '2030-01-01T00:01:00Z'

export function condition(type: string, status: Condition['status'], reason: string): Condition {
  return { type, status, reason, message: '', lastTransitionTime: time }
}

/** What the operator writes when the vote of a person has approved. */
export const approval = {
  decision: 'Approved',
  basis: 'Votes',
  decisionTime: time,
  decidedBy: 'Alice Kim',
  conditions: [condition('Decided', 'True', 'Approved'), condition('Approved', 'True', 'Votes')],
  grant: { expirationTime: '2030-01-01T00:21:00Z', claims: [], rearmed: 0 },
  record,
} as const

export const denial = {
  decision: 'Denied',
  basis: 'Votes',
  decisionTime: time,
  decidedBy: 'Bob Ray',
  conditions: [condition('Decided', 'True', 'Denied'), condition('Denied', 'True', 'Votes')],
  record: { ...record, payload: '{"decision":"Denied"}', signature: 'c2lnMg' },
} as const

export const pending: StatusNote = {
  conditions: [condition('Decided', 'False', 'Pending'), condition('Notified', 'False', 'Pending')],
}

export function makeClaim(admissionUID: string): Claim {
  return { admissionUID, digest, objectUID: 'target-uid', time: '2030-01-01T00:02:00Z' }
}

/** The grant of a request as it was read. */
export function grantOf({ metadata, status }: ApprovalRequest): GrantRef {
  const { claims = [], rearmed = 0 } = status?.grant ?? {}
  return { name: metadata.name, uid: metadata.uid ?? '', claims, rearmed }
}
