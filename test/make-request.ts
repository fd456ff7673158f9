import type {
  ApprovalPolicy,
  ApprovalRequest,
  ApprovalRequestSpec,
  ApprovalRequestStatus,
  ApprovalVote,
  ApprovalVoteSpec,
  ApproverGroup,
  ApproverGroupSpec,
  Claim,
  Grant,
  PolicyApproval,
  Requirements,
  Requester,
  ResourceRule,
  Stage,
  Verdict,
  Voter,
} from '../src/domain/kinds.ts'
import type { Policy } from '../src/domain/policy.ts'

/** An instant of the day on which tests about requests happen, in UTC: `at('10:20')`, `at('10:20:05')`. */
export function at(clock: string): number {
  return Date.parse(`${day}T${clock.length === 5 ? `${clock}:00` : clock}Z`)
}

const day = '2026-11-21'

/** RFC 3339 in UTC and whole seconds. */
export function time(instant: number): string {
  return new Date(Math.floor(instant / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}

/** A digest that begins with these digits. */
export function digestLike(start: string): `sha256:${string}` {
  return `sha256:${start.padEnd(64, '0')}`
}

export const digest = digestLike('ab12cd34')
export const requestUID = '11223344-5566-4778-8990-a1b2c3d4e5f6'

export const bot: Requester = {
  agent: 'agents/bot',
  username: 'system:serviceaccount:agents:bot',
  uid: '6f1c2d3e-8a41-4f6b-8d0e-5b9f3f7a2c10',
}

export function stageOf(of: string, quorum = 1, name: string = of): Stage {
  return { name, approverGroupRefs: [{ name: of }], quorum }
}

const requirements: Requirements = {
  stages: [stageOf('approvers')],
  comment: 'OnDeny',
  assurance: 'Card',
  separation: ['Owner', 'OnBehalfOf'],
}

const spec: ApprovalRequestSpec = {
  summary: 'delete Deployment prod/web (3 replicas)',
  cluster: { name: 'prod-eu1', environment: 'production', uid: '0b5c7d3e-6f1a-4b7e-9c55-2f7a1f0f3a11' },
  requester: bot,
  attempt: { number: 1 },
  actions: [
    {
      operation: 'Delete',
      resource: { group: 'apps', version: 'v1', resource: 'deployments', subresource: '' },
      kind: 'Deployment',
      namespace: 'prod',
      name: 'web',
      targetUID: '3f2a1b0c-9d8e-4c7b-a6f5-e4d3c2b1a09f',
      digest,
      digestVersion: 1,
      digestKeyID: 'd-1',
      diff: { text: 'propagationPolicy: Background', totalLines: 1, truncated: false },
    },
  ],
  risk: { level: 'High', reasons: ['a workload is deleted'] },
  policies: [{ name: 'workload-deletes', uid: 'policy-uid', generation: 4, hash: digestLike('e5f6') }],
  requirements,
  expirationTime: time(at('10:35')),
  grantSeconds: 1200,
}

/** What of a request a test says; the rest is agents/bot deleting Deployment prod/web at 10:20, open until 10:35. */
export type RequestChanges = Partial<Omit<ApprovalRequestSpec, 'requester' | 'requirements'>> & {
  readonly name?: string
  readonly opened?: number
  readonly requester?: Partial<Requester>
  readonly requirements?: Partial<Requirements>
  readonly status?: ApprovalRequestStatus
}

export function request(changes: RequestChanges = {}): ApprovalRequest {
  const { name = 'apr-7k2m9q4xqz3wd8hf6tnc', opened = at('10:20'), status, ...rest } = changes
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { name, namespace: 'countersign-system', uid: requestUID, creationTimestamp: time(opened) },
    spec: {
      ...spec,
      ...rest,
      requester: { ...bot, ...changes.requester },
      requirements: { ...requirements, ...changes.requirements },
    },
    ...(status === undefined ? {} : { status }),
  }
}

const signed = { keyID: 'e-1', protected: 'e30', payload: '{}', signature: 'c2ln' }

/** The status of a request that was approved at 10:24 until 10:44, with this grant. */
export function approvedStatus(grant: Partial<Grant> = {}): ApprovalRequestStatus {
  return {
    decision: 'Approved',
    basis: 'Votes',
    decisionTime: time(at('10:24')),
    decidedBy: 'Alice Kim',
    record: signed,
    grant: { expirationTime: time(at('10:44')), claims: [], rearmed: 0, ...grant },
  }
}

/** The status of a request that was decided otherwise at 10:24. */
export function closedStatus(
  decision: 'Denied' | 'ChangesRequested' | 'Expired',
  changes: ApprovalRequestStatus = {},
): ApprovalRequestStatus {
  const basis = decision === 'Expired' ? 'Deadline' : 'Votes'
  return { decision, basis, decisionTime: time(at('10:24')), record: signed, ...changes }
}

export function claim(changes: Partial<Claim> = {}): Claim {
  return { admissionUID: 'call-1', digest, time: time(at('10:25')), ...changes }
}

const tenantID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'

/** A person in Entra, with an object id made of the name. */
export function entra(name: string): Voter {
  return { kind: 'EntraUser', tenantID, objectID: `${name}-oid`, displayName: name }
}

export function slack(name: string): Voter {
  return { kind: 'SlackUser', teamID: 'T01AB2CD3', userID: `U-${name}`, displayName: name }
}

export function kubernetes(name: string, groups: readonly string[] = []): Voter {
  return { kind: 'KubernetesUser', username: `${name}@example.com`, groups }
}

/** What of a vote a test says; the rest is Alice, by a click on the card at 10:24. */
export type VoteChanges = Partial<ApprovalVoteSpec> & { readonly name?: string; readonly cast?: number }

/** A vote of Alice in Entra unless the test says otherwise. */
export function vote(verdict: Verdict, changes: VoteChanges = {}): ApprovalVote {
  const { name = 'apv-1', cast = at('10:24'), voter = entra('alice'), ...rest } = changes
  const evidence = {
    channel: 'teams',
    assurance: 'Card',
    verifiedTime: time(cast),
    signature: 'eyJ9..c2ln',
  } as const
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalVote',
    metadata: { name, namespace: 'countersign-system', uid: `uid-of-${name}`, creationTimestamp: time(cast) },
    spec: {
      requestRef: { name: 'apr-7k2m9q4xqz3wd8hf6tnc', uid: requestUID },
      digest,
      verdict,
      comment: 'because',
      voter,
      ...(voter.kind === 'KubernetesUser' ? {} : { evidence }),
      ...rest,
    },
  }
}

