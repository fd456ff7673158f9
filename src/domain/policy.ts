import type { Action } from './action.ts'
import { groupResource } from './action.ts'
import { at, isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import type { ApprovalPolicySpec, LabelSelector, PolicySnapshot, ResourceRule } from './kinds.ts'
import { combined, excessOf } from './requirements.ts'
import type { Demand } from './requirements.ts'
import { isNamespace, isNamespaced, matchesRule, namesTarget, namesVersion } from './resource-rule.ts'
import type { RuleSubject } from './resource-rule.ts'
import { isOpen, selects } from './selector.ts'
import type { Labels } from './selector.ts'

/** A policy that can be judged by. `fault`: why it cannot be evaluated; it then denies what it matches. */
export type Policy = {
  readonly snapshot: PolicySnapshot
  readonly spec: ApprovalPolicySpec
  readonly fault: string | undefined
}

/** What policies look at beside the action. Labels are those known to us, never those an agent's request claims to have. */
export type Circumstances = {
  /** Labels of the agent's service account and of its namespace; undefined for an agent that is none. */
  readonly accountLabels: KnownLabels
  readonly accountNamespaceLabels: KnownLabels
  /** Labels of the target's namespace; undefined where it has none, or they are not known: then no selector lets it off. */
  readonly namespaceLabels: Labels | undefined
}

/** `Unknown`: there may be labels, and we do not know them: then every selector applies. Undefined: there can be none. */
export type KnownLabels = Labels | 'Unknown' | undefined

/** What the policies say of an action. Deny is stronger than RequireApproval, which is stronger than Warn. */
export type Ruling =
  | { readonly effect: 'Pass'; readonly warnedBy: readonly PolicySnapshot[] }
  | { readonly effect: 'RequireApproval'; readonly demand: Demand; readonly policies: readonly PolicySnapshot[] }
  | {
      readonly effect: 'Deny'
      readonly reason: 'PolicyDenied' | 'PolicyError'
      /** The first policy that denies, or that cannot be evaluated, alone or with the others. */
      readonly by: Policy
      readonly policies: readonly PolicySnapshot[]
    }

/** All policies, prepared so that an action which none concerns costs one look-up. */
export type PolicyIndex = { readonly candidates: (action: Action) => readonly Policy[] }

/**
 * Policies are asked by name, so that every replica names the same one first. The index fills as resources are met; how
 * many there are is the API server's choice, not the agent's.
 */
export function indexPolicies(policies: readonly Policy[]): PolicyIndex {
  const inOrder = policies.toSorted((a, b) => (a.snapshot.name < b.snapshot.name ? -1 : 1))
  const known = new Map<string, readonly Policy[]>()
  return {
    candidates: (action) => {
      const { operation, resource } = action
      const key = `${operation} ${isNamespaced(action)} ${resource.version} ${groupResource(resource)}/${resource.subresource}`
      const found = known.get(key) ?? inOrder.filter((policy) => concerns(policy, action))
      known.set(key, found)
      return found
    },
  }
}

/** Judges an action. Synchronous, and without a look at the object where no policy concerns its resource. */
export function rule(policies: PolicyIndex, action: Action, circumstances: Circumstances): Ruling {
  const candidates = policies.candidates(action)
  const fired =
    candidates.length === 0 ? candidates : candidates.filter((policy) => fires(policy, action, circumstances))
  const broken = fired.find(({ fault }) => fault !== undefined)
  if (broken !== undefined) return denial('PolicyError', broken, fired)
  const denying = fired.find(({ spec }) => spec.effect === 'Deny')
  if (denying !== undefined) return denial('PolicyDenied', denying, fired)
  const asking = fired.filter(({ spec }) => spec.effect === 'RequireApproval')
  const [first] = asking
  if (first === undefined) return { effect: 'Pass', warnedBy: fired.map(({ snapshot }) => snapshot) }
  const demand = combined(asking)
  const excess = excessOf(demand, asking)
  if (excess !== undefined) return denial('PolicyError', { ...first, fault: excess }, asking)
  return { effect: 'RequireApproval', demand, policies: asking.map(({ snapshot }) => snapshot) }
}

function concerns({ spec }: Policy, action: Action): boolean {
  const subject = subjectOf(action)
  return spec.matchConstraints.resourceRules.some((resourceRule) => matchesRule(resourceRule, subject))
}

function fires({ spec }: Policy, action: Action, circumstances: Circumstances): boolean {
  const { resourceRules, excludeResourceRules = [], objectSelector } = spec.matchConstraints
  return (
    resourceRules.some((resourceRule) => mayMatch(resourceRule, action)) &&
    !excludeResourceRules.some((excluded) => matches(excluded, action) && namesVersion(excluded, action.resource)) &&
    concernsAgent(spec, action, circumstances) &&
    concernsNamespace(spec, action, circumstances) &&
    (isOpen(objectSelector) || objectLabels(action).some((labels) => selects(objectSelector, labels)))
  )
}

function matches(resourceRule: ResourceRule, action: Action): boolean {
  return matchesRule(resourceRule, subjectOf(action)) && namesTarget(resourceRule, action.name)
}

/** A deletecollection names nothing, so it may take what a rule names; it never passes for what an exclusion names. */
function mayMatch(resourceRule: ResourceRule, action: Action): boolean {
  return action.name === '' ? matchesRule(resourceRule, subjectOf(action)) : matches(resourceRule, action)
}

function subjectOf(action: Action): RuleSubject {
  return { operation: action.operation, resource: action.resource, namespaced: isNamespaced(action) }
}

/** A cluster-scoped target is concerned whatever the selector says; a namespace goes by its own labels. */
function concernsNamespace({ matchConstraints }: ApprovalPolicySpec, action: Action, known: Circumstances): boolean {
  const { namespaceSelector } = matchConstraints
  if (isOpen(namespaceSelector)) return true
  if (isNamespace(action.resource)) return objectLabels(action).some((labels) => selects(namespaceSelector, labels))
  const { namespaceLabels } = known
  return !isNamespaced(action) || namespaceLabels === undefined || selects(namespaceSelector, namespaceLabels)
}

function concernsAgent({ agents = {} }: ApprovalPolicySpec, action: Action, known: Circumstances): boolean {
  const { namespaceSelector, serviceAccountSelector, usernames = [] } = agents
  return (
    (usernames.length === 0 || usernames.includes(action.agent.username)) &&
    picks(namespaceSelector, known.accountNamespaceLabels) &&
    picks(serviceAccountSelector, known.accountLabels)
  )
}

/** A selector that asks for labels does not pick what can have none; whom we do not know, it does not let off. */
function picks(selector: LabelSelector | undefined, labels: KnownLabels): boolean {
  if (isOpen(selector) || labels === 'Unknown') return true
  return labels !== undefined && selects(selector, labels)
}

/** Labels before and after: one side that a selector picks is enough, so that nobody leaves its reach by relabelling. */
function objectLabels({ object, oldObject }: Action): readonly Labels[] {
  return [object, oldObject].filter((side) => side !== undefined).map(labelsOf)
}

function labelsOf(object: JsonObject): Labels {
  const labels = at(object, 'metadata', 'labels')
  if (!isObject(labels)) return {}
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function denial(reason: 'PolicyDenied' | 'PolicyError', by: Policy, fired: readonly Policy[]): Ruling {
  return { effect: 'Deny', reason, by, policies: fired.map(({ snapshot }) => snapshot) }
}
