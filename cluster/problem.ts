/** Why the local control plane could not be had. Closed: `main.ts` and the tests tell them apart by it. */
export type ClusterProblem =
  | 'UnsupportedPlatform'
  | 'GoMissing'
  | 'GoTooOld'
  | 'NoSpace'
  | 'CacheUnwritable'
  | 'DownloadFailed'
  | 'BuildFailed'
  | 'PortTaken'
  | 'ProcessEnded'
  | 'NotReady'
  | 'Stopped'

/**
 * Thrown by everything under `cluster/` that cannot go on. The message is complete for a person: what went wrong, where
 * to look, what to do; `main.ts` prints it without a stack.
 */
export class ClusterError extends Error {
  readonly reason: ClusterProblem

  constructor(reason: ClusterProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ClusterError'
    this.reason = reason
  }
}
