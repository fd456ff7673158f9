import { describe, expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { cardOf } from '../../src/teams/card.ts'
import { briefed, samples } from './card-samples.ts'
import { faultsOf } from './card-rules.ts'

const links = { handle: 'q0Zk3m8b1H7uJcVt5yXeRw', tabURL: 'https://teams.microsoft.com/l/entity/app/requests?x=1' }
const golden = (name: string): string => `test/teams/golden/${name}.json`

describe('a card', () => {
  test.each(Object.entries(samples))('%s is the golden one, and keeps every rule', (name, one) => {
    const card = cardOf(briefed(one), links)
    if (process.env['COUNTERSIGN_GOLDEN'] !== undefined)
      writeFileSync(golden(name), `${JSON.stringify(card, undefined, 2)}\n`)
    expect(card).toEqual(JSON.parse(readFileSync(golden(name), 'utf8')))
    expect(faultsOf(card)).toEqual([])
  })
})
