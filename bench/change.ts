import { changesBetween } from '../src/domain/change.ts'
import { contentOf } from '../src/domain/content.ts'
import { mask } from '../src/domain/mask.ts'
import { printView } from '../src/text/diff.ts'
import { compare } from './compare.ts'
import type { Candidate } from './compare.ts'
import { readAction } from './read.ts'
import { reviews } from './reviews.ts'
import type { ReviewCase } from './reviews.ts'
import type { Section } from './section.ts'

export const change: Section = {
  name: 'change',
  about:
    'What differs between the two objects of an Update, and what people see of an action (masked, as text), ' +
    'against JSON.parse and JSON.stringify of its objects.',
  run: (bench) => [
    ...reviews('Update').flatMap((one) => compare(bench, [...baseline(one), ...changesOf(one), ...viewOf(one)])),
    ...reviews('Create').flatMap((one) => compare(bench, [...baseline(one), ...viewOf(one)])),
  ],
}

const key = { id: 'k1', secret: new Uint8Array(32).fill(7) }
/** 2026-03-09T08:00:02Z */
const now = 1_773_043_202_000

function baseline({ name, bytes }: ReviewCase): readonly Candidate[] {
  const { object, oldObject } = readAction(bytes)
  const text = JSON.stringify([object, oldObject])
  return [{ figure: `${name}: JSON.parse + JSON.stringify`, run: () => JSON.stringify(JSON.parse(text)) }]
}

function changesOf({ name, bytes }: ReviewCase): readonly Candidate[] {
  const { object, oldObject } = readAction(bytes)
  return [{ figure: `${name}: changes`, run: () => changesBetween(oldObject, object) }]
}

function viewOf({ name, bytes }: ReviewCase): readonly Candidate[] {
  const content = contentOf(readAction(bytes), now)
  return [
    { figure: `${name}: masked`, run: () => mask(content, { paths: [] }, key) },
    { figure: `${name}: masked and printed`, run: () => printView(mask(content, { paths: [] }, key)) },
  ]
}
