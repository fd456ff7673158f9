import type { Action, Operation, Resource } from './action.ts'
import { groupResource } from './action.ts'
import type { ResourceRule, RuleOperation } from './kinds.ts'

const operationWords: Readonly<Record<Operation, RuleOperation>> = {
  Create: 'CREATE',
  Update: 'UPDATE',
  Delete: 'DELETE',
  Connect: 'CONNECT',
}

/** What a rule looks at, apart from the name: enough to index policies by. */
export type RuleSubject = Pick<Action, 'operation' | 'resource'> & { readonly namespaced: boolean }

/**
 * Does a rule match, whatever API version the call uses? An object is the same one in every version it is served in, so a
 * rule that names one is not to be passed by way of another (matchPolicy Equivalent, KEP-1027). Names aside: they are asked
 * by {@link namesTarget}.
 */
export function matchesRule(rule: ResourceRule, { operation, resource, namespaced }: RuleSubject): boolean {
  return (
    (rule.operations.includes('*') || rule.operations.includes(operationWords[operation])) &&
    includes(rule.apiGroups, resource.group) &&
    rule.resources.some((pattern) => namesResource(pattern, resource)) &&
    (rule.scope === '*' || (rule.scope === 'Namespaced') === namespaced)
  )
}

/** Does the rule name the very version that the call uses? An exclusion lets nothing else off. */
export function namesVersion({ apiVersions }: ResourceRule, { version }: Resource): boolean {
  return includes(apiVersions, version)
}

/** Is the target one of the names that the rule is restricted to? What has no name is none of them. */
export function namesTarget({ resourceNames = [] }: ResourceRule, name: string): boolean {
  return resourceNames.length === 0 || resourceNames.includes(name)
}

/** Does the target live in a namespace? Reviews of a Namespace carry its own name as the namespace. */
export function isNamespaced({ namespace, resource }: Pick<Action, 'namespace' | 'resource'>): boolean {
  return namespace !== '' && !isNamespace(resource)
}

/** Is it a Namespace itself, or one of its subresources? */
export function isNamespace(resource: Resource): boolean {
  return groupResource(resource) === 'namespaces'
}

function includes(patterns: readonly string[], value: string): boolean {
  return patterns.includes('*') || patterns.includes(value)
}

// pods, pods/exec, * (no subresource), pods/*, */scale, */* (everything)
function namesResource(pattern: string, { resource, subresource }: Resource): boolean {
  const [wanted, wantedSubresource] = pattern.split('/')
  if (wanted !== '*' && wanted !== resource) return false
  if (wantedSubresource === undefined) return subresource === ''
  return wantedSubresource === '*' || wantedSubresource === subresource
}
