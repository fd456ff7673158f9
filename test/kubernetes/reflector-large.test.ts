import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { makeRig } from './reflector-rig.ts'
import type { Rig } from './reflector-rig.ts'

const many = 130_000
let rig: Rig

beforeEach(async () => {
  rig = await makeRig()
})

afterEach(() => rig.end())

test(`${many} objects: listed in pages between which others get their turn, followed, listed anew`, async () => {
  for (let i = 0; i < many; i += 1) rig.put(`thing-${i}`, i)
  let othersTurns = 0
  const others = setInterval(() => {
    othersTurns += 1
  }, 0)
  rig.reflector.start()
  await rig.until('it is synced', () => rig.reflector.synced(), 120_000)
  clearInterval(others)
  expect(rig.reflector.cache.size).toBe(many)
  expect(rig.told).toHaveLength(many)
  expect(rig.api.requests.filter(({ verb }) => verb === 'list')).toHaveLength(many / 500)
  expect(othersTurns).toBeGreaterThan(many / 500 / 2)

  for (let i = 0; i < 20_000; i += 1) rig.put(`thing-${i}`, -1)
  await rig.until('the changes have come', () => rig.told.length === many + 20_000, 120_000)
  rig.api.watches()[0]?.loseNext()
  rig.drop('thing-7')
  rig.api.watches()[0]?.error(410, 'Expired')
  await rig.until('the loss is found', () => rig.told.length === many + 20_001, 120_000)
  expect(rig.told.at(-1)).toMatchObject({ type: 'Deleted', key: 'ns/thing-7' })
  expect(rig.reflector.cache.size).toBe(many - 1)
}, 400_000)
