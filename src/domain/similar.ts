import { decidingWords } from './deciding-words.ts'
import type { ApprovalRequest, SimilarRequest } from './kinds.ts'
import { present } from './present.ts'

/** As many as the schema of a request takes. */
const mostSimilar = 8

/**
 * Earlier requests of the same kind, for the card of `request`: those about the same object first, then the newest. What
 * came later than it, and it itself, is left out.
 */
export function similarTo(request: ApprovalRequest, all: readonly ApprovalRequest[]): readonly SimilarRequest[] {
  const opened = request.metadata.creationTimestamp ?? ''
  const earlier = all.filter(
    ({ metadata }) => metadata.uid !== request.metadata.uid && (metadata.creationTimestamp ?? '') <= opened,
  )
  const name = request.spec.actions[0]?.name
  const rank = (one: ApprovalRequest): string =>
    `${one.spec.actions[0]?.name === name ? 1 : 0}${one.metadata.creationTimestamp ?? ''}`
  return earlier
    .toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1))
    .slice(0, mostSimilar)
    .map(similarOf)
}

function similarOf({ metadata, spec, status = {} }: ApprovalRequest): SimilarRequest {
  const { decision, decidedBy, decisionTime } = status
  return present({
    name: metadata.name,
    uid: metadata.uid ?? '',
    summary: spec.summary,
    decision,
    decidedBy,
    decisionTime,
    comment: decidingWords(status),
  })
}
