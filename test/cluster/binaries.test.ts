import { describe, expect, test } from '@jest/globals'
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { cacheFolder, ensureBinaries, ensureHelm } from '../../cluster/binaries.ts'
import { cacheKey, etcdRecipe, kubernetesRecipe } from '../../cluster/recipe.ts'
import { fakeMachine } from './fake-go.ts'
import { rejection, scratchFolders, until } from './scratch.ts'
import type { BinariesOptions } from '../../cluster/binaries.ts'
import type { FreeSpace } from '../../cluster/disk-space.ts'
import type { Progress } from '../../cluster/progress.ts'
import type { FakeGo } from './fake-go.ts'

const scratch = scratchFolders()
const little: FreeSpace = () => Promise.resolve({ device: 1, bytes: 1e9 })
const plenty: FreeSpace = () => Promise.resolve({ device: 1, bytes: 1e12 })

async function machine(go: FakeGo = {}) {
  const folder = await scratch()
  const { env, calls } = await fakeMachine(folder, go)
  const options: BinariesOptions = { env, freeSpace: plenty }
  return { folder, env, calls, options, root: cacheFolder(env) }
}

async function keyedFolder(root: string): Promise<string> {
  const recipes = await Promise.all([kubernetesRecipe(), etcdRecipe()])
  return join(root, cacheKey(recipes, `${process.platform}-${process.arch}`))
}

describe('the programs of the control plane', () => {
  test('are built the first time: modules fetched, then compiled, for each of the two modules', async () => {
    const { options, calls, root } = await machine()
    const binaries = await ensureBinaries(options)
    expect(await calls()).toStrictEqual(['env', 'list', 'build', 'list', 'build'])
    expect(binaries.folder).toBe(await keyedFolder(root))
    const programs = [binaries.etcd, binaries.kubeApiserver, binaries.kubeControllerManager, binaries.kubectl]
    for (const program of programs) expect((await stat(program)).mode & 0o111).toBe(0o111)
  })

  test('are not built again, and no go is needed any more', async () => {
    const { options, env } = await machine()
    const first = await ensureBinaries(options)
    expect(await ensureBinaries({ ...options, env: { ...env, PATH: '/nowhere' } })).toStrictEqual(first)
  })

  test('are built again when one of them is missing', async () => {
    const { options, root } = await machine()
    await mkdir(await keyedFolder(root), { recursive: true })
    const { kubectl } = await ensureBinaries(options)
    expect((await stat(kubectl)).isFile()).toBe(true)
  })

  test('are built once when many ask at the same time, and who waits is told for whom', async () => {
    const { options, calls } = await machine()
    const steps = new Set<string>()
    const report = ({ step }: Progress) => void steps.add(step)
    await Promise.all([1, 2, 3].map(() => ensureBinaries({ ...options, report })))
    expect((await calls()).filter((call) => call === 'build')).toHaveLength(2)
    expect([...steps].join('\n')).toContain(`waiting for process ${process.pid} on `)
  })

  test('report what is fetched and compiled, counted', async () => {
    const { options } = await machine()
    const reports: Progress[] = []
    await ensureBinaries({ ...options, report: (progress) => void reports.push(progress) })
    expect(reports.slice(0, 5)).toStrictEqual([
      { step: 'downloading Go modules of Kubernetes' },
      { step: 'downloading Go modules of Kubernetes', done: 1 },
      { step: 'compiling kube-apiserver, kube-controller-manager, kubectl', done: 0, total: 2 },
      { step: 'compiling kube-apiserver, kube-controller-manager, kubectl', done: 1, total: 2 },
      { step: 'compiling kube-apiserver, kube-controller-manager, kubectl', done: 2, total: 2 },
    ])
  })

  test('in KUBEBUILDER_ASSETS are used as they are, when all four are there', async () => {
    const { folder, env, calls } = await machine()
    for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl']) {
      await writeFile(join(folder, name), '', { mode: 0o755 })
    }
    expect((await ensureBinaries({ env: { ...env, KUBEBUILDER_ASSETS: folder } })).folder).toBe(folder)
    expect(await calls()).toStrictEqual([])
  })

  test('in KUBEBUILDER_ASSETS are not used when one lacks, and that is told', async () => {
    const { folder, options, root } = await machine()
    await writeFile(join(folder, 'etcd'), '', { mode: 0o755 })
    const reports: Progress[] = []
    const env = { ...options.env, KUBEBUILDER_ASSETS: folder }
    const report = (progress: Progress) => void reports.push(progress)
    expect((await ensureBinaries({ ...options, env, report })).folder).toBe(await keyedFolder(root))
    expect(reports[0]?.step).toContain(`KUBEBUILDER_ASSETS=${folder} lacks one of etcd, kube-apiserver`)
  })

  test('leave helm out, which is built when it is asked for, and alone', async () => {
    const { options, calls } = await machine()
    const helm = await ensureHelm(options)
    expect(helm).toMatch(/\/[0-9a-f]{16}\/helm$/)
    expect(await calls()).toStrictEqual(['env', 'list', 'build'])
    expect((await stat(helm)).isFile()).toBe(true)
  })
})

