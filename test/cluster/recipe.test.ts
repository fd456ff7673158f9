import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { cacheKey, etcdRecipe, helmRecipe, kubernetesRecipe, versionIn } from '../../cluster/recipe.ts'
import type { Recipe } from '../../cluster/recipe.ts'

const recipe: Recipe = {
  title: 'Thing',
  folder: '/thing',
  packages: ['example.com/thing'],
  programs: ['thing'],
  flags: ['-trimpath'],
  pins: ['module thing', 'example.com/other v1.0.0 h1:abc='],
}
const key = cacheKey([recipe], 'linux-x64')

describe('the key of a built set', () => {
  test.each<[string, readonly Recipe[], string]>([
    ['go.mod', [{ ...recipe, pins: ['module other', recipe.pins[1] ?? ''] }], 'linux-x64'],
    ['go.sum', [{ ...recipe, pins: [recipe.pins[0] ?? '', ''] }], 'linux-x64'],
    ['a flag', [{ ...recipe, flags: [] }], 'linux-x64'],
    ['a package', [{ ...recipe, packages: ['example.com/another'] }], 'linux-x64'],
    ['a further recipe', [recipe, recipe], 'linux-x64'],
    ['the processor', [recipe], 'linux-arm64'],
  ])('changes with %s', (_, recipes, platform) => {
    expect(cacheKey(recipes, platform)).not.toBe(key)
  })

  test('is the same wherever the checkout lies', () => {
    expect(cacheKey([{ ...recipe, folder: '/elsewhere' }], 'linux-x64')).toBe(key)
  })

  test('can be the name of a folder', () => {
    expect(key).toMatch(/^[0-9a-f]{16}$/)
  })
})

describe('the version of a module in go.mod', () => {
  test.each([
    ['a block', 'require (\n\tk8s.io/api v0.36.3 // indirect\n\tk8s.io/kubernetes v1.36.3\n)'],
    ['a line of its own', 'require k8s.io/kubernetes v1.36.3'],
    ['a file that also replaces it', 'replace k8s.io/kubernetes => ../k\nrequire k8s.io/kubernetes v1.36.3'],
  ])('is found in %s', (_, goMod) => {
    expect(versionIn(goMod, 'k8s.io/kubernetes')).toBe('v1.36.3')
  })

  test('that is not required is a mistake in this repository', () => {
    expect(() => versionIn('module x', 'k8s.io/kubernetes')).toThrow('requires no k8s.io/kubernetes')
  })
})

describe('our recipes', () => {
  test('Kubernetes programs are told their own version in both packages that hold one', async () => {
    const { flags } = await kubernetesRecipe()
    for (const home of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
      expect(flags.at(-1)).toContain(`-X ${home}.gitVersion=v1.36.3 -X ${home}.gitMajor=1 -X ${home}.gitMinor=36 `)
    }
  })

  test('helm is told its own version', async () => {
    expect((await helmRecipe()).flags.at(-1)).toContain('internal/version.version=v4.')
  })

  test.each([
    ['Kubernetes', kubernetesRecipe],
    ['etcd', etcdRecipe],
    ['Helm', helmRecipe],
  ])('%s builds nothing that is not pinned', async (_, read) => {
    const { flags, pins } = await read()
    expect(flags).toContain('-mod=readonly')
    expect(pins[1]).toContain(' h1:')
  })

  test('every staging module that Kubernetes asks for at v0.0.0 is replaced by its release', async () => {
    const goMod = await readFile(new URL('../../cluster/go.mod', import.meta.url), 'utf8')
    const asked = [...goMod.matchAll(/^\t(k8s\.io\/\S+) v0\.0\.0 /gm)].map((found) => found[1])
    const replaced = new Set([...goMod.matchAll(/^\t(k8s\.io\/\S+) => \1 v0\.36\.3$/gm)].map((found) => found[1]))
    expect(asked.length).toBeGreaterThan(10)
    expect(asked.filter((name) => !replaced.has(name))).toStrictEqual([])
  })
})
