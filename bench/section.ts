import type { Bench } from './compare.ts'
import type { Row } from './row.ts'

/** A part of the bench that can be run by itself. */
export type Section = {
  /** As on the command line. */
  readonly name: string
  /** What is measured against what, in a sentence or two. */
  readonly about: string
  readonly run: (bench: Bench) => readonly Row[] | Promise<readonly Row[]>
}
