import type { Action } from './action.ts'
import { canonical } from './canonical.ts'
import type { Content } from './content.ts'
import { openNameBase } from './generated-name.ts'
import { inert, shortened } from './inert.ts'
import { at, isList, isObject, JsonNumber, same, textAt } from './json.ts'
import type { Json } from './json.ts'
import { requestTimeMark } from './recent-time.ts'
import { isNamespaced } from './resource-rule.ts'

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
  'Update ephemeralcontainers': 'add debug container to',
  'Update finalize': 'finalize',
  'Update resize': 'resize',
  'Update scale': 'scale',
}

function verbOf(action: Action, content: Content): string {
  const { operation, resource } = action
  if (resource.subresource === '') return isRestart(content) ? 'restart' : operation.toLowerCase()
  if (resource.subresource === 'approval') return approvalVerb(content)
  const key = `${operation} ${resource.subresource}`
  const known = Object.hasOwn(verbs, key) ? verbs[key] : undefined
  return known ?? `${operation.toLowerCase()} ${inert(resource.subresource).text} of`
}

/** The server counts the templates of a DaemonSet in an annotation. */
const countedTemplates = 'deprecated.daemonset.template.generation'

function isRestart(content: Content): boolean {
  const changes = content.operation === 'Update' ? content.changes : []
  const [change, ...others] = changes.filter(({ path }) => path.at(-1) !== countedTemplates)
  if (change === undefined || others.length > 0) return false
  return same(change.before === undefined ? onlyValue(change.after) : change.after, requestTimeMark)
}

/** The first restart also brings the annotations that it is one of. */
function onlyValue(value: Json | undefined): Json | undefined {
  const [key, ...others] = isObject(value) ? Object.keys(value) : []
  return isObject(value) && key !== undefined && others.length === 0 ? onlyValue(value[key]) : value
}

/** What a certificate signing request gets by its conditions; both when in doubt. */
function approvalVerb(content: Content): string {
  const [before, after] = content.operation === 'Update' ? [content.before, content.after] : [undefined, undefined]
  const had = conditionTypes(before)
  const fresh = conditionTypes(after).filter((type) => !had.includes(type))
  if (fresh.length === 1 && fresh[0] === 'Approved') return 'approve'
  return fresh.length === 1 && fresh[0] === 'Denied' ? 'deny' : 'approve or deny'
}

function conditionTypes(object: Json | undefined): readonly (string | undefined)[] {
  const conditions = at(object, 'status', 'conditions')
  return isList(conditions) ? conditions.map((condition) => textAt(condition, 'type')) : []
}

/** Kinds of objects that subresources have in place of their parent's. */
const lent = /^(?:Binding|Eviction|Scale|TokenRequest|\w+Options)$/

/** Kinds of resources that have such subresources. */
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
  const namespace = isNamespaced(action) ? quoted(action.namespace) : ''
  if (action.operation === 'Delete' && action.name === '') {
    return `${several(kind)} ${namespace === '' ? '' : `in ${namespace} `}by selector`
  }
  const base = openNameBase(action)
  const name = shortened(base === undefined ? quoted(action.name) : `${quoted(base)}?????`, longestName)
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}

function several(kind: string): string {
  return `${kind}${kind.endsWith('s') ? 'es' : 's'}`
}

/** A name that could be read as more than a name stands in quotes: some kinds take any text. */
function quoted(name: string): string {
  return /^[\w.:@-]*$/.test(name) ? name : JSON.stringify(inert(name).text)
}

function parentKind({ kind, resource }: Action): string {
  if (!lent.test(kind)) return kind
  const { resource: plural } = resource
  return (Object.hasOwn(parentKinds, plural) ? parentKinds[plural] : undefined) ?? plural
}

function detailOf(action: Action, content: Content): string | undefined {
  if (content.operation === 'Delete') return replicasDetail(at(action.oldObject, 'spec', 'replicas'))
  if (content.operation !== 'Update' || isRestart(content)) return undefined
  if (content.changes.length === 0) return content.ownership.length > 0 ? '(managedFields)' : undefined
  return scaleDetail(action, content) ?? changesDetail(content.changes.map(({ path }) => path.at(-1)))
}

function replicasDetail(replicas: Json | undefined): string | undefined {
  return isNumber(replicas) ? `(${canonical(replicas)} ${replicas === 1 ? 'replica' : 'replicas'})` : undefined
}

function scaleDetail(action: Action, content: Content): string | undefined {
  if (action.resource.subresource !== 'scale' || content.operation !== 'Update') return undefined
  const [before, after] = [content.before, content.after].map((side) => at(side, 'spec', 'replicas') ?? 0)
  const scales = isNumber(before) && isNumber(after) && !same(before, after)
  return scales ? `${canonical(before)} to ${canonical(after)}` : undefined
}

/** Whatever else stands there is the agent's text. */
function isNumber(value: Json | undefined): value is number | JsonNumber {
  return typeof value === 'number' || value instanceof JsonNumber
}

const namedFields = 3

function changesDetail(lastSteps: readonly unknown[]): string {
  const fields = [...new Set(lastSteps.map((step) => (typeof step === 'string' ? inert(step).text : 'list')))]
  const named = fields.slice(0, namedFields).map((field) => shortened(field, 30))
  const more = fields.length - named.length
  return `(${named.join(', ')}${more > 0 ? ` and ${more} more` : ''})`
}
