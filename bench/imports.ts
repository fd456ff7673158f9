import { globSync } from 'node:fs'
import type { Bench } from './compare.ts'
import { runNode } from './node-process.ts'
import { rotated } from './rounds.ts'
import { makeRow } from './row.ts'
import type { Goal, Row } from './row.ts'
import type { Section } from './section.ts'

export const imports: Section = {
  name: 'imports',
  about:
    'Fresh node processes that import one thing, against one that imports nothing: CPU and wall time until it is there, ' +
    'and the memory of the process then. Types are stripped meanwhile, which a bundle does not need.',
  run: measureImports,
}

type Import = {
  readonly name: string
  readonly modules: readonly string[]
  readonly typed?: boolean
  readonly goal?: Goal
}

/** What one process says of itself. */
const told = ['cpuMicros', 'wallMicros', 'rssBytes'] as const
type Start = Readonly<Record<(typeof told)[number], number>>

const root = new URL('../', import.meta.url)

/** Of one component at rest. */
const idle: Goal = { of: 'value', atMost: 100 }

function files(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: root }).map((file) => new URL(file, root).href)
}

const candidates: readonly Import[] = [
  { name: 'nothing', modules: [] },
  { name: 'nothing, written in TypeScript', modules: [], typed: true },
  { name: 'src/domain/*', modules: files('src/domain/*.ts'), goal: idle },
  { name: 'src/text/diff.ts (yaml, diff)', modules: files('src/text/diff.ts'), goal: idle },
  { name: 'src/kubernetes/transport.ts (undici)', modules: files('src/kubernetes/transport.ts'), goal: idle },
  { name: 'src/kubernetes/credentials.ts', modules: files('src/kubernetes/credentials.ts'), goal: idle },
  // All components in one process, but for what starts when it is imported: the goal is that of one. The tab is for
  // browsers.
  { name: 'src/*/**', modules: files('src/*/**/*.ts').filter((module) => !module.includes('/src/tab/')) },
  { name: '@kubernetes/client-node, for a kubeconfig', modules: [import.meta.resolve('@kubernetes/client-node')] },
]

async function measureImports({ plan }: Bench): Promise<readonly Row[]> {
  const starts = candidates.map((candidate) => ({ candidate, seen: [] as Start[] }))
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const { candidate, seen } of rotated(starts, round)) seen.push(await start(candidate))
  }
  const [nothing] = starts
  const figures = (of: keyof Start, factor: number, unit: string): readonly Row[] =>
    starts.map(({ candidate, seen }) =>
      makeRow({
        figure: candidate.name,
        unit,
        samples: seen.map((one) => one[of] * factor),
        baseline: (nothing?.seen ?? []).map((one) => one[of] * factor),
        ...(of === 'cpuMicros' ? { wall: seen.map(({ wallMicros }) => wallMicros * factor) } : {}),
        ...(of === 'rssBytes' ? { goal: candidate.goal } : {}),
      }),
    )
  return [...figures('cpuMicros', 0.001, 'ms CPU'), ...figures('rssBytes', 2 ** -20, 'MiB RSS')]
}

function start({ modules, typed = false }: Import): Promise<Start> {
  const imported = modules.map((module) => `await import(${JSON.stringify(module)})`)
  const report = `const { user, system } = process.cpuUsage()
    const start = { cpuMicros: user + system, wallMicros: performance.now() * 1000, rssBytes: process.memoryUsage.rss() }
    process.stdout.write(JSON.stringify(start))`
  const code = [...imported, report, ...(typed ? ['const none: undefined = undefined'] : [])].join('\n')
  return runNode([`--input-type=${typed ? 'module-typescript' : 'module'}`, '--eval', code], told)
}
