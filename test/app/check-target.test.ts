import { describe, expect, test } from '@jest/globals'
import { makeTargetCheck } from '../../src/app/check-target.ts'
import { action, configMap, deployment, digest, object } from '../make.ts'
import type { JsonObject } from '../../src/domain/json.ts'

const changed = { object: deployment({ spec: { replicas: 5 } }), oldObject: deployment() }
const update = action(changed)
const { signal: until } = new AbortController()
const updating = { call: { action: update }, digest: digest(changed), until }

function live(answer: JsonObject | 'NotFound' | 'NotAllowed') {
  return makeTargetCheck({ live: () => Promise.resolve(answer) })
}

const there = object(deployment())

describe('a review is compared with what is there', () => {
  test.each<readonly [string, JsonObject | 'NotFound' | 'NotAllowed', string]>([
    ['the same object is the same', there, 'Same'],
    ['others may have written its status and metadata', { ...there, status: { replicas: 9 } }, 'Same'],
    ['another content is not what the review says', { ...there, spec: { replicas: 7 } }, 'Differs'],
    ['another object of the same name is not it', { ...there, metadata: { name: 'web', uid: 'another' } }, 'Differs'],
    ['an object that is not there is not it', 'NotFound', 'Differs'],
    ['what may not be read is not checked', 'NotAllowed', 'Unchecked'],
  ])('%s', async (_what, answer, outcome) => {
    expect(await live(answer)(updating)).toBe(outcome)
  })

  test('a Create names nothing that could be there', async () => {
    const create = action({ operation: 'CREATE', object: configMap({}), oldObject: null })
    expect(await live('NotFound')({ ...updating, call: { action: create } })).toBe('Unchecked')
  })

  test('the third time in a row it is no accident, and the count begins anew after that', async () => {
    const check = live('NotFound')
    const looks = [await check(updating), await check(updating), await check(updating), await check(updating)]
    expect(looks).toEqual(['Differs', 'Differs', 'KeepsDiffering', 'Differs'])
  })

  test('a good look between makes the next bad one the first again', async () => {
    let answer: JsonObject | 'NotFound' = 'NotFound'
    const check = makeTargetCheck({ live: () => Promise.resolve(answer) })
    await check(updating)
    await check(updating)
    answer = there
    expect(await check(updating)).toBe('Same')
    answer = 'NotFound'
    expect(await check(updating)).toBe('Differs')
  })
})
