import { createHash } from 'node:crypto'
import type { ShownDiff } from '../domain/effects.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'

/** Reads the text of a ConfigMap of whole diffs; undefined when there is none of that name. */
export type ReadFullText = (name: string) => Promise<string | undefined>

/** Reads the rest of a change that is too long for its request. It counts only when it has the hash that the request names. */
export async function wholeDiff(fullText: ReadFullText, { spec }: ApprovalRequest): Promise<ShownDiff> {
  const diff = spec.actions[0]?.diff
  if (diff === undefined) return { text: '', missing: 'the request has no action' }
  if (!diff.truncated) return { text: diff.text }
  if (diff.fullRef === undefined) return { text: diff.text, missing: 'it was not stored' }
  const text = await fullText(diff.fullRef.name)
  if (text === undefined) return { text: diff.text, missing: `there is no ConfigMap ${diff.fullRef.name}` }
  const hash = `sha256:${createHash('sha256').update(text).digest('hex')}`
  if (hash !== diff.fullHash) return { text: diff.text, missing: `ConfigMap ${diff.fullRef.name} was changed` }
  return { text }
}
