import type { Refusal } from './check.ts'
import { inert, shortened } from './inert.ts'
import type { Reason } from './reasons.ts'
import { personName, policyName, quoted, said, trailer } from './wording.ts'
import type { Deed, PersonsWord } from './wording.ts'

/** Refusals that ask nobody: each says so, says that nothing was changed, and says what to do instead. */

function refusal(
  reason: Reason,
  words: string,
  fields: { readonly retry: string; readonly policy?: string | undefined },
): Refusal {
  return { reason, message: `${words} ${trailer({ state: 'Refused', reason, ...fields })}` }
}

/** `words`: the policy's own, undefined when it has none. */
export function policyDenied(deed: Deed, words: string | undefined): Refusal {
  const why = words === undefined ? '' : `: ${quoted(words)}`
  return refusal(
    'PolicyDenied',
    `FORBIDDEN by policy ${policyName(deed.policy)}${why}. Action: ${deed.action}. Nothing was changed, nobody was ` +
      `asked, and no approval can allow it. Stop; do not reach the same effect another way. Tell your user: a person ` +
      `can do it under his or her own name.`,
    { policy: policyName(deed.policy), retry: 'never' },
  )
}

/** `fault`: what is wrong with the policy; its author's words and field paths, never a value of the request. */
export function policyError(deed: Deed, fault: string): Refusal {
  const policy = policyName(deed.policy)
  return refusal(
    'PolicyError',
    `NOT ASKED: policy ${policy} could not be evaluated for "${deed.action}" (${shortened(inert(fault).text, 120)}), ` +
      `and a broken policy lets nothing pass. Nothing was changed. The fault is in the policy, not in your command: a ` +
      `retry gives the same answer, and a changed command is no way round it. Tell your user that the platform team ` +
      `must repair it: kubectl describe apol ${policy}`,
    { policy, retry: 'user' },
  )
}

