import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { LabelSelector } from '../../src/domain/kinds.ts'
import { isOpen, selects } from '../../src/domain/selector.ts'
import type { Labels } from '../../src/domain/selector.ts'
import { scaled } from '../scale.ts'

type Case = readonly [sentence: string, selector: LabelSelector | undefined, labels: Labels, picked: boolean]

const prod = { env: 'prod', tier: 'web' }

const expression = (key: string, operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', ...values: string[]) => ({
  matchExpressions: [values.length > 0 ? { key, operator, values } : { key, operator }],
})

describe('a label selector means what it means in Kubernetes', () => {
  test.each<Case>([
    ['no selector picks everything', undefined, prod, true],
    ['an empty selector picks everything', {}, {}, true],
    ['a label with the wanted value is picked', { matchLabels: { env: 'prod' } }, prod, true],
    ['a label with another value is not', { matchLabels: { env: 'dev' } }, prod, false],
    ['a label that is missing is not', { matchLabels: { env: '' } }, {}, false],
    ['all wanted labels must be there', { matchLabels: { env: 'prod', tier: 'db' } }, prod, false],
    ['In picks one of its values', expression('env', 'In', 'dev', 'prod'), prod, true],
    ['In picks no other value', expression('env', 'In', 'dev'), prod, false],
    ['In does not pick what has no such label', expression('zone', 'In', 'a'), prod, false],
    ['NotIn picks another value', expression('env', 'NotIn', 'dev'), prod, true],
    ['NotIn does not pick its values', expression('env', 'NotIn', 'prod'), prod, false],
    ['NotIn picks what has no such label', expression('zone', 'NotIn', 'a'), prod, true],
    ['Exists picks what has the label', expression('env', 'Exists'), prod, true],
    ['Exists does not pick what has it not', expression('zone', 'Exists'), prod, false],
    ['DoesNotExist picks what has it not', expression('zone', 'DoesNotExist'), prod, true],
    ['DoesNotExist does not pick what has it', expression('env', 'DoesNotExist'), prod, false],
    ['In with no values picks nothing', { matchExpressions: [{ key: 'env', operator: 'In' }] }, prod, false],
    [
      'labels and expressions must all hold',
      { matchLabels: { env: 'prod' }, ...expression('tier', 'In', 'db') },
      prod,
      false,
    ],
    ['a key that every object inherits is not there', expression('constructor', 'Exists'), {}, false],
    ['nor is it equal to anything', { matchLabels: { toString: 'x' } }, {}, false],
  ])('%s', (_sentence, selector, labels, picked) => {
    expect(selects(selector, labels)).toBe(picked)
  })

  test('In and NotIn, Exists and DoesNotExist are opposites for all labels', () => {
    const key = fc.constantFrom('env', 'tier', 'toString')
    const value = fc.constantFrom('prod', 'dev', '')
    fc.assert(
      fc.property(key, fc.array(value, { minLength: 1 }), fc.dictionary(key, value), (name, values, labels) => {
        const picks = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', wanted: readonly string[]): boolean =>
          selects({ matchExpressions: [{ key: name, operator, values: wanted }] }, labels)
        expect(picks('In', values)).toBe(!picks('NotIn', values))
        expect(picks('Exists', [])).toBe(!picks('DoesNotExist', []))
      }),
      { numRuns: scaled(100, 10_000) },
    )
  })
})

describe('a selector that asks for nothing', () => {
  test.each<readonly [string, LabelSelector | undefined, boolean]>([
    ['is open when there is none', undefined, true],
    ['is open when it is empty', {}, true],
    ['is open when its parts are empty', { matchLabels: {}, matchExpressions: [] }, true],
    ['is not open when it wants a label', { matchLabels: { env: 'prod' } }, false],
    ['is not open when it has an expression', expression('env', 'DoesNotExist'), false],
  ])('%s', (_sentence, selector, open) => {
    expect(isOpen(selector)).toBe(open)
  })
})
