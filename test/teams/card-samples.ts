import { briefingOf, ownDiff } from '../../src/domain/briefing.ts'
import type { Briefing } from '../../src/domain/briefing.ts'
import type { ApprovalRequest, ApprovalRequestStatus, NotedVote } from '../../src/domain/kinds.ts'
import type { Masked } from '../../src/domain/mask.ts'
import { newestFactTime } from '../../src/domain/newest-fact.ts'
import { summaryOf } from '../../src/domain/summary.ts'
import { printView } from '../../src/text/diff.ts'
import { approvedStatus, at, claim, closedStatus, digest, request, stageOf, time } from '../make-request.ts'
import type { RequestChanges } from '../make-request.ts'
import { action, asPod, content, deployment, view } from '../make.ts'
import type { Request } from '../make.ts'

/** A request as the webhook would have stored it for this review. */
export function stored(review: Request, changes: RequestChanges = {}): ApprovalRequest {
  const [made, what] = [action(review), content(review)]
  const { text, totalLines } = printView(view(review))
  const paths = what.operation === 'Update' ? { pathCount: what.changes.length } : {}
  const { object } = made
  const container = made.operation === 'Connect' ? object?.['container'] : undefined
  const connect =
    made.operation === 'Connect'
      ? { connect: { stdin: object?.['stdin'] === true, tty: object?.['tty'] === true, container } }
      : {}
  const asked = {
    operation: made.operation,
    resource: made.resource,
    kind: made.operation === 'Connect' ? 'Pod' : made.kind,
    name: made.name,
    namespace: made.namespace,
    targetChecked: true,
    digest,
    digestVersion: 1,
    diff: { text, totalLines, truncated: false },
    ...paths,
    ...connect,
  }
  const actions = [asked] as unknown as ApprovalRequest['spec']['actions']
  return request({ summary: summaryOf(made, what), actions, ...changes })
}

/** The briefing from which a card of this request is drawn. */
export function briefed(one: ApprovalRequest): Masked<Briefing> {
  return briefingOf({ request: one, diff: ownDiff(one) }, newestFactTime(one))
}

const requester = {
  owner: 'Bo Lind',
  pod: { namespace: 'agents', name: 'bot-7d9f' },
} as const

const policyOf = (name: string, message: string) => [{ name, uid: 'p', generation: 1, hash: 'sha256:e5f6', message }]

const claimed = (text: string, ticket?: string) => ({
  text,
  source: 'AgentIdentity' as const,
  time: time(at('10:18')),
  ...(ticket === undefined ? {} : { ticket }),
})

const looked = (
  effects: readonly string[],
  similar: NonNullable<ApprovalRequestStatus['context']>['similar'] = [],
) => ({
  observedTime: time(at('10:20')),
  effects,
  similar,
})

const deleting: Request = {
  operation: 'DELETE',
  oldObject: deployment(),
  options: { kind: 'DeleteOptions', propagationPolicy: 'Background' },
}

const deleted = (status: ApprovalRequestStatus = {}): ApprovalRequest =>
  stored(deleting, {
    requester,
    justification: claimed('replaced by web-v2', 'INC-4711'),
    policies: policyOf('workload-deletes', 'a workload is deleted in production'),
    risk: { level: 'High' },
    status: {
      context: looked([
        '3 running pods stop. Service web has no other pods behind it.',
        'PodDisruptionBudget web-pdb does not prevent this.',
        'Kubernetes cannot undo it. Managed by Argo CD: may be created again.',
      ]),
      ...status,
    },
  })

const image = (tag: string) => deployment({ image: `registry.example.com/web:${tag}` })
const replicas = (tag: string, count: number) =>
  deployment({ image: `registry.example.com/web:${tag}`, spec: { replicas: count } })

const changed = stored(
  { oldObject: replicas('1.4.2', 4), object: replicas('1.5.0', 6) },
  {
    name: 'apr-3n8vr2kdhm6tq4wz9xcb',
    requester: { ...requester, onBehalfOf: 'Mia Sand' },
    justification: claimed('release 1.5.0', 'CHG-882'),
    policies: policyOf('image-changes', 'a new image in production'),
    risk: { level: 'Medium' },
    status: {
      context: looked(
        [],
        [
          {
            name: 'apr-b7t4qz9xk2wd6hm3nrc8',
            uid: 'u',
            summary: 'update Deployment prod/web (image)',
            decision: 'Approved',
            decidedBy: 'Alice Kim',
            decisionTime: '2026-11-19T09:12:44Z',
          },
        ],
      ),
    },
  },
)

