import type { Deed, Detail, Told } from './effects.ts'
import type { RequestedAction } from './kinds.ts'
import type { PrintedPart } from './printed-change.ts'
import { elementsOf, isPrintedMap, partAt, readPrinted, scalarAt } from './printed-yaml.ts'
import type { Printed } from './printed-yaml.ts'

const rbac = 'rbac.authorization.k8s.io'

export function isRoleBinding({ resource: { group, resource, subresource } }: RequestedAction): boolean {
  const bindings = resource === 'rolebindings' || resource === 'clusterrolebindings'
  return group === rbac && bindings && subresource === ''
}

/** `EVERY NAMESPACE`, or the name of the one namespace where the rights of a binding hold. */
export function reachOf({ resource, namespace }: RequestedAction): string {
  return resource.resource === 'clusterrolebindings' || namespace === undefined ? 'EVERY NAMESPACE' : namespace
}

/** Who gets what, and where. */
export function roleEffects(deed: Deed): Told {
  switch (deed.action.operation) {
    case 'Create':
      return boundEffects(deed, 'To', 'Lasts until someone removes it. No expiry is set.')
    case 'Delete':
      return boundEffects(deed, 'From', 'They lose these rights at once, unless another binding gives them as well.')
    case 'Update':
      return changedEffects(deed)
    case 'Connect':
      return unread
  }
}

const unread: Told = { details: [], effects: ['Effect not computed: who gets what could not be read.'] }

function boundEffects({ document, action, whole }: Deed, label: string, effect: string): Told {
  const role = roleOf(partAt(document, 'roleRef'))
  if (role === undefined) return unread
  const people = elementsOf(partAt(document, 'subjects')).map((one) => subjectOf(one, action))
  const who = people.length === 0 ? ['nobody: it names no one'] : people
  const details = [...labelled(label, who), ...labelled(label === 'To' ? 'Gets' : 'Loses', [role])]
  const detailed = whole && document !== undefined && isTold(document, '')
  return { details, detailed, effects: [...(people.length === 0 ? [] : [effect]), unseen] }
}

/** The fields of a binding that target and details tell; the API groups are the only ones that there are. */
const toldFields =
  /^(?:apiVersion|kind|metadata\.(?:name|namespace)|roleRef\.(?:apiGroup|kind|name)|subjects\.(?:apiGroup|kind|name|namespace))$/

function isTold(value: Printed, path: string): boolean {
  if (typeof value === 'string') return toldFields.test(path)
  if (!isPrintedMap(value)) return elementsOf(value).every((one) => isTold(one, path))
  return [...value].every(([key, inner]) => isTold(inner, path === '' ? key : `${path}.${key}`))
}

const unseen = 'What the role holds was not looked at; it can change after approval.'

function labelled(label: string, texts: readonly string[]): readonly Detail[] {
  return texts.map((text, index) => ({ label: index === 0 ? label : '', text }))
}

/** What the built-in roles hold unless somebody has changed them. Source: Kubernetes, "Using RBAC Authorization". */
const builtIn: Readonly<Record<string, string>> = {
  'cluster-admin': 'everything',
  admin: 'everything in a namespace, also to give rights there',
  edit: 'create, change and delete workloads; read all Secrets; exec into pods; act as any service account there',
  view: 'read most objects, not Secrets',
}

function roleOf(role: Printed | undefined): string | undefined {
  const [kind, name] = [scalarAt(role, 'kind'), scalarAt(role, 'name')]
  if (kind === undefined || name === undefined) return undefined
  const holds = kind === 'ClusterRole' && Object.hasOwn(builtIn, name) ? builtIn[name] : undefined
  return `${kind} ${name}${holds === undefined ? '' : ` (as Kubernetes ships it: ${holds})`}`
}

const everybody: Readonly<Record<string, string>> = {
  'system:authenticated': 'everybody who can log in, every service account too',
  'system:masters': 'those whom no rule binds',
  'system:serviceaccounts': 'every service account of the cluster',
  'system:unauthenticated': 'everybody, also without logging in',
  'system:anonymous': 'everybody, also without logging in',
}

function subjectOf(subject: Printed, { namespace }: RequestedAction): string {
  const [kind = 'subject', name = 'of unknown name'] = [scalarAt(subject, 'kind'), scalarAt(subject, 'name')]
  if (kind === 'ServiceAccount') return `${kind} ${scalarAt(subject, 'namespace') ?? namespace ?? 'unknown'}/${name}`
  const who = Object.hasOwn(everybody, name) ? everybody[name] : undefined
  return `${kind} ${name}${who === undefined ? '' : `: ${who}`}`
}

/** The role of a binding never changes; its subjects do. */
function changedEffects(deed: Deed): Told {
  const { parts, action } = deed
  const ours = parts.filter(isOfSubjects)
  const side = (of: 'before' | 'after'): readonly string[] =>
    ours.flatMap((part) => peopleIn(readPrinted(part[of])).map((one) => subjectOf(one, action)))
  const details = [...labelled('To', side('after')), ...labelled('From', side('before'))]
  if (details.length === 0) return { details, effects: ['Effect not computed.'] }
  const others = parts.length - ours.length
  const more = others === 0 && deed.whole ? [] : ['What else changes is not computed.']
  return {
    details,
    effects: ['They get, or lose, the rights that this binding gives; the role is not in the change.', ...more],
  }
}

/** Whole subjects that come or go; one of which a part changes is not told in words. */
function isOfSubjects({ path, before, after }: PrintedPart): boolean {
  const whole = [before, after].every((lines) => lines.length === 0 || peopleIn(readPrinted(lines)).length > 0)
  return whole && /^subjects(?:\[|$)/.test(path ?? '')
}

function peopleIn(value: Printed | undefined): readonly Printed[] {
  if (value === undefined || typeof value === 'string') return []
  return Array.isArray(value) ? elementsOf(value) : [value]
}
