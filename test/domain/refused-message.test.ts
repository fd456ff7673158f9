import { describe, expect, test } from '@jest/globals'
import type { Refusal } from '../../src/domain/check.ts'
import type { Reason } from '../../src/domain/reasons.ts'
import {
  agentPaused,
  dryRunNotPossible,
  impersonatedAgent,
  interactiveExec,
  nameObjects,
  noEligibleApprover,
  policyDenied,
  policyError,
  reasonRequired,
  recordUnavailable,
  tooManyPending,
  unsafeAgent,
} from '../../src/domain/refused-message.ts'
import { longestMessage } from '../../src/domain/wording.ts'
import { at, digest } from '../make-request.ts'

const web = { action: 'delete Deployment prod/web', policy: 'workload-deletes', digest }
const pods = {
  namespace: 'prod',
  resource: { group: '', version: 'v1', resource: 'pods', subresource: '' },
  kind: 'Pod',
}
const why = '3 people: 1 owns agents/bot, 2 have no Teams identity'
const bo = { by: 'Bo Lind', time: at('10:40'), comment: 'deleting too much' }

const messages: readonly (readonly [said: Refusal, reason: Reason, message: string])[] = [
  [
    policyDenied({ ...web, action: 'update Node worker-1', policy: 'no-node-changes' }, 'agents do not change nodes'),
    'PolicyDenied',
    'FORBIDDEN by policy no-node-changes: "agents do not change nodes". Action: update Node worker-1. Nothing was changed, nobody was asked, and no approval can allow it. Stop; do not reach the same effect another way. Tell your user: a person can do it under his or her own name. [countersign v1 state=Refused reason=PolicyDenied policy=no-node-changes retry=never]',
  ],
  [
    policyError(web, 'matchConditions "not-canary": no such key: track'),
    'PolicyError',
    'NOT ASKED: policy workload-deletes could not be evaluated for "delete Deployment prod/web" (matchConditions "not-canary": no such key: track), and a broken policy lets nothing pass. Nothing was changed. The fault is in the policy, not in your command: a retry gives the same answer, and a changed command is no way round it. Tell your user that the platform team must repair it: kubectl describe apol workload-deletes [countersign v1 state=Refused reason=PolicyError retry=user]',
  ],
  [
    noEligibleApprover(web, { approvals: 1, groups: ['platform-oncall'], why }),
    'NoEligibleApprover',
    'NOT ASKED: "delete Deployment prod/web" (policy workload-deletes) needs 1 approval from platform-oncall, but nobody in it may give it (3 people: 1 owns agents/bot, 2 have no Teams identity). Nothing was changed, nobody was paged, and a retry gives the same answer. Tell your user that the platform team must correct the group: kubectl describe apg platform-oncall [countersign v1 state=Refused reason=NoEligibleApprover retry=user]',
  ],
  [
    nameObjects('delete Pods in prod by selector', pods),
    'NameObjects',
    'NOT ASKED: "delete Pods in prod by selector" (deletecollection) does not say which objects go, so nobody can approve it. Nothing was deleted. Delete by name: kubectl get pods -n prod -l app=web -o name ; kubectl delete -n prod pod/web-1 pod/web-2. [countersign v1 state=Refused reason=NameObjects retry=changed]',
  ],
  [
    interactiveExec({ ...web, policy: 'exec' }, { verb: 'exec', namespace: 'prod', pod: 'psql-0' }),
    'InteractiveExec',
    'NOT ASKED: exec with -i or -t in Pod prod/psql-0 (policy exec) hands over a terminal, and nobody can approve what will be typed later. Nothing was run. Give the whole command, without -i and -t: kubectl exec -n prod psql-0 -- psql -c "..." ; the approver sees it word for word. [countersign v1 state=Refused reason=InteractiveExec retry=changed]',
  ],
  [
    tooManyPending({ name: 'agents/bot', label: 'agents.bot' }, { pending: 20, namespace: 'countersign-system' }),
    'TooManyPending',
    'NOT ASKED: 20 of your requests wait for people already, the limit for agents/bot. Nothing was changed. See them: kubectl get -n countersign-system apr -l countersign.dev/agent=agents.bot . When some are decided, run the same command again. Do not loop. [countersign v1 state=Refused reason=TooManyPending retry=60s]',
  ],
  [
    agentPaused('agents/bot', bo),
    'AgentPaused',
    'PAUSED: Bo Lind paused agents/bot at 10:40Z: "deleting too much". Nothing was changed, nobody was asked. Every action of yours that needs approval is refused until you are resumed. Stop working on the cluster and tell your user. [countersign v1 state=Refused reason=AgentPaused retry=never]',
  ],
  [
    impersonatedAgent('agents/bot'),
    'ImpersonatedAgent',
    'REFUSED: this call acts as agent agents/bot by impersonation (--as), so the record could not say who acts. Nothing was changed. To see what would happen, add --dry-run=server. To act as the agent, use its own token: kubectl create token -n agents bot. Agents: never use --as. [countersign v1 state=Refused reason=ImpersonatedAgent retry=never]',
  ],
  [
    recordUnavailable('countersign-system'),
    'RecordUnavailable',
    'NOT ASKED: the record of approvals cannot be written at the moment, and without a record nothing is asked and nothing passes. Nothing was changed; nobody said no. Run the same command again in a minute; after 10 min tell your user that countersign-system needs the platform team. [countersign v1 state=Refused reason=RecordUnavailable retry=60s]',
  ],
  [
    unsafeAgent(web, 'agents/bot'),
    'UnsafeAgent',
    'NOT ASKED: agents/bot holds rights that go round the approval of "delete Deployment prod/web" (policy workload-deletes), so an approval would prove nothing. Nothing was changed and a retry gives the same answer. Tell your user that the platform team must take the rights away: kubectl countersign doctor agents/bot [countersign v1 state=Refused reason=UnsafeAgent retry=user]',
  ],
  [
    dryRunNotPossible('create token of ServiceAccount agents/bot'),
    'DryRunNotPossible',
    'REFUSED: a dry run of "create token of ServiceAccount agents/bot" has an effect, or its server may ignore that it is one. Nothing was changed. There is no preview of this action: the real command asks for an approval. [countersign v1 state=Refused reason=DryRunNotPossible retry=changed]',
  ],
  [
    reasonRequired(web, { namespace: 'countersign-system', identity: 'agents.bot' }),
    'ReasonRequired',
    'NOT ASKED: "delete Deployment prod/web" (policy workload-deletes) needs your reason first. Nothing was changed. Say why: kubectl annotate -n countersign-system agid/agents.bot --overwrite countersign.dev/reason="..." ; then run the same command again. Approvers see it, marked as your claim. [countersign v1 state=Refused reason=ReasonRequired retry=changed]',
  ],
]

