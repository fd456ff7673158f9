import type { GatedSubjects } from './gate.ts'

/** Who is asked about in one webhook: those for whom `agents` is true, and none of `others`. All are CEL. */
export type GateExpression = {
  readonly agents: string
  /** True for agents of whom an earlier webhook is told already. */
  readonly others: readonly string[]
}

/** CEL takes expressions of 100,000 code points: cel-go's default, which the API server does not change. */
const mostCodePoints = 80_000

/**
 * Each agent is in exactly one of these: whom two webhooks are told of, each is asked about twice, and the second time
 * finds the approval used.
 */
export function gateExpressions(subjects: GatedSubjects): readonly GateExpression[] {
  const parts = packed(subjects)
  return parts.map((part, place) => ({
    agents: [...nameTerms(part.usernames), ...namespaceTerms(part.namespaces), ...groupTerms(part.groups)].join(' || '),
    others: parts.slice(0, place).flatMap(({ groups }) => groupTerms(groups)),
  }))
}

/** Groups come first: who else is in one of them cannot be told beforehand. */
function packed({ usernames, namespaces, groups }: GatedSubjects): readonly GatedSubjects[] {
  const names = usernames.filter((name) => !namespaces.some((namespace) => name.startsWith(accountsOf(namespace))))
  const terms: readonly Term[] = [
    ...groups.toSorted().map((text) => ({ kind: 'groups' as const, text, size: celText(text).length + 2 })),
    ...namespaces
      .toSorted()
      .map((text) => ({ kind: 'namespaces' as const, text, size: namespaceTerm(text).length + 4 })),
    ...names.toSorted().map((text) => ({ kind: 'usernames' as const, text, size: celText(text).length + 2 })),
  ]
  const parts: Term[][] = []
  let left = 0
  for (const term of terms) {
    if (term.size > left) {
      parts.push([])
      left = mostCodePoints
    }
    parts.at(-1)?.push(term)
    left -= term.size
  }
  return parts.map((part) => ({
    usernames: textsOf(part, 'usernames'),
    namespaces: textsOf(part, 'namespaces'),
    groups: textsOf(part, 'groups'),
  }))
}

type Term = { readonly kind: keyof GatedSubjects; readonly text: string; readonly size: number }

function textsOf(terms: readonly Term[], kind: Term['kind']): readonly string[] {
  return terms.filter((term) => term.kind === kind).map(({ text }) => text)
}

function nameTerms(usernames: readonly string[]): readonly string[] {
  return usernames.length === 0 ? [] : [`request.userInfo.username in [${usernames.map(celText).join(', ')}]`]
}

function namespaceTerms(namespaces: readonly string[]): readonly string[] {
  return namespaces.map(namespaceTerm)
}

function namespaceTerm(namespace: string): string {
  return `request.userInfo.username.startsWith(${celText(accountsOf(namespace))})`
}

function groupTerms(groups: readonly string[]): readonly string[] {
  if (groups.length === 0) return []
  const list = groups.map(celText).join(', ')
  return [`(has(request.userInfo.groups) && request.userInfo.groups.exists(group, group in [${list}]))`]
}

function accountsOf(namespace: string): string {
  return `system:serviceaccount:${namespace}:`
}

/** A CEL string literal: its escapes are those of JSON, as far as JSON uses them. */
function celText(text: string): string {
  return JSON.stringify(text)
}