const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'report-bot-edit' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
  subjects: [{ kind: 'ServiceAccount', name: 'report-bot', namespace: 'agents' }],
}
export const asBinding: Request = {
  resource: { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterrolebindings' },
  kind: { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding' },
  namespace: undefined,
  name: 'report-bot-edit',
}

const bound = stored(
  { operation: 'CREATE', ...asBinding, object: binding },
  {
    name: 'apr-q9w4hx7tkz2nd5rm8vc3',
    requester,
    attempt: { number: 2, previous: { name: 'apr-q9w4hx7tkz2nd5rm8vc2', uid: 'u' } },
    justification: claimed('report job needs access'),
    policies: policyOf('rbac-grants', 'rights are given cluster-wide'),
    risk: { level: 'Critical', reasons: ['rights are given in every namespace'] },
    requirements: { stages: [stageOf('platform-oncall'), stageOf('security')], assurance: 'SignedIn' },
    status: {
      stages: [
        { name: 'platform-oncall', approvals: 0, required: 1 },
        { name: 'security', approvals: 0, required: 1 },
      ],
      context: looked(
        [],
        [
          {
            name: 'apr-q9w4hx7tkz2nd5rm8vc2',
            uid: 'u',
            summary: 'create ClusterRoleBinding report-bot-edit',
            decision: 'Denied',
            decidedBy: 'Dana Roe',
            decisionTime: time(at('09:40')),
            comment: 'use a Role',
          },
        ],
      ),
    },
  },
)

export const executing: Request = {
  operation: 'CONNECT',
  ...asPod,
  name: 'psql-0',
  subResource: 'exec',
  kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
  object: {
    kind: 'PodExecOptions',
    apiVersion: 'v1',
    stdout: true,
    stderr: true,
    container: 'psql',
    command: ['psql', '-c', "select email, plan from customers where created_at > '2026-10-01'"],
  },
}

const executed = stored(executing, {
  name: 'apr-m5zx8kq2wt9hd4nc7rv6-2',
  requester: { owner: 'Bo Lind' },
  attempt: { number: 2, expiredTimes: [time(at('09:55'))] },
  justification: claimed('count new customers for the weekly report'),
  policies: policyOf('exec', 'exec in production'),
  risk: { level: 'High', reasons: ['a command runs in a pod in production'] },
})

export function noted(person: string, verdict: NotedVote['verdict'], changes: Partial<NotedVote> = {}): NotedVote {
  return { name: 'apv-1', uid: `uid-${person}`, person, verdict, time: time(at('10:24')), counted: true, ...changes }
}

const twoOfTwo = {
  stages: [stageOf('platform-oncall'), stageOf('security')],
} as const

const half = stored(deleting, {
  requester,
  requirements: twoOfTwo,
  status: {
    stages: [
      { name: 'platform-oncall', approvals: 1, required: 1 },
      { name: 'security', approvals: 0, required: 1 },
    ],
    votes: [
      noted('Alice Kim', 'Approve', { comment: 'fine by me' }),
      noted('Eve Ray', 'Approve', { counted: false, refusal: 'NotInGroup' }),
    ],
  },
})

const outcome = (reason: string, message: string) => ({
  conditions: [
    {
      type: 'Executed',
      status: reason === 'Executed' ? ('True' as const) : ('False' as const),
      reason,
      message,
      lastTransitionTime: time(at('10:31')),
    },
  ],
})

const used = approvedStatus({ claims: [claim()] })
const late = {
  type: 'Decided',
  status: 'False' as const,
  reason: 'Undelivered',
  message: 'no channel has taken it',
  lastTransitionTime: time(at('10:20')),
}

/** One request for each card that people may see, by the name of its golden file. */
export const samples: Readonly<Record<string, ApprovalRequest>> = {
  'delete-pending': deleted(),
  'change-pending': changed,
  'binding-pending': bound,
  'exec-pending': executed,
  'scale-to-zero-pending': stored({ oldObject: replicas('1', 3), object: replicas('1', 0) }),
  'image-pending': stored({ oldObject: image('1.4.2'), object: image('1.5.0') }),
  'config-pending': stored({
    oldObject: deployment(),
    object: deployment({ spec: { minReadySeconds: 9, strategy: { type: 'Recreate' } } }),
  }),
  'undelivered-pending': deleted({ conditions: [late] }),
  'half-approved': half,
  'approved-waiting': deleted(approvedStatus()),
  released: deleted(used),
  executed: deleted({ ...used, ...outcome('Executed', 'Deployment prod/web is gone') }),
  'not-observed': deleted({
    ...used,
    ...outcome('NotObserved', 'the command was let through, and its effect is not seen'),
  }),
  unobservable: deleted({ ...used, ...outcome('Unobservable', 'Countersign cannot see what it did') }),
  'never-used': deleted({ ...approvedStatus(), ...outcome('NeverUsed', 'the approval ended before it was used') }),
  'taken-back': deleted(approvedStatus({ revoked: { by: 'Alice Kim', time: time(at('10:26')), comment: 'wait' } })),
  denied: deleted(
    closedStatus('Denied', { decidedBy: 'Dana Roe', votes: [noted('Dana Roe', 'Deny', { comment: 'use a Role' })] }),
  ),
  'changes-requested': deleted(
    closedStatus('ChangesRequested', {
      decidedBy: 'Dana Roe',
      votes: [noted('Dana Roe', 'RequestChanges', { comment: 'scale it down first' })],
    }),
  ),
  expired: deleted({ ...closedStatus('Expired'), decisionTime: time(at('10:35')) }),
}