export function group(name: string, changes: ApproverGroupSpec): ApproverGroup {
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApproverGroup', metadata: { name }, spec: changes }
}

type Member = NonNullable<ApproverGroupSpec['people']>[number]

/** An entry of `people[]` with the identities that {@link entra}, {@link slack} and {@link kubernetes} make of the name. */
export function member(name: string, kinds: readonly ('entra' | 'slack' | 'kubernetes')[] = ['entra']): Member {
  return {
    name,
    ...(kinds.includes('entra') ? { entraUser: { tenantID, objectID: `${name}-oid` } } : {}),
    ...(kinds.includes('slack') ? { slackUser: { teamID: 'T01AB2CD3', userID: `U-${name}` } } : {}),
    ...(kinds.includes('kubernetes') ? { kubernetesUser: `${name}@example.com` } : {}),
  }
}

export function resourceRule(changes: Partial<ResourceRule> = {}): ResourceRule {
  return {
    apiGroups: ['apps'],
    apiVersions: ['*'],
    resources: ['deployments'],
    operations: ['*'],
    scope: '*',
    ...changes,
  }
}

/** What of a policy a test says; the rest asks for one approval for any write on deployments. */
export type PolicyChanges = Partial<Omit<ApprovalPolicy['spec'], 'approval'>> & {
  readonly approval?: Partial<PolicyApproval>
  readonly fault?: string
}

export function policy(name: string, changes: PolicyChanges = {}): Policy {
  const { approval, fault, ...rest } = changes
  return {
    snapshot: { name, uid: `uid-of-${name}`, generation: 1, hash: `hash-of-${name}` },
    spec: {
      matchConstraints: { resourceRules: [resourceRule()] },
      effect: 'RequireApproval',
      risk: 'Medium',
      grantSeconds: 1200,
      ...rest,
      approval: {
        expirationSeconds: 900,
        comment: 'OnDeny',
        assurance: 'Card',
        separation: ['Owner', 'OnBehalfOf'],
        justification: 'Optional',
        interactive: 'Refuse',
        ...approval,
      },
    },
    fault,
  }
}
