import { createHash } from 'node:crypto'
import type { ShownDiff } from '../domain/effects.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import type { Records } from './records.ts'

/** Reads the rest of a change that is too long for its request. It counts only when it has the hash that the request names. */
export async function wholeDiff(records: Pick<Records, 'fullText'>, { spec }: ApprovalRequest): Promise<ShownDiff> {
  const diff = spec.actions[0]?.diff
  if (diff === undefined) return { text: '', missing: 'the request has no action' }
  if (!diff.truncated) return { text: diff.text }
  if (diff.fullRef === undefined) return { text: diff.text, missing: 'it was not stored' }
  const text = await records.fullText(diff.fullRef.name)
  if (text === undefined) return { text: diff.text, missing: `there is no ConfigMap ${diff.fullRef.name}` }
  const hash = `sha256:${createHash('sha256').update(text).digest('hex')}`
  if (hash !== diff.fullHash) return { text: diff.text, missing: `ConfigMap ${diff.fullRef.name} was changed` }
  return { text }
}
