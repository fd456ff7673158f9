import { expect, test } from '@jest/globals'
import { tooLargeToReview, unreviewable } from '../../src/domain/unreviewable-message.ts'

test('TooLargeToReview reads word for word', () => {
  expect(tooLargeToReview('update ConfigMap prod/rules', { lines: 21_400, most: 10_000 })).toEqual({
    reason: 'TooLargeToReview',
    message:
      'NOT ASKED: "update ConfigMap prod/rules" changes 21,400 lines; a person can be shown at most 10,000, and what cannot be shown cannot be approved. Nothing was changed. Here splitting is right: make several smaller changes, each complete in itself, and run them one by one. If that is not possible, tell your user. [countersign v1 state=Refused reason=TooLargeToReview retry=changed]',
  })
})

test.each([
  [999, '999'],
  [1_000, '1,000'],
  [1_234_567, '1,234,567'],
])('%i lines are %s', (lines, text) => {
  expect(tooLargeToReview('x', { lines, most: 1 }).message).toContain(` changes ${text} lines; `)
})

test('Unreviewable reads word for word', () => {
  expect(unreviewable('it is nested more than 128 deep')).toEqual({
    reason: 'Unreviewable',
    message:
      'NOT ASKED: this request cannot be shown to a person faithfully: it is nested more than 128 deep. Nothing was changed, and a retry gives the same answer. Send it in a plain form, or tell your user. [countersign v1 state=Refused reason=Unreviewable retry=changed]',
  })
})
