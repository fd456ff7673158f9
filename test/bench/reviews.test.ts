import { describe, expect, test } from '@jest/globals'
import { readAction } from '../../bench/read.ts'
import { deploymentReview, reviews } from '../../bench/reviews.ts'
import { changesBetween } from '../../src/domain/change.ts'

describe('the objects that the bench measures', () => {
  test.each([
    ['Deployment 5 KB', 5],
    ['Deployment 18 KB', 18],
    ['Deployment 200 KB', 200],
    ['Deployment 1 MB', 1024],
    ['ConfigMap 200 KB', 200],
    ['ConfigMap 1 MB', 1024],
  ])('%s is as large as it says', (name, kilobytes) => {
    const review = reviews('Create').find((one) => one.name === `Create ${name}`)
    const size = JSON.stringify(readAction(review?.bytes ?? new Uint8Array()).object).length / 1024
    expect(size / kilobytes).toBeGreaterThan(0.95)
    expect(size / kilobytes).toBeLessThan(1.2)
  })

  test.each(reviews('Update'))('$name changes one value of its content', ({ bytes }) => {
    const { object, oldObject } = readAction(bytes)
    const changed = changesBetween(oldObject, object).filter(({ path }) => path[0] !== 'metadata')
    expect(changed).toHaveLength(1)
    expect(changed[0]).toMatchObject({ before: expect.any(String), after: expect.any(String) })
  })
})

describe('the review of a Deployment', () => {
  test.each([
    ['Create', 5_000],
    ['Create', 19_000],
    ['Update', 19_000],
  ] as const)('%s of %d bytes is about as long as that, and of the object that it names', (operation, bytes) => {
    const review = deploymentReview(operation, { bytes, namespace: 'open', name: 'web' })
    expect(Math.abs(review.byteLength - bytes)).toBeLessThan(operation === 'Create' ? 700 : 1_300)
    const action = readAction(review)
    const metadata = { namespace: 'open', name: 'web' }
    expect(action).toMatchObject({ ...metadata, object: { metadata } })
    expect(action.oldObject === undefined).toBe(operation === 'Create')
  })
})
