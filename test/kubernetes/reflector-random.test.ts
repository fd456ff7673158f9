import { describe, expect, jest, test } from '@jest/globals'
import type { FakeObject } from '../fake/api-server-objects.ts'
import type { Fault } from '../fake/api-server-faults.ts'
import type { FakeWatch } from '../fake/api-server-watch.ts'
import { seededRandom } from '../random.ts'
import { scaled } from '../scale.ts'
import { oneTurn } from '../until.ts'
import { makeRig } from './reflector-rig.ts'
import type { Rig, RigOptions } from './reflector-rig.ts'

jest.setTimeout(60_000)

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']

const requestFaults: readonly Fault[] = [
  { do: 'refuse', status: 500 },
  { do: 'refuse', status: 503, retryAfter: 1 },
  { do: 'refuse', status: 429, retryAfter: 3 },
  { do: 'refuse', status: 429 },
  { do: 'refuse', status: 403 },
  { do: 'refuse', status: 401 },
  { do: 'refuse', status: 410 },
  { do: 'resetBefore' },
  { do: 'resetAfter' },
  { do: 'hang' },
  { do: 'hangAfter' },
  { do: 'truncate' },
  { do: 'dribble' },
  { do: 'silence' },
  { do: 'say', text: 'nonsense\n' },
  { do: 'answer', status: 200, text: '<html>' },
  { do: 'answer', status: 200, text: '' },
]

const watchFaults: readonly ((watch: FakeWatch) => void)[] = [
  (watch) => watch.reset(),
  (watch) => watch.end(),
  (watch) => watch.silence(),
  (watch) => watch.truncateNext(),
  (watch) => watch.loseNext(),
  (watch) => watch.error(410, 'Expired'),
  (watch) => watch.error(500, 'InternalError'),
  (watch) => watch.say('{"type":"ADD\n'),
  (watch) => watch.say(Uint8Array.of(0xc3)),
  (watch) => watch.event('CHANGED', {}),
  (watch) => watch.bookmark(),
]

type Chaos = { readonly rig: Rig; readonly random: () => number; readonly pick: <T>(list: readonly T[]) => T }

function write({ rig, pick, random }: Chaos): void {
  const name = pick(names)
  const exists = rig.reflector.cache.get(`ns/${name}`) !== undefined
  try {
    if (random() < 0.25) rig.drop(name)
    else if (random() < 0.3 && exists) rig.decide(name, pick(['Approved', 'Denied']))
    else rig.put(name, Math.floor(random() * 1000))
  } catch {
    // It was not there to be dropped or decided: one write less.
  }
}

function breakWatches({ rig, pick }: Chaos): void {
  for (const watch of rig.api.watches()) pick(watchFaults)(watch)
}

/** Something that happens now and then, each with its likelihood in one step. */
const incidents: readonly (readonly [number, (chaos: Chaos) => void | Promise<void>])[] = [
  [0.9, write],
  [0.5, write],
  [0.2, breakWatches],
  [0.05, ({ rig }) => rig.api.compact()],
  [0.1, ({ rig }) => rig.api.expireContinues()],
  [0.1, ({ rig }) => rig.api.bookmark()],
  [0.04, ({ rig }) => (rig.api.isUp() ? rig.api.goDown() : undefined)],
  [0.3, ({ rig }) => (rig.api.isUp() ? undefined : rig.api.comeBack())],
  [0.03, ({ rig }) => void rig.reflector.stop()],
  [0.3, ({ rig }) => rig.reflector.start()],
  [0.02, ({ rig }) => rig.clock.advance(80_000)],
  [0.5, ({ rig, random }) => rig.clock.advance(random() * 2_000)],
]

/** Faults of all sorts and writes, for so many steps; then good behaviour for eleven minutes. */
async function live(chaos: Chaos, steps: number): Promise<void> {
  const { rig, random, pick } = chaos
  rig.handle = () => {
    if (random() < 0.1) throw new Error('not today')
  }
  rig.api.faults.choose(() => (random() < 0.25 ? pick(requestFaults) : undefined))
  rig.reflector.start()
  for (let step = 0; step < steps; step += 1) {
    for (const [likelihood, happen] of incidents) if (random() < likelihood) await happen(chaos)
    for (let turns = random() * 8; turns > 0; turns -= 1) await oneTurn()
  }
  rig.api.faults.clear()
  rig.handle = () => {}
  if (!rig.api.isUp()) await rig.api.comeBack()
  rig.reflector.start()
  for (let minute = 0; minute < 11; minute += 1) {
    await rig.clock.advance(60_000)
    rig.api.bookmark()
  }
}

const isUndecided = (object: FakeObject): boolean => decisionOf(object['status']) === ''

function decisionOf(status: unknown): string {
  return typeof status === 'object' && status !== null && 'decision' in status ? String(status.decision) : ''
}

const modes: readonly (readonly [string, RigOptions])[] = [
  ['all objects', {}],
  [
    'objects until they are decided',
    {
      kept: isUndecided,
      interest: {
        whileKept: {
          listSelector: { fieldSelector: 'status.decision=' },
          keep: (thing) => (thing.status?.decision ?? '') === '',
        },
      },
    },
  ],
]

const seeds = Array.from({ length: scaled(8, 400) }, (_, i) => i + 1)

describe.each(modes)('%s: after any faults, all is known, told and let go', (_mode, options) => {
  test.each(seeds)('seed %d', async (seed) => {
    const random = seededRandom(seed)
    const pick = <T>(list: readonly T[]): T => {
      const chosen = list[Math.floor(random() * list.length)]
      if (chosen === undefined) throw new Error('nothing to choose from')
      return chosen
    }
    const rig = await makeRig({ ...options, limits: { pageSize: 3 } })
    await live({ rig, random, pick }, 120)
    await rig.converged()
    await rig.until('all is accepted', () => rig.reflector.unhandled() === 0)
    expect([...rig.known.keys()].toSorted()).toEqual([...rig.reflector.cache.keys()].toSorted())
    for (const [key, object] of rig.known) expect(rig.reflector.cache.get(key)).toBe(object)
    await rig.end()
  })
})
