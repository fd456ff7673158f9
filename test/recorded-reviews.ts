import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vectorFolder } from './vectors/vector-file.ts'

/** One review as the API server sent it. */
export type RecordedReview = { readonly scenario: string; readonly body: string }

/** The first presentation of every recorded action: all kinds of reviews there are, each once. */
export function recordedReviews(): readonly RecordedReview[] {
  const names = readdirSync(vectorFolder).filter((name) => name.endsWith('.ndjson'))
  return names.toSorted().flatMap((name) => {
    const [meta = '', ...bodies] = readFileSync(join(vectorFolder, name), 'utf8').split('\n')
    const { same } = JSON.parse(meta) as { readonly same: readonly (readonly number[])[] }
    return same.flatMap(([first = 0]) => ({ scenario: name.replace('.ndjson', ''), body: bodies[first - 1] ?? '' }))
  })
}

/** Of each operation on each resource and subresource one review, the shortest: enough to meet every rule. */
export function shortestRecordedReviews(): readonly RecordedReview[] {
  const shortest = new Map<string, RecordedReview>()
  for (const review of recordedReviews()) {
    const { request } = JSON.parse(review.body) as { readonly request: Readonly<Record<string, unknown>> }
    const sort = JSON.stringify([request['operation'], request['resource'], request['subResource']])
    const known = shortest.get(sort)
    if (known === undefined || review.body.length < known.body.length) shortest.set(sort, review)
  }
  return [...shortest.values()]
}
