import { createHash } from 'node:crypto'
import type { FakeDraft } from '../test/fake/api-server-objects.ts'

/** Where the requests are, as the path of their collection and a namespace. */
export const place = { collection: '/apis/countersign.dev/v1alpha1/approvalrequests', namespace: 'countersign-system' }

/** A request that has been approved and used, the usual state of most. The diff and the signed record are half of it. */
export function approvalRequest(index: number): FakeDraft {
  const digest = createHash('sha256').update(String(index)).digest('hex')
  const time = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString().replace('.000Z', 'Z')
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { name: `apr-${digest.slice(0, 20)}`, labels: { 'countersign.dev/run': `b-${digest.slice(0, 6)}` } },
    spec: specOf(index, digest),
    status: statusOf(digest, time),
  }
}

function specOf(index: number, digest: string): object {
  return {
    summary: `update Deployment prod/shop-${index} (image)`,
    cluster: { name: 'prod-eu1', environment: 'production', uid: '5c8b9d0e-1a2b-4c3d-8e9f-0a1b2c3d4e5f' },
    requester: {
      agent: 'agents/bot',
      username: 'system:serviceaccount:agents:bot',
      uid: '0f8a0c8d-58c4-4f0a-9a38-6a5b1c7c7c11',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:agents', 'system:authenticated'],
      run: `b-${digest.slice(0, 6)}`,
    },
    attempt: { number: 1 },
    actions: [
      {
        operation: 'Update',
        resource: { group: 'apps', version: 'v1', resource: 'deployments', subresource: '' },
        kind: 'Deployment',
        namespace: 'prod',
        name: `shop-${index}`,
        targetUID: '2f1c3b52-7a53-4c8e-9a55-0d5d3b1f6a10',
        digest: `sha256:${digest}`,
        digestVersion: 1,
        paths: ['spec.template.spec.containers[name="app-0"].image'],
        resultHash: `hmac-sha256:${digest}`,
        diff: { text: diffOf(index), totalLines: 12, truncated: false },
      },
    ],
    risk: { level: 'High', reasons: ['NewImage'] },
    policies: [
      { name: 'images', uid: '9d3f3c59-0f5d-4f3a-8f44-3f8e5b0f7c21', generation: 3, hash: `sha256:${digest}` },
    ],
    requirements: { stages: [{ name: 'approvers', approverGroupRefs: [{ name: 'approvers' }], quorum: 1 }] },
    expirationTime: '2026-12-31T00:15:00Z',
    grantSeconds: 1200,
  }
}

function diffOf(index: number): string {
  return [0, 1, 2, 3]
    .map(
      (container) => `@ spec.template.spec.containers[name="app-${container}"].image
- registry.example.com/shop/app-${container}:1.40.2
+ registry.example.com/shop/app-${container}:1.41.${index}
`,
    )
    .join('')
}

function statusOf(digest: string, time: string): object {
  const condition = { status: 'True', message: '', lastTransitionTime: time }
  return {
    decision: 'Approved',
    basis: 'Votes',
    decisionTime: time,
    decidedBy: 'Alice Kim',
    progress: '1/1',
    conditions: [
      { ...condition, type: 'Decided', reason: 'Approved' },
      { ...condition, type: 'Approved', reason: 'Votes' },
      { ...condition, type: 'Executed', reason: 'Executed' },
    ],
    votes: [{ name: `apv-${digest.slice(0, 20)}`, person: 'Alice Kim', verdict: 'Approve', time, counted: true }],
    grant: { expirationTime: time, claims: [{ admissionUID: digest.slice(0, 36), digest, time }], rearmed: 0 },
    record: {
      keyID: 'k1',
      protected: 'eyJhbGciOiJFZERTQSJ9',
      payload: digest.repeat(16),
      signature: (digest + digest).slice(0, 86),
    },
  }
}
