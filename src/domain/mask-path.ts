/** The keys on the way to what is masked; `*` stands for any one. Elements of lists are no keys: a rule holds for all. */
export type MaskPath = readonly string[]

/** A key, `*`, a key in quotes (for one with dots in it), or every element of a list. */
const step = /(?<dot>\.?)(?<key>\*|[A-Za-z_][A-Za-z0-9_-]*)|\[(?:(?<quoted>"(?:[^"\\]|\\.)*")|(?<every>\*))\]/y

/**
 * Reads one of `spec.masking.paths`: `spec.config.token`, `spec.users[*].password`, `metadata.annotations["example.com/key"]`.
 * Undefined for a text that is no such path; one element of a list cannot be named.
 */
export function readMaskPath(text: string): MaskPath | undefined {
  const path: string[] = []
  for (let offset = 0; offset < text.length; offset = step.lastIndex) {
    const keys = keysAt(text, offset)
    if (keys === undefined) return undefined
    path.push(...keys)
  }
  return path.length === 0 ? undefined : path
}

/** The key that one step adds; none for the elements of a list. */
function keysAt(text: string, offset: number): readonly string[] | undefined {
  step.lastIndex = offset
  const { dot, key, quoted, every } = step.exec(text)?.groups ?? {}
  if (key !== undefined) return (dot === '.') === offset > 0 ? [key] : undefined
  if (every !== undefined) return offset > 0 ? [] : undefined
  return quoted === undefined ? undefined : unquoted(quoted)
}

function unquoted(literal: string): readonly string[] | undefined {
  try {
    const key: unknown = JSON.parse(literal)
    return typeof key === 'string' ? [key] : undefined
  } catch {
    return undefined
  }
}
