import { listAt } from './around.ts'
import type { Json, JsonObject } from './json.ts'

type Rule = {
  readonly groups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

type Right = { readonly words: string; readonly holds: (rule: Rule) => boolean }

const writing = ['create', 'update', 'patch', 'delete', 'deletecollection']

/** Rights that an approver must not overlook, the gravest first. */
const graveRights: readonly Right[] = [
  {
    words: 'everything',
    holds: ({ groups, resources, verbs }) => [groups, resources, verbs].every((part) => part.includes('*')),
  },
  { words: 'act as other users, groups or service accounts', holds: (rule) => may(rule, ['impersonate']) },
  { words: 'give rights that it does not have', holds: (rule) => may(rule, ['escalate', 'bind']) },
  { words: 'read Secrets', holds: (rule) => may(rule, ['get', 'list', 'watch'], ['secrets']) },
  { words: 'mint tokens of service accounts', holds: (rule) => may(rule, ['create'], ['serviceaccounts/token']) },
  { words: 'run commands in pods', holds: (rule) => may(rule, ['create', 'get'], ['pods/exec', 'pods/attach']) },
  { words: 'reach nodes past the API server', holds: (rule) => may(rule, ['get', 'create'], ['nodes/proxy']) },
  {
    words: 'change roles and bindings',
    holds: (rule) => may(rule, writing, ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']),
  },
  {
    words: 'create, change or delete workloads',
    holds: (rule) => may(rule, writing, ['pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs']),
  },
]

/** What a role lets its holder do, in words; nothing when there is no role to be seen. It can change after approval. */
export function heldBy(role: JsonObject | undefined): readonly string[] {
  if (role === undefined) return []
  const rules = listAt(role, 'rules').map(ruleOf)
  const grave = graveRights.filter(({ holds }) => rules.some(holds)).map(({ words }) => words)
  const told = grave[0] === 'everything' ? grave.slice(0, 1) : grave
  const count = `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`
  const what = told.length === 0 ? `${count}, none of them among the gravest` : told.join('; ')
  return [`The role holds now: ${what}.`, 'What the role holds can change after approval.']
}

function ruleOf(rule: Json): Rule {
  const texts = (key: string): readonly string[] => listAt(rule, key).filter((one) => typeof one === 'string')
  return { groups: texts('apiGroups'), resources: texts('resources'), verbs: texts('verbs') }
}

function may(rule: Rule, verbs: readonly string[], resources?: readonly string[]): boolean {
  const verb = rule.verbs.some((one) => one === '*' || verbs.includes(one))
  return verb && (resources === undefined || rule.resources.some((one) => one === '*' || resources.includes(one)))
}