/** `why`: `3 people: 1 owns agents/bot, 2 have no Teams identity`. */
export function noEligibleApprover(
  deed: Deed,
  needs: { readonly approvals: number; readonly group: string; readonly why: string },
): Refusal {
  const group = personName(needs.group)
  return refusal(
    'NoEligibleApprover',
    `NOT ASKED: "${deed.action}" (policy ${policyName(deed.policy)}) needs ${needs.approvals} approval` +
      `${needs.approvals === 1 ? '' : 's'} from ${group}, but nobody in it may give it (${shortened(needs.why, 120)}). ` +
      `Nothing was changed, nobody was paged, and a retry gives the same answer. Tell your user that the platform team ` +
      `must correct the group: kubectl describe apg ${group}`,
    { retry: 'user' },
  )
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function tooLargeToReview(action: string, size: { readonly lines: number; readonly most: number }): Refusal {
  return refusal(
    'TooLargeToReview',
    `NOT ASKED: "${action}" changes ${thousands(size.lines)} lines; a person can be shown at most ` +
      `${thousands(size.most)}, and what cannot be shown cannot be approved. Nothing was changed. Here splitting is ` +
      `right: make several smaller changes, each complete in itself, and run them one by one. If that is not possible, ` +
      `tell your user.`,
    { retry: 'changed' },
  )
}

/** `plural`: the resource as kubectl takes it. */
export function nameObjects(action: string, target: { readonly namespace: string; readonly plural: string }): Refusal {
  const where = target.namespace === '' ? '' : ` -n ${target.namespace}`
  const plural = inert(target.plural).text
  return refusal(
    'NameObjects',
    `NOT ASKED: "${action}" (deletecollection) does not say which objects go, so nobody can approve it. Nothing was ` +
      `deleted. Delete by name: kubectl get ${plural}${where} -l app=web -o name ; kubectl delete${where} ` +
      `${plural}/web-1 ${plural}/web-2.`,
    { retry: 'changed' },
  )
}

/** `deed.action` is the summary, `verb` exec or attach. */
export function interactiveExec(
  deed: Deed,
  target: { readonly verb: string; readonly namespace: string; readonly pod: string },
): Refusal {
  const pod = shortened(inert(target.pod).text, 60)
  return refusal(
    'InteractiveExec',
    `NOT ASKED: ${target.verb} with -i or -t in Pod ${target.namespace}/${pod} (policy ${policyName(deed.policy)}) hands ` +
      `over a terminal, and nobody can approve what will be typed later. Nothing was run. Give the whole command, ` +
      `without -i and -t: kubectl exec -n ${target.namespace} ${pod} -- psql -c "..." ; the approver sees it word for word.`,
    { retry: 'changed' },
  )
}

/** `agent`: `agents/bot`; `label`: its value of the label countersign.dev/agent. */
export function tooManyPending(
  agent: { readonly name: string; readonly label: string },
  limit: { readonly pending: number; readonly namespace: string },
): Refusal {
  return refusal(
    'TooManyPending',
    `NOT ASKED: ${limit.pending} of your requests wait for people already, the limit for ${agent.name}. Nothing was ` +
      `changed. See them: kubectl get -n ${limit.namespace} apr -l countersign.dev/agent=${agent.label} . When some are ` +
      `decided, run the same command again. Do not loop.`,
    { retry: '60s' },
  )
}

export function agentPaused(agent: string, word: PersonsWord): Refusal {
  const [, rest = ''] = said(word).split(/^by /)
  const [by = '', time = ''] = rest.split(/ at (?=\d\d:\d\dZ)/)
  return refusal(
    'AgentPaused',
    `PAUSED: ${by} paused ${agent} at ${time}. Nothing was changed, nobody was asked. Every action of yours that needs ` +
      `approval is refused until you are resumed. Stop working on the cluster and tell your user.`,
    { retry: 'never' },
  )
}

/** `agent`: `agents/bot`. */
export function impersonatedAgent(agent: string): Refusal {
  const [namespace = '', name = ''] = agent.split('/')
  return refusal(
    'ImpersonatedAgent',
    `REFUSED: this call acts as agent ${agent} by impersonation (--as), so the record could not say who acts. Nothing ` +
      `was changed. To see what would happen, add --dry-run=server. To act as the agent, use its own token: kubectl ` +
      `create token -n ${namespace} ${name}. Agents: never use --as.`,
    { retry: 'never' },
  )
}

/** `namespace`: where the records live. */
export function recordUnavailable(namespace: string): Refusal {
  return refusal(
    'RecordUnavailable',
    `NOT ASKED: the record of approvals cannot be written at the moment, and without a record nothing is asked and ` +
      `nothing passes. Nothing was changed; nobody said no. Run the same command again in a minute; after 10 min tell ` +
      `your user that ${namespace} needs the platform team.`,
    { retry: '60s' },
  )
}

export function unsafeAgent(deed: Deed, agent: string): Refusal {
  return refusal(
    'UnsafeAgent',
    `NOT ASKED: ${agent} holds rights that go round the approval of "${deed.action}" (policy ` +
      `${policyName(deed.policy)}), so an approval would prove nothing. Nothing was changed and a retry gives the same ` +
      `answer. Tell your user that the platform team must take the rights away: kubectl countersign doctor ${agent}`,
    { retry: 'user' },
  )
}

/** `cause`: a clause of ours, such as "it is nested more than 128 deep". */
export function unreviewable(cause: string): Refusal {
  return refusal(
    'Unreviewable',
    `NOT ASKED: this request cannot be shown to a person faithfully: ${cause}. Nothing was changed, and a retry gives ` +
      `the same answer. Send it in a plain form, or tell your user.`,
    { retry: 'changed' },
  )
}

export function dryRunNotPossible(action: string): Refusal {
  return refusal(
    'DryRunNotPossible',
    `REFUSED: a dry run of "${action}" has an effect, or its server may ignore that it is one. Nothing was changed. ` +
      `There is no preview of this action: the real command asks for an approval.`,
    { retry: 'changed' },
  )
}

/** `identity`: the name of the agent's own AgentIdentity. */
export function reasonRequired(deed: Deed, own: { readonly namespace: string; readonly identity: string }): Refusal {
  return refusal(
    'ReasonRequired',
    `NOT ASKED: "${deed.action}" (policy ${policyName(deed.policy)}) needs your reason first. Nothing was changed. Say ` +
      `why: kubectl annotate -n ${own.namespace} agid/${own.identity} --overwrite countersign.dev/reason="..." ; then ` +
      `run the same command again. Approvers see it, marked as your claim.`,
    { retry: 'changed' },
  )
}
