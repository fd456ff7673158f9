import { expect, test } from '@jest/globals'
import { celText } from '../../src/domain/cel-text.ts'

test.each<readonly [expression: string, text: string | undefined]>([
  ["'agents do not change nodes'", 'agents do not change nodes'],
  ['"a workload is deleted"', 'a workload is deleted'],
  ["  'blanks around it' ", 'blanks around it'],
  ["''", ''],
  [`"it's in quotes of the other kind"`, "it's in quotes of the other kind"],
  ["'a' + 'b'", undefined],
  ["'deleted in ' + request.namespace", undefined],
  [String.raw`'an escape \n is not read'`, undefined],
  ["r'raw'", undefined],
  ["'''three'''", undefined],
  ["'not ended", undefined],
  ['request.namespace', undefined],
  ['', undefined],
])('%s is the text %j', (expression, text) => {
  expect(celText(expression)).toBe(text)
})
