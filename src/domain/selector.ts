import type { LabelSelector, LabelSelectorRequirement } from './kinds.ts'

export type Labels = Readonly<Record<string, string>>

/** Does a label selector (metav1.LabelSelector) pick these labels? An empty one picks all, NotIn also what has no such label. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  const wanted = Object.entries(selector?.matchLabels ?? {})
  const expressions = selector?.matchExpressions ?? []
  return (
    wanted.every(([key, value]) => labelOf(labels, key) === value) &&
    expressions.every((expression) => holds(expression, labelOf(labels, expression.key)))
  )
}

/** Does it ask for nothing at all? */
export function isOpen(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

function holds({ operator, values = [] }: LabelSelectorRequirement, label: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label)
    case 'NotIn':
      return label === undefined || !values.includes(label)
    case 'Exists':
      return label !== undefined
    case 'DoesNotExist':
      return label === undefined
  }
}
