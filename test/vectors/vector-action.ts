import type { Action } from '../../src/domain/action.ts'
import { contentOf } from '../../src/domain/content.ts'
import { digestOf } from '../../src/domain/digest.ts'
import type { Digest } from '../../src/domain/digest.ts'
import { readReview } from '../../src/webhook/admission.ts'
import { agentUser, digestContext } from '../make.ts'
import type { VectorFile } from './vector-file.ts'

/**
 * The action that a line of a recording presents, with the live uid of its parent as recorded. The agent's own uid is
 * that of all tests, so that recordings made at different times can be compared.
 */
export function actionAt({ meta, reviews }: VectorFile, line: number): Action {
  const read = readReview(new TextEncoder().encode(reviews[line - 1] ?? ''))
  if ('refusal' in read) throw new Error(`${meta.scenario} ${line}: ${read.refusal.message}`)
  const agent = { username: read.action.agent.username, uid: agentUser.uid }
  return { ...read.action, agent, parentUID: meta.live[String(line)]?.uid }
}

/** Its digest as of the moment when the review came, on the cluster of all tests. */
function digestAt(file: VectorFile, line: number): Digest {
  const action = actionAt(file, line)
  const now = Date.parse(file.meta.arrived[line - 1] ?? '')
  return digestOf(action, contentOf(action, now), digestContext)
}

/** The digests of each group of presentations, in order: one of each when the normaliser is right. */
export function groupDigests(file: VectorFile): readonly (readonly Digest[])[] {
  return file.meta.same.map((lines) => [...new Set(lines.map((line) => digestAt(file, line)))])
}
