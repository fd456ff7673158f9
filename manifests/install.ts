import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** The files of install.yaml, in the order in which it creates what it needs. */
const parts: readonly string[] = [
  'namespace',
  'service-accounts',
  'rbac-targets',
  'rbac-webhook',
  'rbac-operator',
  'rbac-gateway',
  'rbac-people',
  'secrets',
  'webhook-configuration',
  'fairness',
  'policy-votes',
  'policy-requests',
  'policy-identities',
  'policy-guard-records',
  'policy-guard-installation',
  'policy-guard-tags',
  'policy-guard-credentials',
]

const definitions: readonly string[] = [
  'agentidentities',
  'approvalchannels',
  'approvalpolicies',
  'approvalrequests',
  'approvalvotes',
  'approvergroups',
]

const header = '# Made by node manifests/render.ts from manifests/parts and crds; change those.\n'

/** The text of install.yaml. Throws for a placeholder that nobody explains and for an expression that nobody uses. */
export function composeInstall(root: string): string {
  const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8')
  const expressions = readExpressions(read('manifests', 'parts', 'expressions.yaml'))
  const texts = parts.map((part) => read('manifests', 'parts', `${part}.yaml`))
  const unused = [...expressions.keys()].filter((name) => !texts.some((text) => text.includes(`$(${name})`)))
  if (unused.length > 0) throw new Error(`expressions that no policy uses: ${unused.join(', ')}`)
  const [first = '', ...rest] = texts.map((text) => filledIn(text, expressions))
  const crds = definitions.map((name) => read('crds', `${name}.yaml`))
  return header + [first, ...crds, ...rest].join('---\n')
}

function readExpressions(text: string): ReadonlyMap<string, string> {
  const found: unknown = parse(text)
  return new Map(Object.entries(Object(found)).map(([name, expression]) => [name, String(expression)]))
}

/** Puts expressions where the text says $(name), each line indented as the line that names it. Throws for unknown names. */
export function filledIn(text: string, expressions: ReadonlyMap<string, string>): string {
  return text.replaceAll(/^( *)(.*)\$\((\w+)\)(.*)$/gm, (_line, ...[indent, before, name, after]) => {
    const expression = expressions.get(String(name))
    if (expression === undefined) throw new Error(`nobody says what $(${name}) is`)
    const inner = expression.split('\n').map((line, at) => (at === 0 ? line : `${indent}${line}`))
    return `${indent}${before}${inner.join('\n')}${after}`
  })
}
