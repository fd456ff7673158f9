import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { StatusNote } from '../../src/app/ports.ts'
import type { ApprovalRequest, Condition, PostedMessage } from '../../src/domain/kinds.ts'
import { fieldsOf } from '../../src/kubernetes/fields.ts'
import { decisionOperations, noteOperations } from '../../src/kubernetes/status-patch.ts'
import { applyJsonPatch } from '../fake/api-server-patch.ts'
import { FakeRefusal } from '../fake/api-server-refusal.ts'
import { scaled } from '../scale.ts'
import { approval, condition, makeSpec, name } from './requests-make.ts'

function requestWith(status: StatusNote | undefined): ApprovalRequest {
  const type = { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApprovalRequest' } as const
  const base = { ...type, metadata: { name, uid: 'u' }, spec: makeSpec() }
  return status === undefined ? base : { ...base, status }
}

const anyConditions: fc.Arbitrary<readonly Condition[]> = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom('Decided', 'Notified', 'Executed'), fc.constantFrom('A', 'B'))
    .map(([type, reason]) => condition(type, 'False', reason)),
  { selector: ({ type }) => type },
)

const anyMessages: fc.Arbitrary<readonly PostedMessage[]> = fc.uniqueArray(
  fc.record({
    channel: fc.constantFrom('c', 'd'),
    ref: fc.constantFrom('1', '2'),
    rendered: fc.constantFrom('x', 'y'),
  }),
  { selector: ({ channel, ref }) => `${channel} ${ref}` },
)

const anyNote: fc.Arbitrary<StatusNote> = fc.record(
  { conditions: anyConditions, messages: anyMessages, progress: fc.constantFrom('0/1', '1/1') },
  { requiredKeys: [] },
)

const keyOf = {
  conditions: ({ type }: Condition) => type,
  messages: (one: PostedMessage) => `${one.channel} ${one.ref}`,
}

/** What must be there afterwards: the live entries in their order, those of the note in the place of their likes. */
function merged(live: StatusNote, note: StatusNote): StatusNote {
  const conditions = upserted(live.conditions, note.conditions, keyOf.conditions)
  const messages = upserted(live.messages, note.messages, keyOf.messages)
  const progress = note.progress ?? live.progress
  return {
    ...live,
    ...(conditions === undefined ? {} : { conditions }),
    ...(messages === undefined ? {} : { messages }),
    ...(progress === undefined ? {} : { progress }),
  }
}

function upserted<T>(
  live: readonly T[] | undefined,
  note: readonly T[] | undefined,
  key: (one: T) => string,
): readonly T[] | undefined {
  if (live === undefined || note === undefined) return note ?? live
  const kept = live.map((one) => note.find((other) => key(other) === key(one)) ?? one)
  return [...kept, ...note.filter((one) => !live.some((other) => key(other) === key(one)))]
}

function applied(live: ApprovalRequest, operations: Parameters<typeof applyJsonPatch>[1]): unknown {
  try {
    return fieldsOf(applyJsonPatch(live, operations))['status']
  } catch (error) {
    if (error instanceof FakeRefusal) return 'Refused'
    throw error
  }
}

/** Every entry of both lists by its key, and the progress. */
function entriesOf(status: unknown): readonly (readonly [string, string])[] {
  const { conditions = [], messages = [], progress } = fieldsOf(status) as StatusNote
  return [
    ...conditions.map((one) => [keyOf.conditions(one), JSON.stringify(one)] as const),
    ...messages.map((one) => [keyOf.messages(one), JSON.stringify(one)] as const),
    ...(progress === undefined ? [] : [['progress', progress] as const]),
  ]
}

describe('a note as a patch', () => {
  test('on what it was made for leaves exactly the merge of both', () => {
    fc.assert(
      fc.property(fc.option(anyNote, { nil: undefined }), anyNote, (live, note) => {
        const request = requestWith(live)
        const operations = noteOperations(request, note)
        const expected = live === undefined && Object.keys(note).length === 0 ? undefined : merged(live ?? {}, note)
        expect(applied(request, operations)).toEqual(expected)
        expect(noteOperations(requestWith(expected), note)).toEqual([])
      }),
      { numRuns: scaled(2_000, 100_000) },
    )
  })

  test('on what has changed since is refused, or changes what is new in the note and nothing else', () => {
    const count = { refused: 0, stored: 0 }
    fc.assert(
      fc.property(anyNote, fc.option(anyNote, { nil: undefined }), anyNote, (...[seen, live, note]) => {
        const after = applied(requestWith(live), noteOperations(requestWith(seen), note))
        const keys = entriesOf(after).map(([key]) => key)
        // That no key comes twice is the schema's own rule.
        if (after === 'Refused' || new Set(keys).size < keys.length) {
          count.refused += 1
          return
        }
        count.stored += 1
        const known = new Map(entriesOf(seen))
        const fresh = entriesOf(note).filter(([key, entry]) => known.get(key) !== entry)
        expect(Object.fromEntries(entriesOf(after))).toEqual(Object.fromEntries([...entriesOf(live), ...fresh]))
      }),
      { numRuns: scaled(2_000, 100_000) },
    )
    expect(Math.min(count.refused, count.stored)).toBeGreaterThan(100)
  })
})

describe('a decision as a patch', () => {
  test('is refused wherever there is a decision', () => {
    fc.assert(
      fc.property(anyNote, anyNote, (seen, live) => {
        const operations = decisionOperations(requestWith(seen), approval)
        expect(applied(requestWith({ ...live, ...approval }), operations)).toBe('Refused')
      }),
    )
  })
})