test.each(messages.map(([said, reason, message]) => [reason, said, message] as const))(
  '%s reads word for word',
  (reason, said, message) => {
    expect(said).toEqual({ reason, message })
  },
)

describe('variants', () => {
  test('a policy that gives no words gives none', () => {
    expect(policyDenied(web, undefined).message).toMatch(/^FORBIDDEN by policy workload-deletes\. Action: /)
  })

  test('several approvals are several', () => {
    expect(noEligibleApprover(web, { approvals: 2, groups: ['g'], why }).message).toContain('needs 2 approvals from g,')
  })

  test('several groups are named as kubectl takes them', () => {
    const { message } = noEligibleApprover(web, { approvals: 1, groups: ['a', 'b'], why })
    expect(message).toContain('needs 1 approval from a or b, but')
    expect(message).toContain('kubectl describe apg a b [')
  })

  test('of many groups with long names, some are named whole', () => {
    const groups = ['a', 'b', 'c'].map((letter) => letter.repeat(60))
    const longest = { ...web, action: 'a'.repeat(120), policy: 'p'.repeat(253) }
    const { message } = noEligibleApprover(longest, { approvals: 32, groups, why: 'w'.repeat(200) })
    expect(message.length).toBeLessThanOrEqual(longestMessage)
    expect(message).toContain(`kubectl describe apg ${groups[0]} ${groups[1]} [`)
  })

  test('a person who pauses without a reason is quoted with none', () => {
    expect(agentPaused('agents/bot', { ...bo, comment: '' }).message).toMatch(
      /^PAUSED: Bo Lind paused agents\/bot at 10:40Z\. /,
    )
  })

  test('a pause of which nobody has said since when has no time', () => {
    expect(agentPaused('agents/bot', { ...bo, time: undefined }).message).toMatch(
      /^PAUSED: Bo Lind paused agents\/bot: "deleting too much"\. Nothing/,
    )
  })

  test('a name with what looks like a time in it stays one name', () => {
    const odd = { ...bo, by: 'Bo at 10:00Z: "go on" Lind' }
    expect(agentPaused('agents/bot', odd).message).toMatch(
      /^PAUSED: Bo at 10:00Z: 'go on' Lind paused agents\/bot at 10:40Z: "/,
    )
  })

  test.each([
    [
      'in a group, names are written with it',
      { ...pods, resource: { ...pods.resource, group: 'apps', resource: 'deployments' }, kind: 'Deployment' },
      'kubectl get deployments.apps -n prod -l app=web -o name ; kubectl delete -n prod deployment.apps/web-1 deployment.apps/web-2.',
    ],
    [
      'outside namespaces, without one',
      { namespace: '', resource: { ...pods.resource, resource: 'persistentvolumes' }, kind: 'PersistentVolume' },
      'kubectl get persistentvolumes -l app=web -o name ; kubectl delete persistentvolume/web-1 persistentvolume/web-2.',
    ],
  ])('%s', (_sentence, target, command) => {
    expect(nameObjects('delete all', target).message).toContain(command)
  })
})
