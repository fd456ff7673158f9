import { createHash } from 'node:crypto'
import type { MaskedDiff } from '../domain/kinds.ts'
import { fromMasked } from '../domain/mask.ts'
import type { Masked, View } from '../domain/mask.ts'
import { present } from '../domain/present.ts'
import type { TooLarge } from './admit-ports.ts'

/** The whole masked text of a view. `bytes` counts UTF-8. */
type PrintedDiff = { readonly text: string; readonly totalLines: number; readonly bytes: number }

export type DiffPorts = {
  readonly print: (view: Masked<View>) => Masked<PrintedDiff>
  /** Whole lines from the start, as many as fit. */
  readonly excerpt: (diff: Masked<PrintedDiff>, bytes: number) => Masked<{ text: string; truncated: boolean }>
  /** Stores a text under a name that is made of it; that it is there already is as good. */
  readonly save: (name: string, text: Masked<{ readonly text: string }>) => Promise<void>
}

/** As much as is stored in the request itself. */
const inlineBytes = 4096

/** What a person can be shown, and what a ConfigMap holds. */
const mostLines = 10_000
const mostBytes = 900 * 1024

const mostPaths = 64
const longestPath = 1024

/** Stores the whole of a diff that is too long for a request before the request that cites it is made. */
export async function storeDiff(ports: DiffPorts, view: Masked<View>): Promise<Masked<MaskedDiff> | TooLarge> {
  const diff = ports.print(view)
  if (diff.totalLines > mostLines || diff.bytes > mostBytes) {
    return { tooLarge: { lines: diff.totalLines, most: mostLines } }
  }
  const { text, truncated } = ports.excerpt(diff, inlineBytes)
  const full = truncated ? namedByContent(diff.text) : undefined
  if (full !== undefined) await ports.save(full.name, diff)
  return fromMasked(view, ({ maskedPaths }) =>
    present({
      text,
      maskedPaths: maskedPaths.length === 0 ? undefined : maskedPaths.slice(0, mostPaths).map(short),
      maskedCount: maskedPaths.length,
      totalLines: diff.totalLines,
      truncated,
      fullRef: full && { name: full.name },
      fullHash: full?.hash,
    }),
  )
}

function short(path: string): string {
  return path.length <= longestPath ? path : `${path.slice(0, longestPath - 1)}…`
}

function namedByContent(text: string): { readonly name: string; readonly hash: string } {
  const hash = createHash('sha256').update(text).digest('hex')
  return { name: `diff-${hash.slice(0, 40)}`, hash: `sha256:${hash}` }
}
