import { expect, test } from '@jest/globals'
import { makeOpenings } from '../../src/app/openings.ts'

test('those that are being opened count as open, until they are done', () => {
  const openings = makeOpenings()
  const limits = { open: 18, most: 20 }
  const first = openings.begin('agents.bot', limits)
  const second = openings.begin('agents.bot', limits)
  expect(first).toBeDefined()
  expect(second).toBeDefined()
  expect(openings.begin('agents.bot', limits)).toBeUndefined()
  expect(openings.begin('agents.other', limits)).toBeDefined()
  first?.()
  first?.()
  expect(openings.begin('agents.bot', limits)).toBeDefined()
  expect(openings.begin('agents.bot', limits)).toBeUndefined()
})
