import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Lines of shell that answer one of go's subcommands. `$2` and on are its arguments. */
export type FakeGo = { readonly env?: string; readonly list?: string; readonly build?: string }

export type FakeMachine = {
  /** Environment in which only this go, and the system's own tools, are found. */
  readonly env: Readonly<Record<string, string>>
  /** The subcommands that go was called with, in order. */
  readonly calls: () => Promise<readonly string[]>
}

const answers: Required<FakeGo> = {
  env: 'printf "go1.26.1\\n$HOME/modules\\n$HOME/build-cache\\n\\n"',
  list: 'echo "go: downloading k8s.io/api v0.36.3" >&2; printf "fmt\\nk8s.io/api\\n"',
  build: `
    while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
    printf "fmt\\nk8s.io/api\\n" >&2
    case "$out" in
      */) files="$out"kube-apiserver" $out"kube-controller-manager" $out"kubectl ;;
      *) files=$out ;;
    esac
    for file in $files; do printf "#!/bin/sh\\n" > "$file"; chmod +x "$file"; done`,
}

/** A machine whose go is a shell script. */
export async function fakeMachine(folder: string, go: FakeGo = {}): Promise<FakeMachine> {
  const { env, list, build } = { ...answers, ...go }
  const bin = join(folder, 'bin')
  const log = join(folder, 'calls')
  await mkdir(bin)
  await writeFile(log, '')
  const script = [
    '#!/bin/sh',
    `echo "$1" >> '${log}'`,
    'case "$1" in',
    `env) ${env} ;;`,
    `list) ${list} ;;`,
    `build) ${build} ;;`,
    'esac',
  ]
  await writeFile(join(bin, 'go'), script.join('\n'))
  await chmod(join(bin, 'go'), 0o755)
  return {
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') },
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
  }
}
