import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { channelReasons } from '../../src/domain/channel-reasons.ts'
import { reasons } from '../../src/domain/reasons.ts'
import { voteRefusals } from '../../src/domain/vote-refusals.ts'

const page = readFileSync('docs/reasons.md', 'utf8')

/** Name and meaning of each row of the table below a heading, in order. */
function documented(heading: string): readonly (readonly [string, string])[] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.matchAll(/^\| `([A-Za-z]+)` +\| (.*?) +\|$/gm)
  return [...rows].map(([, name = '', meaning = '']) => [name, meaning] as const)
}

describe('docs/reasons.md', () => {
  test('lists every reason of an answer with its meaning, and no other', () => {
    expect(documented('What an agent is answered')).toEqual(Object.entries(reasons))
  })

  test('lists every refusal of a vote with its meaning, in the order in which they are checked', () => {
    expect(documented('Why a vote does not count')).toEqual(Object.entries(voteRefusals))
  })

  test('lists every reason of a channel with its meaning, and no other', () => {
    expect(documented('Why a channel is ready or not')).toEqual(Object.entries(channelReasons))
  })
})

describe('reasons and refusals', () => {
  const all = [reasons, voteRefusals, channelReasons].flatMap((list) => Object.entries(list))

  test.each(all)('%s is one CamelCase word with a meaning in a sentence', (name, meaning) => {
    expect(name).toMatch(/^(?:[A-Z][a-z]+)+$/)
    expect(name.length).toBeLessThanOrEqual(64)
    expect(meaning).toMatch(/^[A-Z][^|\n]*\.$/)
  })

  test('no word stands for two things', () => {
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length)
  })
})