describe('where the cache is', () => {
  test.each([
    ['XDG_CACHE_HOME', { XDG_CACHE_HOME: '/cache', HOME: '/home/me' }, '/cache/countersign/control-plane'],
    ['~/.cache without it', { HOME: '/home/me' }, '/home/me/.cache/countersign/control-plane'],
    ['~/.cache when it is relative', { XDG_CACHE_HOME: 'x', HOME: '/h' }, '/h/.cache/countersign/control-plane'],
  ])('%s', (_, env, folder) => {
    expect(cacheFolder(env)).toBe(folder)
  })
})

describe('a build that cannot be', () => {
  test('because there is no go', async () => {
    const { options } = await machine()
    const env = { ...options.env, PATH: '/nowhere' }
    expect(await rejection(ensureBinaries({ ...options, env }))).toMatchObject({ reason: 'GoMissing' })
  })

  test('because go is too old', async () => {
    const { options, calls } = await machine({ env: 'printf "go1.21.0\\n/m\\n/b\\n\\n"' })
    expect(await rejection(ensureBinaries(options))).toMatchObject({ reason: 'GoTooOld' })
    expect(await calls()).toStrictEqual(['env'])
  })

  test('because the disk has no room, found before anything is fetched', async () => {
    const { options, calls } = await machine()
    const error = await rejection(ensureBinaries({ ...options, freeSpace: little }))
    expect(error).toMatchObject({ reason: 'NoSpace', message: expect.stringContaining('1.0 GB are free') })
    expect(await calls()).toStrictEqual(['env'])
  })

  test('because the disk became full on the way', async () => {
    const { options } = await machine({ build: 'echo "link: write /tmp/a.out: no space left on device" >&2; exit 1' })
    expect(await rejection(ensureBinaries(options))).toMatchObject({
      reason: 'NoSpace',
      message: expect.stringContaining('became full while compiling kube-apiserver'),
    })
  })

  test('because modules cannot be fetched', async () => {
    const { options } = await machine({ list: 'echo "dial tcp: lookup proxy.example.com: no such host" >&2; exit 1' })
    expect(await rejection(ensureBinaries(options))).toMatchObject({
      reason: 'DownloadFailed',
      message: expect.stringContaining('no such host'),
    })
  })

  test('because it fails: the error names the log and ends with its last lines, without the names of packages', async () => {
    const { options, root } = await machine({
      build: 'printf "fmt\\n# k8s.io/api\\na.go:1:1: oops\\nfmt\\n" >&2; exit 1',
    })
    const log = `${await keyedFolder(root)}.log`
    expect(await rejection(ensureBinaries(options))).toMatchObject({
      reason: 'BuildFailed',
      message: expect.stringMatching(new RegExp(`log: ${log}; its last lines:\n.*\n# k8s.io/api\na.go:1:1: oops$`)),
    })
    expect(await readFile(log, 'utf8')).toContain('a.go:1:1: oops')
  })

  test('because the cache cannot be made', async () => {
    const { folder, options } = await machine()
    const file = join(folder, 'file')
    await writeFile(file, '')
    const env = { ...options.env, XDG_CACHE_HOME: join(file, 'cache') }
    expect(await rejection(ensureBinaries({ ...options, env }))).toMatchObject({
      reason: 'CacheUnwritable',
      message: expect.stringMatching(/ENOTDIR.*XDG_CACHE_HOME/),
    })
  })

  test.each([
    ['failed', { build: 'exit 1' }],
    ['could not fetch', { list: 'exit 1' }],
  ])('that %s leaves a log and nothing else', async (_, go) => {
    const { options, root } = await machine(go)
    await rejection(ensureBinaries(options))
    expect(await readdir(root)).toStrictEqual([expect.stringMatching(/^[0-9a-f]{16}\.log$/)])
  })

  test('that was aborted ends go and leaves nothing half built', async () => {
    const { options, root, folder } = await machine({ build: `echo $$ > "$HOME/pid"; exec sleep 600` })
    const controller = new AbortController()
    const building = rejection(ensureBinaries({ ...options, signal: controller.signal }))
    const pid = () => readFile(join(folder, 'pid'), 'utf8').catch(() => '')
    await until('go runs', async () => (await pid()).endsWith('\n'))
    controller.abort(new Error('enough'))
    expect(await building).toMatchObject({ message: 'enough' })
    expect((await readdir(root)).filter((name) => !name.endsWith('.log'))).toStrictEqual([])
    const number = Number(await pid())
    expect(() => process.kill(number, 0)).toThrow('ESRCH')
  })

  test('what a killed build left is removed by the next', async () => {
    const { options, root } = await machine()
    const folder = await keyedFolder(root)
    await mkdir(`${folder}.partial-x/deep`, { recursive: true })
    await writeFile(`${folder}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }))
    await ensureBinaries(options)
    expect((await readdir(root)).filter((name) => !name.endsWith('.log'))).toStrictEqual([folder.split('/').at(-1)])
  })
})
