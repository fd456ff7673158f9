import { createHash } from 'node:crypto'
import { canonical } from '../src/domain/canonical.ts'
import { contentOf } from '../src/domain/content.ts'
import { digestOf } from '../src/domain/digest.ts'
import { readJson } from '../src/domain/json-reader.ts'
import { readAction, readValue } from './read.ts'
import { compare } from './compare.ts'
import type { Candidate } from './compare.ts'
import { reviews } from './reviews.ts'
import type { ReviewCase } from './reviews.ts'
import type { Section } from './section.ts'

export const digest: Section = {
  name: 'digest',
  about:
    'From the bytes of a review to the digest of its action, against JSON.parse and SHA-256 of the same bytes; and two parts of it.',
  run: (bench) => [
    ...reviews('Create').flatMap((one) => compare(bench, wholeOf(one))),
    ...reviews('Update').flatMap((one) => compare(bench, wholeOf(one))),
    ...reviews('Create').flatMap((one) => compare(bench, readingOf(one))),
    ...reviews('Create').flatMap((one) => compare(bench, writingOf(one))),
  ],
}

const context = { cluster: 'the uid of kube-system', key: { id: 'k1', secret: new Uint8Array(32).fill(7) } }
/** 2026-03-09T08:00:02Z */
const now = 1_773_043_202_000

function wholeOf({ name, bytes }: ReviewCase): readonly Candidate[] {
  return [
    {
      figure: `${name}: JSON.parse + SHA-256`,
      run: () => [JSON.parse(textOf(bytes)), createHash('sha256').update(bytes).digest('hex')],
    },
    {
      figure: `${name}: digest`,
      run: () => {
        const action = readAction(bytes)
        return digestOf(action, contentOf(action, now), context)
      },
    },
  ]
}

function readingOf({ name, bytes }: ReviewCase): readonly Candidate[] {
  return [
    { figure: `${name}: JSON.parse`, run: () => JSON.parse(textOf(bytes)) },
    { figure: `${name}: readJson`, run: () => readJson(bytes) },
  ]
}

function writingOf({ name, bytes }: ReviewCase): readonly Candidate[] {
  const parsed: unknown = JSON.parse(textOf(bytes))
  const value = readValue(bytes)
  return [
    { figure: `${name}: JSON.stringify`, run: () => JSON.stringify(parsed) },
    { figure: `${name}: canonical`, run: () => canonical(value) },
  ]
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
