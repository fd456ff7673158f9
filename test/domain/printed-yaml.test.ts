import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { isList, isObject, JsonNumber } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'
import { elementsOf, partAt, readPrinted, scalarAt } from '../../src/domain/printed-yaml.ts'
import type { Printed } from '../../src/domain/printed-yaml.ts'
import { printYaml } from '../../src/text/yaml.ts'
import { documents } from './arbitrary.ts'

/** What the reader is to make of a document. */
function asPrinted(value: Json): Printed {
  if (isList(value)) return value.map(asPrinted)
  if (value instanceof JsonNumber) return value.source
  if (isObject(value)) return new Map(Object.entries(value).map(([key, inner]) => [key, asPrinted(inner ?? null)]))
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const lines = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n')

describe('readPrinted', () => {
  test('reads back what was printed, or says that it cannot', () => {
    let read = 0
    let all = 0
    fc.assert(
      fc.property(documents, (document) => {
        const found = readPrinted(lines(printYaml(document)))
        all += 1
        if (found === undefined) return
        read += 1
        expect(found).toEqual(asPrinted(document))
      }),
      { numRuns: 2000 },
    )
    expect(read / all).toBeGreaterThan(0.8)
  })

  test('reads the shapes of Kubernetes objects', () => {
    const text = [
      'kind: ClusterRoleBinding',
      'roleRef:',
      '  apiGroup: rbac.authorization.k8s.io',
      '  name: edit',
      'subjects:',
      '  - kind: Group',
      "    name: 'system: all'",
      '  - kind: User',
      '    name: "4"',
      'script: |',
      '  a',
      '    roleRef: x',
      'empty: {}',
    ]
    const read = readPrinted(text)
    expect(scalarAt(read, 'roleRef', 'name')).toBe('edit')
    expect(elementsOf(partAt(read, 'subjects')).map((one) => scalarAt(one, 'name'))).toEqual(['system: all', '4'])
    expect(scalarAt(read, 'script')).toBe('a\n  roleRef: x\n')
  })

  test.each([
    ['a key twice', ['a: 1', 'a: 2']],
    ['an anchor', ['a: &x 1']],
    ['a reference', ['a: *x']],
    ['a list in one line', ['a: [1, 2]']],
    ['an object in one line', ['a: {b: 1}']],
    ['a text over two lines', ['a: "b', '  c"']],
    ['a key with a question mark', ['? a', ': b']],
    ['a wrong indent', ['a:', '   b: 1']],
    ['something behind the end', ['a: 1', '  b: 2']],
    ['a tag', ['a: !!str 1']],
    ['nothing', []],
  ])('does not guess at %s', (_what, text) => {
    expect(readPrinted(text)).toBeUndefined()
  })
})
