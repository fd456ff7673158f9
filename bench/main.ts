import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { makePrinter } from '../cluster/progress.ts'
import { badInput } from './bad-input.ts'
import { change } from './change.ts'
import type { Bench } from './compare.ts'
import { digest } from './digest.ts'
import { gateAnswer } from './gate-answer.ts'
import { gateFlood } from './gate-flood.ts'
import { gateReview } from './gate-review.ts'
import { gateStart } from './gate-start.ts'
import { gateWrite } from './gate-write.ts'
import { imports } from './imports.ts'
import { describe, readMachine } from './machine.ts'
import { makeMeter } from './meter.ts'
import { reflector } from './reflector.ts'
import type { Section } from './section.ts'
import { table, verdict } from './table.ts'
import { wrap } from './wrap.ts'

const sections: readonly Section[] = [
  digest,
  change,
  badInput,
  imports,
  reflector,
  gateReview,
  gateWrite,
  gateAnswer,
  gateStart,
  gateFlood,
]

const usage = `npm run bench -- [section …] [--json] [--out file] [--rounds n]

Measures what has to be fast, each figure beside a baseline of the same run. CPU time and ratios are what to compare
between runs and machines; wall time says something only where nothing else runs.

${sections.map(({ name, about }) => `  ${name.padEnd(12)}${wrap(about, 100).join(`\n${' '.repeat(14)}`)}`).join('\n')}

  --json      prints JSON instead of tables
  --out       writes the JSON to a file
  --rounds    how often everything is measured (7); the medians are told
`

type Arguments = {
  readonly chosen: readonly Section[]
  readonly rounds: number
  readonly json: boolean
  readonly help: boolean
  readonly out: string | undefined
}

/** Throws an Error with a sentence for whoever typed it. */
function readArguments(): Arguments {
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: flag,
      help: { ...flag, short: 'h' },
      out: { type: 'string' },
      rounds: { type: 'string', default: '7' },
    },
  })
  const { json, help, out } = values
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds needs a number from 1')
  return { chosen: positionals.length === 0 ? sections : positionals.map(sectionNamed), rounds, json, help, out }
}

function sectionNamed(name: string): Section {
  const found = sections.find((section) => section.name === name)
  if (found !== undefined) return found
  throw new Error(`no section ${name}; there are ${sections.map((section) => section.name).join(', ')}`)
}

async function run({ chosen, rounds, json, out }: Arguments): Promise<void> {
  const bench: Bench = { meter: makeMeter(), plan: { rounds, warmMicros: 200_000, sliceMicros: 50_000 } }
  const printer = makePrinter({
    write: (text) => void process.stderr.write(text),
    now: () => performance.now(),
    terminal: process.stderr.isTTY,
  })
  const tell = (text: string): void => {
    printer.end()
    if (!json) process.stdout.write(text)
  }
  const machine = readMachine()
  tell(`Countersign bench. ${describe(machine)}\nMedians of ${rounds} rounds.\n`)
  const measured = []
  for (const { name, about, run: measure } of chosen) {
    printer.report({ step: name })
    const rows = await measure(bench)
    measured.push({ name, about, rows })
    tell(`\n${wrap(`${name}: ${about}`, 110).join('\n')}\n\n${table(rows)}`)
  }
  tell(`\n${verdict(measured.flatMap(({ rows }) => rows))}\n`)
  const text = `${JSON.stringify({ machine, rounds, sections: measured }, undefined, 2)}\n`
  if (json) process.stdout.write(text)
  if (out !== undefined) await writeFile(out, text)
}

try {
  const read = readArguments()
  if (read.help) process.stdout.write(usage)
  else await run(read)
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
