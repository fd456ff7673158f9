import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { exitCodes } from '../../src/cli/records.ts'
import { makeRig } from './people-rig.ts'

const page = readFileSync('docs/kubectl-countersign.md', 'utf8')
const firstCells = [...page.matchAll(/^\| `?(\w+)`? +\|/gm)].map((found) => found[1] ?? '')

test('docs/kubectl-countersign.md lists every command that --help lists, and no other', async () => {
  const { out } = await makeRig().run('--help')
  const commands = [...out.matchAll(/^ {2}(\w+) (?:\[|<)/gm)]
    .map((found) => found[1] ?? '')
    .filter((word) => word !== 'help')
  expect(commands.length).toBeGreaterThan(5)
  expect(firstCells.filter((cell) => /^[a-z]+$/.test(cell))).toEqual(expect.arrayContaining(commands))
  expect(firstCells.filter((cell) => /^[a-z]+$/.test(cell))).toHaveLength(commands.length)
})

test('and every exit code', () => {
  const codes = firstCells.filter((cell) => /^\d+$/.test(cell)).map(Number)
  expect(codes).toEqual([...Object.values(exitCodes), 130])
})
