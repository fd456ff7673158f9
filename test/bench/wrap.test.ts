import { expect, test } from '@jest/globals'
import { wrap } from '../../bench/wrap.ts'

test.each([
  ['', 10, ['']],
  ['one', 10, ['one']],
  ['one two six', 7, ['one two', 'six']],
  ['one two six', 11, ['one two six']],
  ['incomprehensible is long', 4, ['incomprehensible', 'is', 'long']],
])('%j in %d columns', (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines)
})
