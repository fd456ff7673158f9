import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { inboundRefusals } from '../../src/teams/inbound-refusals.ts'

const page = readFileSync('docs/teams-refusals.md', 'utf8')

describe('docs/teams-refusals.md', () => {
  test('lists every refusal with its meaning, in the order in which they are checked, and no other', () => {
    const rows = [...page.matchAll(/^\| `([A-Za-z]+)` +\| (.*?) +\|$/gm)].map(([, name, meaning]) => [name, meaning])
    expect(rows).toEqual(Object.entries(inboundRefusals))
  })
})

describe('a refusal', () => {
  test.each(Object.entries(inboundRefusals))(
    '%s is one CamelCase word with a meaning in a sentence',
    (name, meaning) => {
      expect(name).toMatch(/^(?:[A-Z][a-z]+)+$/)
      expect(meaning).toMatch(/^[A-Z][^|\n]*\.$/)
    },
  )
})
