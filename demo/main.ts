import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { startControlPlane } from '../cluster/control-plane.ts'
import { ClusterError } from '../cluster/problem.ts'
import { makePrinter } from '../cluster/progress.ts'
import { guide } from './guide.ts'
import { follow } from './follow.ts'
import { openPage } from './playground/browser.ts'
import type { ChatPage } from './playground/browser.ts'
import { setTheStage } from './stage.ts'
import type { Stage, Step } from './stage.ts'
import { steps } from './steps.ts'

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
    const stage = await setTheStage({ plane, env: process.env, report: printer.report })
    printer.end()
    try {
      return auto ? await play(stage) : await stayOpen(stage, signal)
    } finally {
      await stage.countersign.stop()
      if (!(stage.teams instanceof Error)) await stage.teams.stop()
    }
  } finally {
    await plane.stop()
    if (!auto) process.stderr.write('stopped; nothing is left behind\n')
  }
}

type Result = { readonly step: Step; readonly ok: boolean; readonly seen: string; readonly seconds: number }

async function play(set: Omit<Stage, 'page'>): Promise<number> {
  const pages = makePages(set)
  const stage = { ...set, page: pages.page }
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
  const folder = await pages.close()
  const failed = results.filter(({ ok }) => !ok).length
  process.stdout.write(folder === undefined ? '\n' : `\npictures of Teams are in ${folder}\n`)
  process.stdout.write(`${results.length - failed} of ${results.length} steps did what they should\n`)
  return failed === 0 ? 0 : 1
}

type Pages = Pick<Stage, 'page'> & {
  /** Resolves with the folder of the pictures, when there are some. */
  readonly close: () => Promise<string | undefined>
}

/** One page for all steps, opened when the first needs it. */
function makePages({ teams }: Pick<Stage, 'teams'>): Pages {
  let opened: Promise<{ readonly page: ChatPage; readonly folder: string }> | undefined
  const open = async (): Promise<{ readonly page: ChatPage; readonly folder: string }> => {
    if (teams instanceof Error) throw teams
    const folder = await mkdtemp(path.join(tmpdir(), 'countersign-pictures-'))
    const page = await openPage({ url: teams.playground.url, folder, executable: process.env['CHROME_PATH'] })
    return { page, folder }
  }
  return {
    page: async () => (await (opened ??= open())).page,
    close: async () => {
      const one = await opened?.catch(() => undefined)
      await one?.page.close()
      return one?.folder
    },
  }
}

function line({ step, ok, seen, seconds }: Result): string {
  return `${ok ? '✓' : '✗'} ${step.name.padEnd(48)} ${seconds.toFixed(1).padStart(5)} s  ${seen}\n`
}

async function stayOpen(stage: Omit<Stage, 'page'>, signal: AbortSignal): Promise<number> {
  process.stdout.write(guide(stage))
  await follow(stage.scene, signal, (text) => void process.stdout.write(text))
  process.stderr.write('stopping …\n')
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  printer.end()
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
