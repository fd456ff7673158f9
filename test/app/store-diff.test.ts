import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { storeDiff } from '../../src/app/store-diff.ts'
import type { DiffPorts } from '../../src/app/store-diff.ts'
import { excerpt, printView } from '../../src/text/diff.ts'
import { asConfigMap, configMap, view } from '../make.ts'

type Saved = { readonly name: string; readonly text: string }

function stored(lines: number, save?: DiffPorts['save']) {
  const saved: Saved[] = []
  const text = Array.from({ length: lines }, (_, line) => `line ${line} of a long text`).join('\n')
  const shown = view({ ...asConfigMap, operation: 'CREATE', object: configMap({ text }), oldObject: null })
  const keep: DiffPorts['save'] = async (name, diff) => void saved.push({ name, text: diff.text })
  const diff = storeDiff({ print: printView, excerpt, save: save ?? keep }, shown)
  return { diff, saved, whole: printView(shown).text }
}

describe('the diff of a request', () => {
  test('a short one stands in the request, and nothing else is stored', async () => {
    const { diff, saved, whole } = stored(3)
    expect(await diff).toMatchObject({ text: whole, truncated: false })
    expect(await diff).not.toHaveProperty('fullRef')
    expect(saved).toEqual([])
  })

  test('of a long one the beginning does; the whole is stored first, under a name made of it', async () => {
    const { diff, saved, whole } = stored(500)
    const hash = createHash('sha256').update(whole).digest('hex')
    const name = `diff-${hash.slice(0, 40)}`
    expect(await diff).toMatchObject({ truncated: true, fullRef: { name }, fullHash: `sha256:${hash}` })
    expect(saved).toEqual([{ name, text: whole }])
    const { text } = Object(await diff)
    expect(whole.startsWith(text)).toBe(true)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
  })

  test('where the whole cannot be stored there is no diff to show', async () => {
    const { diff } = stored(500, () => Promise.reject(new Error('no room')))
    await expect(diff).rejects.toThrow('no room')
  })

  test.each([
    ['more lines than a person can be shown', 10_001],
    ['more bytes than a ConfigMap holds', 40_000],
  ])('%s are too many', async (_what, lines) => {
    const { diff, saved } = stored(lines)
    expect(await diff).toMatchObject({ tooLarge: { most: 10_000 } })
    expect(saved).toEqual([])
  })
})
