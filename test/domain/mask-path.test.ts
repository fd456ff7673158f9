import { expect, test } from '@jest/globals'
import { readMaskPath } from '../../src/domain/mask-path.ts'

test.each<readonly [text: string, path: readonly string[]]>([
  ['data', ['data']],
  ['spec.config.token', ['spec', 'config', 'token']],
  ['spec.*.password', ['spec', '*', 'password']],
  ['spec.users[*].password', ['spec', 'users', 'password']],
  ['spec.matrix[*][*]', ['spec', 'matrix']],
  ['metadata.annotations["example.com/key"]', ['metadata', 'annotations', 'example.com/key']],
  ['["a \\"b\\" c"].d', ['a "b" c', 'd']],
])('%s is a path', (text, path) => {
  expect(readMaskPath(text)).toEqual(path)
})

test.each([
  '',
  '.',
  '.spec',
  'spec.',
  'spec..token',
  'spec token',
  'spec.users[0].password',
  'spec.users[]',
  'spec["open',
  'spec[key]',
  'spec["\\x"]',
  '[*].spec',
  'spec["a"]b',
  '**',
  '/spec/token',
])('"%s" is none', (text) => {
  expect(readMaskPath(text)).toBeUndefined()
})
