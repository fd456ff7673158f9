import { randomUUID } from 'node:crypto'
import { access, constants, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { withLock } from './build-lock.ts'
import { build } from './build.ts'
import { checkSpace, freeSpace } from './disk-space.ts'
import { findGo } from './go-toolchain.ts'
import { ClusterError } from './problem.ts'
import { cacheKey, etcdRecipe, helmRecipe, kubernetesRecipe } from './recipe.ts'
import type { FreeSpace } from './disk-space.ts'
import type { Environment } from './go-toolchain.ts'
import type { Report } from './progress.ts'
import type { Recipe } from './recipe.ts'

/** Where the programs of the control plane are. */
export type Binaries = {
  readonly folder: string
  readonly etcd: string
  readonly kubeApiserver: string
  readonly kubeControllerManager: string
  readonly kubectl: string
}

export type BinariesOptions = {
  readonly env: Environment
  readonly report?: Report
  readonly signal?: AbortSignal | undefined
  /** Replaces the operating system's answer. */
  readonly freeSpace?: FreeSpace
}

/** Bytes that a build takes with empty caches: measured with Go 1.26 and rounded up. */
type Room = { readonly modules: number; readonly buildCache: number; readonly work: number; readonly programs: number }
const controlPlaneRoom: Room = { modules: 1e9, buildCache: 3.5e9, work: 3.2e9, programs: 0.3e9 }
const helmRoom: Room = { modules: 0.6e9, buildCache: 1.3e9, work: 1.3e9, programs: 0.1e9 }

/** Programs that are built together and share a folder. */
type BuildSet = { readonly recipes: readonly Recipe[]; readonly room: Room }

const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl']

/**
 * The programs of the control plane: those in KUBEBUILDER_ASSETS when all four are there (envtest's own download lacks
 * kube-controller-manager), else those built before, else built now from Go modules, which takes minutes once.
 */
export async function ensureBinaries(options: BinariesOptions): Promise<Binaries> {
  const { KUBEBUILDER_ASSETS: given = '' } = options.env
  if (given !== '' && (await holds(given, names))) return binariesIn(path.resolve(given))
  if (given !== '') options.report?.({ step: `KUBEBUILDER_ASSETS=${given} lacks one of ${names.join(', ')}: not used` })
  const recipes = await Promise.all([kubernetesRecipe(), etcdRecipe()])
  return binariesIn(await ensure({ recipes, room: controlPlaneRoom }, options))
}

/** The path of helm, built on first use. */
export async function ensureHelm(options: BinariesOptions): Promise<string> {
  return path.join(await ensure({ recipes: [await helmRecipe()], room: helmRoom }, options), 'helm')
}

/** The folder of everything built: `$XDG_CACHE_HOME/countersign/control-plane`, by default under `~/.cache`. */
export function cacheFolder({ XDG_CACHE_HOME: cache, HOME: home }: Environment): string {
  // The XDG base directory specification: a relative path is to be ignored.
  const base = cache !== undefined && path.isAbsolute(cache) ? cache : path.join(home ?? homedir(), '.cache')
  return path.join(base, 'countersign', 'control-plane')
}

function binariesIn(folder: string): Binaries {
  return {
    folder,
    etcd: path.join(folder, 'etcd'),
    kubeApiserver: path.join(folder, 'kube-apiserver'),
    kubeControllerManager: path.join(folder, 'kube-controller-manager'),
    kubectl: path.join(folder, 'kubectl'),
  }
}

/** The folder with a set's programs, which appears whole or not at all. */
async function ensure(set: BuildSet, options: BinariesOptions): Promise<string> {
  const { recipes } = set
  const root = cacheFolder(options.env)
  const folder = path.join(root, cacheKey(recipes, `${process.platform}-${process.arch}`))
  const programs = recipes.flatMap((recipe) => recipe.programs)
  if (await holds(folder, programs)) return folder
  await makeWritable(root)
  const { report = () => undefined, signal } = options
  const onWait = (holder: string): void => report({ step: `waiting for ${holder}, which builds the same` })
  await withLock({ file: `${folder}.lock`, onWait, signal }, async () => {
    if (!(await holds(folder, programs))) await make(folder, set, options)
  })
  return folder
}

async function make(folder: string, { recipes, room }: BuildSet, options: BinariesOptions): Promise<void> {
  const { env, report = () => undefined, signal } = options
  const toolchain = await findGo(env, recipes[0]?.folder ?? folder)
  const { moduleCache, buildCache, workFolder } = toolchain
  const needs = [
    { folder: moduleCache, bytes: room.modules },
    { folder: buildCache, bytes: room.buildCache },
    { folder: workFolder === '' ? (env['TMPDIR'] ?? tmpdir()) : workFolder, bytes: room.work },
    { folder, bytes: room.programs },
  ]
  await checkSpace(needs, options.freeSpace ?? freeSpace)
  await removeRemains(folder)
  const into = `${folder}.partial-${randomUUID()}`
  const log = `${folder}.log`
  await mkdir(into)
  try {
    await writeFile(log, '')
    for (const recipe of recipes) await build(recipe, { env, into, log, report, signal })
    await writeFile(path.join(into, 'built-by'), `${toolchain.version}\n`)
    await rm(folder, { recursive: true, force: true })
    await rename(into, folder)
  } finally {
    await rm(into, { recursive: true, force: true })
  }
}

/** What builds that were killed left behind. The caller holds the lock, so none of them is alive. */
async function removeRemains(folder: string): Promise<void> {
  const root = path.dirname(folder)
  for (const name of await readdir(root)) {
    if (!name.startsWith(`${path.basename(folder)}.partial-`)) continue
    await rm(path.join(root, name), { recursive: true, force: true })
  }
}

async function makeWritable(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true })
    await access(root, constants.W_OK)
  } catch (cause) {
    const advice = 'set XDG_CACHE_HOME to a folder that can be written to'
    throw new ClusterError('CacheUnwritable', `the cache ${root} cannot be written to (${String(cause)}): ${advice}`, {
      cause,
    })
  }
}

async function holds(folder: string, programs: readonly string[]): Promise<boolean> {
  const found = programs.map((program) => access(path.join(folder, program), constants.X_OK))
  return (await Promise.allSettled(found)).every(({ status }) => status === 'fulfilled')
}
