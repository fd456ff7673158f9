import type { LabelSelector, LabelSelectorRequirement } from './kinds.ts'

const part = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const domain = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/

/**
 * Where in a selector, and why it cannot be evaluated, by the rules of metav1.LabelSelector: undefined when it can. The
 * schema lets such a selector through; it would pick nothing, or everything, without a word.
 */
export function selectorFault(selector: LabelSelector | undefined, path: string): string | undefined {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {}
  const pairs = Object.entries(matchLabels).map(([key, value]) => pairFault(key, value))
  const expressions = matchExpressions.map(expressionFault)
  const label = pairs.find((fault) => fault !== undefined)
  if (label !== undefined) return `${path}.matchLabels${label}`
  const index = expressions.findIndex((fault) => fault !== undefined)
  return index < 0 ? undefined : `${path}.matchExpressions[${index}]${expressions[index]}`
}

function pairFault(key: string, value: string): string | undefined {
  if (!isLabelKey(key)) return `: ${JSON.stringify(key)} is no label key`
  return isLabelValue(value) ? undefined : `: ${JSON.stringify(value)} is no label value`
}

function expressionFault({ key, operator, values = [] }: LabelSelectorRequirement): string | undefined {
  if (!isLabelKey(key)) return `.key: ${JSON.stringify(key)} is no label key`
  const needsValues = operator === 'In' || operator === 'NotIn'
  if (needsValues !== values.length > 0) return `.values: ${operator} needs ${needsValues ? 'some' : 'none'}`
  const odd = values.find((value) => !isLabelValue(value))
  return odd === undefined ? undefined : `.values: ${JSON.stringify(odd)} is no label value`
}

function isLabelKey(key: string): boolean {
  const [name = '', prefix, ...more] = key.split('/').toReversed()
  return more.length === 0 && part.test(name) && (prefix === undefined || domain.test(prefix))
}

function isLabelValue(value: string): boolean {
  return value === '' || part.test(value)
}
