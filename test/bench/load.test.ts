import { describe, expect, test } from '@jest/globals'
import { drive } from '../../bench/load.ts'
import { oneTurn } from '../until.ts'

describe('load', () => {
  test('sends so many, never more at once than it may, and tells what each took', async () => {
    let flying = 0
    let most = 0
    const sent: number[] = []
    const millis = await drive({ count: 10, atOnce: 3 }, async (index) => {
      sent.push(index)
      flying += 1
      most = Math.max(most, flying)
      await oneTurn()
      flying -= 1
      return { millis: index }
    })
    expect({ most, sent: sent.toSorted((a, b) => a - b) }).toEqual({ most: 3, sent: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] })
    expect(millis.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('ends with the first that fails', async () => {
    const failing = drive({ count: 5, atOnce: 2 }, (index) =>
      index === 1 ? Promise.reject(new Error('reset')) : Promise.resolve({ millis: 0 }),
    )
    await expect(failing).rejects.toThrow('reset')
  })
})
