/**
 * The API server stored something else than what was sent: a field was pruned (an older CRD), or somebody's mutating
 * policy or webhook changed it. Never a success, always an alarm. Carries the paths, never the values.
 */
export class ResponseDiffers extends Error {
  override readonly name = 'ResponseDiffers'
  /** What was written: resource and name. */
  readonly written: string
  /** JSON pointers of the differing fields, at most 16. */
  readonly paths: readonly string[]

  constructor(written: string, paths: readonly string[]) {
    const told = paths.slice(0, mostPaths)
    super(`${written}: stored otherwise than sent at ${told.join(', ')}`)
    this.written = written
    this.paths = told
  }
}

const mostPaths = 16
