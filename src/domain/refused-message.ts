import type { Action } from './action.ts'
import { groupResource } from './action.ts'
import type { Refusal } from './check.ts'
import { inert, shortened } from './inert.ts'
import type { Reason } from './reasons.ts'
import { clockTime, shortName, written } from './wording.ts'
import type { Deed, PauseWord, Pen } from './wording.ts'

/** How long a name may be in a command, where a shortened one is of no use: a label, and any name that Kubernetes takes. */
const longestLabel = 63
const longestName = 253
const longestCause = 120

/** A refusal that asks nobody: it says so, says that nothing was changed, and says what to do instead. */
export function refusal(
  reason: Reason,
  compose: (pen: Pen) => string,
  fields: { readonly retry: string; readonly policy?: string },
): Refusal {
  return { reason, message: written(compose, { state: 'Refused', reason, ...fields }) }
}

/** What is the matter, in a clause of ours. */
export function cause(words: string): string {
  return shortened(inert(words).text, longestCause)
}

/** `why`: the policy's own words, undefined when it has none. */
export function policyDenied(deed: Deed, why: string | undefined): Refusal {
  return refusal(
    'PolicyDenied',
    (pen) =>
      `FORBIDDEN by policy ${pen.name(deed.policy)}${pen.words(why)}. Action: ${pen.action(deed.action)}. Nothing was ` +
      `changed, nobody was asked, and no approval can allow it. Stop; do not reach the same effect another way. Tell ` +
      `your user: a person can do it under his or her own name.`,
    { policy: shortName(deed.policy, longestLabel), retry: 'never' },
  )
}

/** `fault`: what is wrong with the policy; its author's words and field paths, never a value of the request. */
export function policyError(deed: Deed, fault: string): Refusal {
  return refusal(
    'PolicyError',
    (pen) =>
      `NOT ASKED: policy ${pen.name(deed.policy)} could not be evaluated for "${pen.action(deed.action)}" ` +
      `(${cause(fault)}), and a broken policy lets nothing pass. Nothing was changed. The fault is in the policy, not in ` +
      `your command: a retry gives the same answer, and a changed command is no way round it. Tell your user that the ` +
      `platform team must repair it: kubectl describe apol ${shortName(deed.policy, longestLabel)}`,
    { retry: 'user' },
  )
}

/** `groups`: all that were to be asked; `why`: `3 people: 1 owns agents/bot, 2 have no Teams identity`. */
export function noEligibleApprover(
  deed: Deed,
  needs: { readonly approvals: number; readonly groups: readonly string[]; readonly why: string },
): Refusal {
  return refusal(
    'NoEligibleApprover',
    (pen) =>
      `NOT ASKED: "${pen.action(deed.action)}" (policy ${pen.name(deed.policy)}) needs ${approvals(needs.approvals)} from ` +
      `${pen.name(needs.groups.join(' or '))}, but nobody in it may give it (${cause(needs.why)}). Nothing was changed, nobody was ` +
      `paged, and a retry gives the same answer. Tell your user that the platform team must correct the group: kubectl ` +
      `describe apg ${namesInCommand(needs.groups)}`,
    { retry: 'user' },
  )
}

/** As many whole names as there is room for, one in any case: a command takes no shortened one among others. */
function namesInCommand(names: readonly string[]): string {
  const [first = '', ...others] = names.map((name) => shortName(name, longestLabel))
  return others.reduce((text, name) => (text.length + name.length < 2 * longestLabel ? `${text} ${name}` : text), first)
}

function approvals(count: number): string {
  return `${count} approval${count === 1 ? '' : 's'}`
}

/** A deletecollection; `action` is its summary. */
export function nameObjects(action: string, target: Pick<Action, 'namespace' | 'resource' | 'kind'>): Refusal {
  const where = target.namespace === '' ? '' : ` -n ${shortName(target.namespace, longestLabel)}`
  const plural = groupResource(target.resource)
  const one = `${inert(target.kind).text.toLowerCase()}${plural.slice(target.resource.resource.length)}`
  return refusal(
    'NameObjects',
    (pen) =>
      `NOT ASKED: "${pen.action(action)}" (deletecollection) does not say which objects go, so nobody can approve it. ` +
      `Nothing was deleted. Delete by name: kubectl get ${plural}${where} -l app=web -o name ; kubectl delete${where} ` +
      `${one}/web-1 ${one}/web-2.`,
    { retry: 'changed' },
  )
}

