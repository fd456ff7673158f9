import type { Operation } from './kinds.ts'

/**
 * One place of a printed change: `path` as it was printed, undefined for what stands under no place (a whole object, the
 * options of a connection). The lines are without their signs.
 */
export type PrintedPart = {
  readonly path: string | undefined
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly same: readonly string[]
}

/**
 * The parts of a change as it was printed. Every line of content bears its sign, so no content reads like a place. A text
 * of another form gives no part.
 */
export function partsOf(text: string, operation: Operation): readonly PrintedPart[] {
  const parts: OpenPart[] = []
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const [sign, rest] = [line.slice(0, 2), line.slice(2)]
    if (sign === '@ ' && !isWithin(rest)) parts.push(opened(rest))
    else if (!added({ sign, rest, operation }, parts)) return []
  }
  return parts
}

type OpenPart = {
  readonly path: string | undefined
  readonly before: string[]
  readonly after: string[]
  readonly same: string[]
}

function opened(path: string | undefined): OpenPart {
  return { path, before: [], after: [], same: [] }
}

/** `line 12` says where in a long text one is; as the name of a field it would stand in brackets. */
function isWithin(rest: string): boolean {
  return /^line \d+$/.test(rest)
}

type Line = { readonly sign: string; readonly rest: string; readonly operation: Operation }

const sides = { '- ': 'before', '+ ': 'after', '  ': 'same' } as const

function isSign(sign: string): sign is keyof typeof sides {
  return Object.hasOwn(sides, sign)
}

function added({ sign, rest, operation }: Line, parts: OpenPart[]): boolean {
  if (!isSign(sign)) return sign === '@ '
  const last = parts.at(-1)
  const part = last === undefined || isPastOptions(last, { sign, operation }) ? opened(undefined) : last
  if (part !== last) parts.push(part)
  part[sides[sign]].push(rest)
  return true
}

/** The object of a Delete stands behind its options without a place of its own. */
function isPastOptions({ path }: OpenPart, { sign, operation }: Pick<Line, 'sign' | 'operation'>): boolean {
  return operation === 'Delete' && path === 'options' && sign === '- '
}
