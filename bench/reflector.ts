import { fileURLToPath } from 'node:url'
import type { Bench } from './compare.ts'
import { median } from './figures.ts'
import { runNode, startNode } from './node-process.ts'
import { rotated } from './rounds.ts'
import { makeRow } from './row.ts'
import type { Row } from './row.ts'
import type { Section } from './section.ts'

export const reflector: Section = {
  name: 'reflector',
  about:
    'Processes that hold all approval requests of an API server, as they are (whole) or with five fields (trimmed): ' +
    'heap against the bytes that came over the wire, growth of the process, and the time of the first list.',
  run: measureReflector,
}

type Form = 'whole' | 'trimmed'
const forms: readonly Form[] = ['whole', 'trimmed']
const counts = [1_000, 10_000, 100_000]
/** These take seconds each and hardly vary. */
const mostRounds = 3

/** What one process says: what it holds, how heap and process grew by that, and what loading it cost. */
const told = ['objects', 'heapBytes', 'rssBytes', 'wireBytes', 'cpuMicros', 'wallMicros'] as const
type Held = Readonly<Record<(typeof told)[number], number>>

type Group = { readonly count: number; readonly form: Form; readonly held: readonly Held[] }

async function measureReflector({ plan }: Bench): Promise<readonly Row[]> {
  const groups: Group[] = []
  for (const count of counts) groups.push(...(await measureCount(count, Math.min(plan.rounds, mostRounds))))
  return [...groups.flatMap(memoryRows), ...groups.map(loadRow), trimmedGrowth(groups)]
}

async function measureCount(count: number, rounds: number): Promise<readonly Group[]> {
  const server = await startNode([script('api-server-process.ts'), String(count)])
  try {
    const groups = forms.map((form) => ({ count, form, held: [] as Held[] }))
    for (let round = 0; round < rounds; round += 1) {
      for (const { form, held } of rotated(groups, round)) held.push(await load(server.greeting, form, count))
    }
    return groups
  } finally {
    await server.end()
  }
}

async function load(server: string, form: Form, count: number): Promise<Held> {
  const held = await runNode([script('reflector-process.ts'), server, form], told)
  if (held.objects !== count) throw new Error(`the reflector holds ${held.objects} objects of ${count}`)
  return held
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

function memoryRows({ count, form, held }: Group): readonly Row[] {
  const name = `${count.toLocaleString('en-US')} ${form}`
  const perObject = (of: 'heapBytes' | 'wireBytes'): readonly number[] => held.map((one) => one[of] / 1024 / count)
  const baseline = perObject('wireBytes')
  const wire = makeRow({ figure: `${name}: wire`, unit: 'KiB per object', samples: baseline, baseline })
  const heap = makeRow({ figure: `${name}: heap`, unit: 'KiB per object', samples: perObject('heapBytes'), baseline })
  const rss = makeRow({
    figure: `${name}: process`,
    unit: 'MiB RSS',
    samples: held.map((one) => one.rssBytes / 2 ** 20),
  })
  return form === 'whole' ? [wire, heap, rss] : [heap, rss]
}

function loadRow({ count, form, held }: Group): Row {
  return makeRow({
    figure: `${count.toLocaleString('en-US')} ${form}: first list`,
    unit: 'ms CPU',
    samples: held.map(({ cpuMicros }) => cpuMicros / 1000),
    wall: held.map(({ wallMicros }) => wallMicros / 1000),
  })
}

/** Closed requests must not fill the memory of a component that only needs to know that they are there. */
function trimmedGrowth(groups: readonly Group[]): Row {
  const heap = (count: number): readonly number[] =>
    groups
      .filter((one) => one.form === 'trimmed' && one.count === count)
      .flatMap(({ held }) => held.map(({ heapBytes }) => heapBytes / 2 ** 20))
  const few = median(heap(1_000))
  return makeRow({
    figure: '100,000 trimmed: heap above that of 1,000',
    unit: 'MiB',
    samples: heap(100_000).map((mebibytes) => mebibytes - few),
    goal: { of: 'value', atMost: 64 },
  })
}
