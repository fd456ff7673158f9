import { parseArgs } from 'node:util'
import { startControlPlane } from '../cluster/control-plane.ts'
import type { ControlPlane } from '../cluster/control-plane.ts'
import { ClusterError } from '../cluster/problem.ts'
import { makePrinter } from '../cluster/progress.ts'
import { startCountersign } from './countersign.ts'
import { guide } from './guide.ts'
import { follow } from './follow.ts'
import { prepareScene } from './scene.ts'
import type { Scene } from './scene.ts'
import { steps } from './steps.ts'
import type { Stage, Step } from './steps.ts'

const usage = `npm run demo [-- --auto]

Starts a control plane, Countersign, an agent and people to ask, and tells what to type where.
  --auto    plays everything by itself; exit code 0 only if every step did what it should
`

const printer = makePrinter({
  write: (text) => void process.stderr.write(text),
  now: () => performance.now(),
  terminal: process.stderr.isTTY,
})

/** Aborted by the first signal that asks this process to end. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort(new ClusterError('Stopped', `stopped by ${name}`)))
  }
  return controller.signal
}

async function main(): Promise<number> {
  const flags = {
    auto: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const
  const { auto, help } = parseArgs({ options: flags }).values
  if (help) {
    process.stdout.write(usage)
    return 0
  }
  const signal = interruption()
  const plane = await startControlPlane({ env: process.env, report: printer.report, signal })
  try {
    const stage = await setTheStage(plane)
    return auto ? await play(stage) : await stayOpen(stage, signal)
  } finally {
    await plane.stop()
  }
}

async function setTheStage(plane: ControlPlane): Promise<Stage> {
  printer.report({ step: 'installing Countersign' })
  const scene = await prepareScene(plane)
  printer.report({ step: 'starting Countersign' })
  const config = {
    cluster: { name: 'demo', environment: 'demo' },
    // One API server is told at once; a cluster has several.
    operator: { propagationSeconds: 1 },
  }
  const countersign = await startCountersign(plane, { config })
  printer.report({ step: 'waiting until the agent is gated' })
  await untilGated(scene)
  printer.end()
  return { scene, countersign }
}

async function untilGated({ admin }: Scene): Promise<void> {
  const identity = ['-n', 'countersign-system', 'agid/agents.bot']
  await admin(['wait', ...identity, '--for=create', '--timeout=30s'])
  await admin(['wait', ...identity, '--for=condition=Gated', '--timeout=60s'])
}

type Result = { readonly step: Step; readonly ok: boolean; readonly seen: string; readonly seconds: number }

async function play(stage: Stage): Promise<number> {
  const results: Result[] = []
  for (const step of steps) {
    const began = performance.now()
    const seen = await step.run(stage).then(
      (text) => ({ ok: true, seen: text }),
      (error: unknown) => ({ ok: false, seen: error instanceof Error ? error.message : String(error) }),
    )
    const result = { step, ...seen, seconds: (performance.now() - began) / 1000 }
    results.push(result)
    process.stdout.write(line(result))
  }
  await stage.countersign.stop()
  const failed = results.filter(({ ok }) => !ok).length
  process.stdout.write(`\n${results.length - failed} of ${results.length} steps did what they should\n`)
  return failed === 0 ? 0 : 1
}

function line({ step, ok, seen, seconds }: Result): string {
  return `${ok ? '✓' : '✗'} ${step.name.padEnd(48)} ${seconds.toFixed(1).padStart(5)} s  ${seen}\n`
}

async function stayOpen(stage: Stage, signal: AbortSignal): Promise<number> {
  process.stdout.write(guide(stage.scene))
  await follow(stage.scene, signal, (text) => void process.stdout.write(text))
  await stage.countersign.stop()
  process.stderr.write('stopped; nothing is left behind\n')
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  printer.end()
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
