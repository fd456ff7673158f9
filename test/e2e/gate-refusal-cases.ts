import { createConfigMap } from './gate-probe.ts'
import type { RawCall } from './gate-probe.ts'

const exec = ['exec', '-n', 'prod', 'psql-0', '-i', '--', 'psql']
const lines = Array.from({ length: 10_200 }, (_, index) => `rule ${index}`).join('\n')
const rules = (namespace: string, value: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'rules', namespace },
  data: { rules: value },
})
/** The end of a refusal that asks nobody. */
export const refused = (fields: string): string => `[countersign v1 state=Refused reason=${fields}]`

/** A call that is refused, and every word of it. */
type Case = {
  readonly reason: string
  readonly words: string
  /** The command of the agent, if kubectl has one. */
  readonly args?: readonly string[]
  readonly input?: string
  /** Twice for an exec: as WebSocket and as SPDY. */
  readonly calls?: number
  /** The same call without a client. */
  readonly raw: RawCall
}

const configMapsOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`
const post = (namespace: string, value = '1'): RawCall => ({
  method: 'POST',
  path: configMapsOf(namespace),
  body: rules(namespace, value),
})

export const cases: readonly Case[] = [
  {
    reason: 'PolicyDenied',
    args: ['label', 'node', 'worker-1', 'zone=a'],
    raw: { method: 'DELETE', path: '/api/v1/nodes/worker-1' },
    words:
      'FORBIDDEN by policy no-node-changes: "agents do not change nodes". Action: update Node worker-1 (labels). Nothing was changed, nobody was asked, and ' +
      'no approval can allow it. Stop; do not reach the same effect another way. Tell your user: a person can do it under ' +
      `his or her own name. ${refused('PolicyDenied policy=no-node-changes retry=never')}`,
  },
  {
    reason: 'PolicyError',
    args: createConfigMap('broken', 'x'),
    raw: post('broken'),
    words:
      'NOT ASKED: policy broken could not be evaluated for "create ConfigMap broken/x" (spec.matchConditions: CEL is not ' +
      'supported yet), and a broken policy lets nothing pass. Nothing was changed. The fault is in the policy, not in your ' +
      'command: a retry gives the same answer, and a changed command is no way round it. Tell your user that the platform ' +
      `team must repair it: kubectl describe apol broken ${refused('PolicyError retry=user')}`,
  },
  {
    reason: 'NoEligibleApprover',
    args: createConfigMap('nobody', 'x'),
    raw: post('nobody'),
    words:
      'NOT ASKED: "create ConfigMap nobody/x" (policy nobody) needs 1 approval from dba, but nobody in it may give it (1 ' +
      'person: 1 owns agents/bot). Nothing was changed, nobody was paged, and a retry gives the same answer. Tell your user ' +
      `that the platform team must correct the group: kubectl describe apg dba ${refused('NoEligibleApprover retry=user')}`,
  },
  {
    reason: 'TooLargeToReview',
    args: ['create', '-f', '-'],
    input: JSON.stringify(rules('notes', lines)),
    raw: post('notes', lines),
    words:
      'NOT ASKED: "create ConfigMap notes/rules" changes 10,207 lines; a person can be shown at most 10,000, and what cannot ' +
      'be shown cannot be approved. Nothing was changed. Here splitting is right: make several smaller changes, each ' +
      `complete in itself, and run them one by one. If that is not possible, tell your user. ${refused('TooLargeToReview retry=changed')}`,
  },
  {
    reason: 'Unreviewable',
    args: ['create', '-f', '-'],
    input: JSON.stringify(rules('notes', 'a \ufffd')),
    raw: post('notes', 'a \ufffd'),
    words:
      'NOT ASKED: this request cannot be shown to a person faithfully: a text in it holds U+FFFD, which stands for bytes ' +
      'that are no text. Nothing was changed, and a retry gives the same answer. Send it in a plain form, or tell your ' +
      `user. ${refused('Unreviewable retry=changed')}`,
  },
  {
    reason: 'NameObjects',
    args: ['delete', '--raw', '/api/v1/namespaces/notes/configmaps'],
    raw: { method: 'DELETE', path: '/api/v1/namespaces/notes/configmaps' },
    words:
      'NOT ASKED: "delete ConfigMaps in notes by selector" (deletecollection) does not say which objects go, so nobody can ' +
      'approve it. Nothing was deleted. Delete by name: kubectl get configmaps -n notes -l app=web -o name ; kubectl ' +
      `delete -n notes configmap/web-1 configmap/web-2. ${refused('NameObjects retry=changed')}`,
  },
  {
    reason: 'InteractiveExec',
    args: exec,
    calls: 2,
    raw: { method: 'POST', path: '/api/v1/namespaces/prod/pods/psql-0/exec?stdin=true&tty=true&command=sh' },
    words:
      'NOT ASKED: exec with -i or -t in Pod prod/psql-0 (policy exec) hands over a terminal, and nobody can approve what ' +
      'will be typed later. Nothing was run. Give the whole command, without -i and -t: kubectl exec -n prod psql-0 -- psql ' +
      `-c "..." ; the approver sees it word for word. ${refused('InteractiveExec retry=changed')}`,
  },
  {
    reason: 'ReasonRequired',
    args: createConfigMap('told', 'x'),
    raw: post('told'),
    words:
      'NOT ASKED: "create ConfigMap told/x" (policy told) needs your reason first. Nothing was changed. Say why: kubectl ' +
      'annotate -n countersign-system agid/agents.bot --overwrite countersign.dev/reason="..." ; then run the same command ' +
      `again. Approvers see it, marked as your claim. ${refused('ReasonRequired retry=changed')}`,
  },
  {
    reason: 'DryRunNotPossible',
    raw: {
      method: 'POST',
      path: '/api/v1/namespaces/agents/serviceaccounts/bot/token?dryRun=All',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    },
    words:
      'REFUSED: a dry run of "create token of ServiceAccount agents/bot" has an effect, or its server may ignore that it ' +
      'is one. Nothing was changed. There is no preview of this action: the real command asks for an approval. ' +
      refused('DryRunNotPossible retry=changed'),
  },
]

/** An admission policy that refuses every ApprovalRequest. */
export const noRequests = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'no-requests' },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['countersign.dev'],
            apiVersions: ['*'],
            resources: ['approvalrequests'],
            operations: ['CREATE'],
          },
        ],
      },
      validations: [{ expression: 'false' }],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'no-requests' },
    spec: { policyName: 'no-requests', validationActions: ['Deny'] },
  },
]
