import { runCommand } from './command.ts'
import { ClusterError } from './problem.ts'
import type { CommandResult } from './command.ts'

/** The environment as the operating system gives it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What `go env` says of this machine. */
export type GoToolchain = {
  readonly version: string
  readonly moduleCache: string
  readonly buildCache: string
  /** Where the compiler keeps its unfinished work; empty for the system's temporary folder. */
  readonly workFolder: string
}

/** Kubernetes 1.36 is written in Go 1.26 (the `go` line of its go.mod). */
const needed = { major: 1, minor: 26 }

const advice =
  'install Go 1.26 or newer from https://go.dev/dl/, or point KUBEBUILDER_ASSETS at a folder with etcd, kube-apiserver, kube-controller-manager and kubectl'

/**
 * Asks the `go` on the path about itself, from inside our module: where Go may fetch toolchains by itself (GOTOOLCHAIN),
 * an older `go` answers as the newer one that it fetched.
 */
export async function findGo(env: Environment, moduleFolder: string): Promise<GoToolchain> {
  const answer = await runCommand({
    command: 'go',
    args: ['env', 'GOVERSION', 'GOMODCACHE', 'GOCACHE', 'GOTMPDIR'],
    env: goEnvironment(env),
    cwd: moduleFolder,
    timeoutMs: 300_000,
  })
  return readGoEnv(answer)
}

/** Reads the answer of `go env`; throws `GoMissing` or `GoTooOld` with what to do. */
export function readGoEnv({ code, stdout, stderr }: CommandResult): GoToolchain {
  if (code === 127) throw new ClusterError('GoMissing', `there is no go on the PATH: ${advice}`)
  if (code !== 0) throw refusal(code, stderr)
  const [version = '', moduleCache = '', buildCache = '', workFolder = ''] = stdout.split('\n')
  if (!isNewEnough(version)) throw tooOld(version)
  return { version, moduleCache, buildCache, workFolder }
}

/** A toolchain that may not fetch a newer one, or cannot, refuses our module's `go` line itself. */
function refusal(code: number, stderr: string): ClusterError {
  const running = /running (go[\d.]+\w*)/.exec(stderr)
  if (running?.[1] !== undefined) return tooOld(running[1])
  const said = stderr.trim()
  if (/toolchain not available|download go\d/.test(said)) return tooOld(`it could not fetch a newer one (${said})`)
  return new ClusterError(
    'GoMissing',
    `the go on the PATH does not work: go env ended with code ${code}: ${said}; ${advice}`,
  )
}

/** The environment for `go`: the caller's, but for this machine, without C, and by our go.mod alone. */
export function goEnvironment(env: Environment): Environment {
  return { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOOS: undefined, GOARCH: undefined, GO111MODULE: undefined }
}

function isNewEnough(version: string): boolean {
  const found = /go(\d+)\.(\d+)/.exec(version)
  if (found === null) return false
  const [major, minor] = [Number(found[1]), Number(found[2])]
  return major > needed.major || (major === needed.major && minor >= needed.minor)
}

function tooOld(version: string): ClusterError {
  return new ClusterError(
    'GoTooOld',
    `the go on the PATH is too old: ${version}, needed is go${needed.major}.${needed.minor}: ${advice}`,
  )
}
