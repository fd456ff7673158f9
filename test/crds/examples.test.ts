import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDefinitions } from '../../crds/schema.ts'
import { examplesFolder, readExamples } from './examples.ts'

const examples = readExamples()
const kinds = readDefinitions('crds').map(({ spec }) => spec.names.kind)

describe('the examples in docs/objects', () => {
  test.each(kinds)('show %s', (kind) => {
    expect(examples.map(({ object }) => object.kind)).toContain(kind)
  })

  test.each([...new Set(examples.map(({ file }) => file))])('in %s begin by saying what they show', (file) => {
    expect(readFileSync(join(examplesFolder, file), 'utf8')).toMatch(/^# [A-Z].{20}/)
  })

  test.each(
    examples.filter(({ object }) => object.kind === 'ApprovalRequest').map((one) => [one.object.metadata.name, one]),
  )('keep the request %s within 8 KiB', (_name, example) => {
    expect(JSON.stringify(example).length).toBeLessThan(8 * 1024)
  })
})