/** `deed.action` is the summary, `verb` exec or attach. */
export function interactiveExec(
  deed: Deed,
  target: { readonly verb: string; readonly namespace: string; readonly pod: string },
): Refusal {
  const pod = shortName(target.pod, longestLabel)
  const namespace = shortName(target.namespace, longestLabel)
  return refusal(
    'InteractiveExec',
    (pen) =>
      `NOT ASKED: ${target.verb} with -i or -t in Pod ${namespace}/${pod} (policy ${pen.name(deed.policy)}) hands ` +
      `over a terminal, and nobody can approve what will be typed later. Nothing was run. Give the whole command, ` +
      `without -i and -t: kubectl exec -n ${namespace} ${pod} -- psql -c "..." ; the approver sees it word for word.`,
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
    (pen) =>
      `NOT ASKED: ${limit.pending} of your requests wait for people already, the limit for ${pen.name(agent.name)}. ` +
      `Nothing was changed. See them: kubectl get -n ${limit.namespace} apr -l countersign.dev/agent=${shortName(agent.label, longestName)} . ` +
      `When some are decided, run the same command again. Do not loop.`,
    { retry: '60s' },
  )
}

export function agentPaused(agent: string, word: PauseWord): Refusal {
  const since = word.time === undefined ? '' : ` at ${clockTime(word.time)}`
  return refusal(
    'AgentPaused',
    (pen) =>
      `PAUSED: ${pen.name(word.by)} paused ${pen.name(agent)}${since}${pen.words(word.comment)}. ` +
      `Nothing was changed, nobody was asked. Every action of yours that needs approval is refused until you are ` +
      `resumed. Stop working on the cluster and tell your user.`,
    { retry: 'never' },
  )
}

/** `agent`: `agents/bot`. */
export function impersonatedAgent(agent: string): Refusal {
  const [namespace = '', name = ''] = shortName(agent, longestName).split('/')
  return refusal(
    'ImpersonatedAgent',
    (pen) =>
      `REFUSED: this call acts as agent ${pen.name(agent)} by impersonation (--as), so the record could not say who ` +
      `acts. Nothing was changed. To see what would happen, add --dry-run=server. To act as the agent, use its own ` +
      `token: kubectl create token -n ${namespace} ${name}. Agents: never use --as.`,
    { retry: 'never' },
  )
}

/** `namespace`: where the records live. */
export function recordUnavailable(namespace: string): Refusal {
  return refusal(
    'RecordUnavailable',
    () =>
      `NOT ASKED: the record of approvals cannot be written at the moment, and without a record nothing is asked and ` +
      `nothing passes. Nothing was changed; nobody said no. Run the same command again in a minute; after 10 min tell ` +
      `your user that ${namespace} needs the platform team.`,
    { retry: '60s' },
  )
}

export function unsafeAgent(deed: Deed, agent: string): Refusal {
  return refusal(
    'UnsafeAgent',
    (pen) =>
      `NOT ASKED: ${pen.name(agent)} holds rights that go round the approval of "${pen.action(deed.action)}" (policy ` +
      `${pen.name(deed.policy)}), so an approval would prove nothing. Nothing was changed and a retry gives the same ` +
      `answer. Tell your user that the platform team must take the rights away: kubectl countersign doctor ${shortName(agent, longestName)}`,
    { retry: 'user' },
  )
}

export function dryRunNotPossible(action: string): Refusal {
  return refusal(
    'DryRunNotPossible',
    (pen) =>
      `REFUSED: a dry run of "${pen.action(action)}" has an effect, or its server may ignore that it is one. Nothing was ` +
      `changed. There is no preview of this action: the real command asks for an approval.`,
    { retry: 'changed' },
  )
}

/** `identity`: the name of the agent's own AgentIdentity. */
export function reasonRequired(deed: Deed, own: { readonly namespace: string; readonly identity: string }): Refusal {
  return refusal(
    'ReasonRequired',
    (pen) =>
      `NOT ASKED: "${pen.action(deed.action)}" (policy ${pen.name(deed.policy)}) needs your reason first. Nothing was ` +
      `changed. Say why: kubectl annotate -n ${own.namespace} agid/${shortName(own.identity, longestName)} --overwrite ` +
      `countersign.dev/reason="..." ; then run the same command again. Approvers see it, marked as your claim.`,
    { retry: 'changed' },
  )
}
