import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { channelReasons } from '../../src/domain/channel-reasons.ts'
import { readPeopleArguments } from '../../src/cli/people-arguments.ts'
import { parseYaml } from '../../src/text/yaml.ts'

const page = readFileSync('docs/teams.md', 'utf8')

describe('docs/teams.md', () => {
  test('lists every reason of a channel with its meaning, and no other', () => {
    const rows = [...page.matchAll(/^\| `([A-Za-z]+)` +\| (.*?) +\|$/gm)].map(([, name, meaning]) => [name, meaning])
    expect(rows).toEqual(Object.entries(channelReasons))
  })

  test('shows a command that there is', () => {
    const [, line = ''] = /^kubectl countersign (teams package.*) > /m.exec(page) ?? []
    const words = { out: () => undefined, err: () => undefined }
    expect(readPeopleArguments(line.split(' '), words)).toMatchObject({ kind: 'Package' })
  })

  test('has no YAML that cannot be read', () => {
    const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text)
    expect(blocks.length).toBeGreaterThan(2)
    expect(blocks.map((text) => 'faults' in parseYaml(text))).toEqual(blocks.map(() => false))
  })

  test.each([...page.matchAll(/\]\(([a-z-]+\.md)(?:#([a-z-]+))?\)/g)].map(([, file = '', part = '']) => [file, part]))(
    'leads to %s#%s, which is there',
    (file, part) => {
      const headings = readFileSync(`docs/${file}`, 'utf8').match(/^#+ .*$/gm) ?? []
      const anchors = headings.map((heading) => heading.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-'))
      expect(part === '' || anchors.includes(part)).toBe(true)
    },
  )
})
