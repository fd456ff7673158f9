import { describe, expect, test } from '@jest/globals'
import { firstRefusal } from '../../src/domain/check.ts'
import type { Check } from '../../src/domain/check.ts'

const no =
  (message: string): Check<number> =>
  () => ({ reason: 'Unreviewable', message })
const fine: Check<number> = () => undefined

describe('firstRefusal', () => {
  test('says nothing when no rule objects', () => {
    expect(firstRefusal([fine, fine], 1)).toBeUndefined()
  })

  test('tells the first objection, in the order of the list', () => {
    expect(firstRefusal([fine, no('first'), no('second')], 1)?.message).toBe('first')
  })

  test('asks no rule after the first objection', () => {
    let asked = 0
    const counting: Check<number> = () => {
      asked += 1
      return undefined
    }
    firstRefusal([no('stop'), counting], 1)
    expect(asked).toBe(0)
  })
})
