import { ensureHelm } from '../../cluster/binaries.ts'
import { recordScenario } from './run-scenario.ts'
import { scenarios } from './scenarios.ts'
import type { Scenario } from './scenario.ts'
import { setStage, startRecordingPlane } from './stage.ts'
import { differencesIn } from './varies.ts'
import { vectorFolder, writeVectorFile } from './vector-file.ts'

const usage = `node test/vectors/record.ts [--show] [scenario…]

Records all scenarios, or those named, on a control plane of its own: a quarter of an hour for all. A new recording
differs from an older one in random values and times only.
  --show   records nothing, prints what differs between the presentations of each action
`

/** The tool's whole work. `env` finds or builds the programs. */
async function main(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (args.includes('--help')) return print(usage)
  const names = args.filter((arg) => arg !== '--show')
  const chosen = choose(names)
  if (!args.includes('--show')) return record(chosen, env)
  for (const { name } of chosen) (await differencesIn(vectorFolder, name)).forEach(print)
}

function choose(names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name))
  if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(', ')}`)
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name))
}

async function record(chosen: readonly Scenario[], env: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (chosen.some(({ commands }) => commands.some(({ tool }) => tool === 'helm'))) await ensureHelm({ env })
  const plane = await startRecordingPlane(env)
  try {
    const stage = await setStage(plane)
    for (const scenario of chosen) {
      const file = await recordScenario(stage, scenario, (why) => print(`again: ${why}`))
      await writeVectorFile(vectorFolder, file)
      print(`${scenario.name}: ${JSON.stringify(file.meta.same)}`)
    }
    await stage.close()
  } finally {
    await plane.stop()
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

await main(process.argv.slice(2), process.env)
