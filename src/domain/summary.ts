import type { Action } from './action.ts'
import { canonical } from './canonical.ts'
import type { Content } from './content.ts'
import { openNameBase } from './generated-name.ts'
import { inert, shortened } from './inert.ts'
import { at, isObject } from './json.ts'
import type { Json } from './json.ts'

/** The longest summary, in characters. */
export const longestSummary = 120
const longestName = 60

/**
 * An action in one line for people and agents: `delete Deployment prod/web (3 replicas)`. Names are inert and cut in
 * the middle, never at the end.
 */
export function summaryOf(action: Action, content: Content): string {
  const detail = detailOf(action, content)
  const deed = `${verbOf(action, content)} ${targetOf(action)}`
  return shortened(detail === undefined ? deed : `${deed} ${detail}`, longestSummary)
}

/** What the subresources are called among people; the rest is "update status of". */
const verbs: Readonly<Record<string, string>> = {
  'Connect exec': 'exec in',
  'Connect attach': 'attach to',
  'Connect portforward': 'port-forward to',
  'Connect proxy': 'proxy to',
  'Create binding': 'bind',
  'Create eviction': 'evict',
  'Create token': 'create token of',
  'Update approval': 'approve or deny',
  'Update ephemeralcontainers': 'add debug container to',
  'Update finalize': 'finalize',
  'Update resize': 'resize',
  'Update scale': 'scale',
}

function verbOf(action: Action, content: Content): string {
  const { operation, resource } = action
  if (resource.subresource === '') return isRestart(content) ? 'restart' : operation.toLowerCase()
  const key = `${operation} ${resource.subresource}`
  const known = Object.hasOwn(verbs, key) ? verbs[key] : undefined
  return known ?? `${operation.toLowerCase()} ${inert(resource.subresource).text} of`
}

function isRestart(content: Content): boolean {
  if (content.operation !== 'Update' || content.changes.length !== 1) return false
  return content.changes[0]?.path.at(-1) === 'kubectl.kubernetes.io/restartedAt'
}

/** Kinds of resources that have subresources with objects of another kind. */
const parentKinds: Readonly<Record<string, string>> = {
  daemonsets: 'DaemonSet',
  deployments: 'Deployment',
  namespaces: 'Namespace',
  nodes: 'Node',
  pods: 'Pod',
  replicasets: 'ReplicaSet',
  replicationcontrollers: 'ReplicationController',
  serviceaccounts: 'ServiceAccount',
  services: 'Service',
  statefulsets: 'StatefulSet',
}

function targetOf(action: Action): string {
  const kind = inert(action.resource.subresource === '' ? action.kind : parentKind(action)).text
  const namespace = quoted(action.namespace)
  if (action.operation === 'Delete' && action.name === '') {
    return `${kind}s ${namespace === '' ? '' : `in ${namespace} `}by selector`
  }
  const base = openNameBase(action)
  const name = shortened(quoted(base === undefined ? action.name : `${base}?????`), longestName)
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}

/** A name that could be read as more than a name stands in quotes: some kinds take any text. */
function quoted(name: string): string {
  return /^[\w.:@?-]*$/.test(name) ? name : JSON.stringify(inert(name).text)
}

function parentKind({ resource }: Action): string {
  const { resource: plural } = resource
  return (Object.hasOwn(parentKinds, plural) ? parentKinds[plural] : undefined) ?? plural
}

function detailOf(action: Action, content: Content): string | undefined {
  if (content.operation === 'Delete') return replicasDetail(at(action.oldObject, 'spec', 'replicas'))
  if (content.operation !== 'Update' || isRestart(content)) return undefined
  return scaleDetail(action, content) ?? changesDetail(content.changes.map(({ path }) => path.at(-1)))
}

function replicasDetail(replicas: Json | undefined): string | undefined {
  return replicas === undefined || isObject(replicas) ? undefined : `(${canonical(replicas)} replicas)`
}

function scaleDetail(action: Action, content: Content): string | undefined {
  if (action.resource.subresource !== 'scale' || content.operation !== 'Update') return undefined
  const change = content.changes.find(({ path }) => path[0] === 'spec' && path[1] === 'replicas')
  return change && `${canonical(change.before ?? 0)} to ${canonical(change.after ?? 0)}`
}

const namedFields = 3

function changesDetail(lastSteps: readonly unknown[]): string | undefined {
  const fields = [...new Set(lastSteps.map((step) => (typeof step === 'string' ? inert(step).text : 'list')))]
  if (fields.length === 0) return undefined
  const named = fields.slice(0, namedFields).map((field) => shortened(field, 30))
  const more = fields.length - named.length
  return `(${named.join(', ')}${more > 0 ? ` and ${more} more` : ''})`
}
