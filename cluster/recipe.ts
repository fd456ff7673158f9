import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** A Go module of this folder and the programs that are built from it. */
export type Recipe = {
  /** What a person reads while it is built. */
  readonly title: string
  /** Folder with `go.mod` and `go.sum`. */
  readonly folder: string
  readonly packages: readonly string[]
  /** Names of the programs, as they lie in the result's folder. */
  readonly programs: readonly string[]
  /** Flags for `go build`, besides the packages and the place of the result. */
  readonly flags: readonly string[]
  /** Contents of `go.mod` and `go.sum`: they pin every source byte that goes into the programs. */
  readonly pins: readonly string[]
}

const folder = import.meta.dirname

/** kube-apiserver, kube-controller-manager and kubectl, of one version. */
export function kubernetesRecipe(): Promise<Recipe> {
  const programs = ['kube-apiserver', 'kube-controller-manager', 'kubectl']
  return read({
    title: 'Kubernetes',
    folder,
    packages: programs.map((program) => `k8s.io/kubernetes/cmd/${program}`),
    programs,
    variables: kubernetesVariables,
  })
}

/** etcd of the version that this Kubernetes is released with. */
export function etcdRecipe(): Promise<Recipe> {
  return read({
    title: 'etcd',
    folder: path.join(folder, 'etcd'),
    packages: ['go.etcd.io/etcd/server/v3'],
    programs: ['etcd'],
    variables: () => [],
  })
}

/** helm: built on first use, since few need it. */
export function helmRecipe(): Promise<Recipe> {
  return read({
    title: 'Helm',
    folder: path.join(folder, 'helm'),
    packages: ['helm.sh/helm/v4/cmd/helm'],
    programs: ['helm'],
    variables: (goMod) => [`helm.sh/helm/v4/internal/version.version=${versionIn(goMod, 'helm.sh/helm/v4')}`],
  })
}

/**
 * Names the folder of finished programs: another source, flag, system or processor, another key. Go's own version stays
 * out of it on purpose: the programs behave the same, a machine with a filled cache needs no Go at all, and a patch
 * release of Go costs nobody a build of five minutes.
 */
export function cacheKey(recipes: readonly Recipe[], platform: string): string {
  const parts = recipes.map(({ packages, flags, pins }) => ({ packages, flags, pins }))
  return createHash('sha256').update(JSON.stringify({ platform, parts })).digest('hex').slice(0, 16)
}

/** The version that a `go.mod` requires of a module, such as `v1.36.3`. */
export function versionIn(goMod: string, module: string): string {
  for (const line of goMod.split('\n')) {
    const [name, version] = line
      .replace(/^require\s/, '')
      .trim()
      .split(/\s+/)
    if (name === module && version !== undefined && /^v\d/.test(version)) return version
  }
  throw new Error(`go.mod requires no ${module}`)
}

type Ingredients = Omit<Recipe, 'flags' | 'pins'> & { readonly variables: (goMod: string) => readonly string[] }

async function read({ variables, ...rest }: Ingredients): Promise<Recipe> {
  const [goMod, goSum] = await Promise.all([
    readFile(path.join(rest.folder, 'go.mod'), 'utf8'),
    readFile(path.join(rest.folder, 'go.sum'), 'utf8'),
  ])
  const linker = ['-s', '-w', ...variables(goMod).flatMap((variable) => ['-X', variable])]
  // -mod=readonly: what is not pinned in go.sum is not built. -buildvcs: the result must not depend on this checkout.
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', linker.join(' ')]
  return { ...rest, flags, pins: [goMod, goSum] }
}

/**
 * The two packages where Kubernetes programs keep their own version (hack/lib/version.sh sets the same). Without it,
 * kubectl reports v0.0.0-master and warns of a version skew. The commit is not known to a module build: empty, which
 * the programs report as unknown.
 */
function kubernetesVariables(goMod: string): readonly string[] {
  const version = versionIn(goMod, 'k8s.io/kubernetes')
  const [major = '', minor = ''] = version.slice(1).split('.')
  const values = [
    ['gitVersion', version],
    ['gitMajor', major],
    ['gitMinor', minor],
    ['gitCommit', ''],
    ['gitTreeState', 'clean'],
  ]
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((home) =>
    values.map(([name, value]) => `${home}.${name}=${value}`),
  )
}
