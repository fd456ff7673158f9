/** The counts that Jest hands to a reporter; its own type lives in a package that is not ours to import. */
type Counts = {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numRuntimeErrorTestSuites: number
}

/**
 * Jest reporter: the last line of a run is `N passed, N failed`. A file that could not run counts as a failure.
 * Written on exit, because Jest prints its own summary after every other reporter.
 */
export default class ClosingLine {
  onRunComplete(_contexts: unknown, counts: Counts): void {
    const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites
    const skipped = counts.numPendingTests + counts.numTodoTests
    const tail = skipped > 0 ? `, ${skipped} skipped` : ''
    process.once('exit', () => process.stdout.write(`\n${counts.numPassedTests} passed, ${failed} failed${tail}\n`))
  }
}
