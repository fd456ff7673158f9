import { nearest } from './nearest.ts'
import type { z } from 'zod'

type Issue = z.core.$ZodIssue

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a group of settings',
  boolean: 'true or false',
}

/** What one setting must be, for people. Tells a value only where it is a number. */
export function wordsOf(issue: Issue): string {
  if (issue.code === 'invalid_type')
    return `must be ${nouns[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'too_small' || issue.code === 'too_big') return limits(issue)
  if (issue.code === 'invalid_format' && issue.format === 'url')
    return 'must be an https URL, such as https://10.0.0.5:8443'
  return 'cannot be used'
}

/** For a name that the schema does not know. */
export function unknownWords(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  return meant === undefined ? `is no setting; there are ${known.join(', ')}` : `is no setting; did you mean ${meant}?`
}

type Limit = Extract<Issue, { readonly code: 'too_small' | 'too_big' }>

function limits(issue: Limit): string {
  if (issue.origin === 'array') return 'must have at least one entry'
  if (issue.origin === 'string')
    return issue.code === 'too_small' ? 'must not be empty' : `must have at most ${bound(issue)} characters`
  const given = typeof issue.input === 'number' ? ` (it is ${issue.input})` : ''
  return `must be ${bound(issue)}${given}`
}

function bound(issue: Limit): string {
  if (issue.code === 'too_small') return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
  if (issue.origin === 'string') return String(issue.maximum)
  return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return nouns[typeof value] ?? typeof value
}
