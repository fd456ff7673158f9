import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { inspect } from 'node:util'
import { makeKeyKeeper } from '../../src/app/keep-keys.ts'
import type { KeepKeysResult, KeyKeeper } from '../../src/app/keep-keys.ts'
import { ringNames, ringSecrets, trustSecret } from '../../src/app/key-ring.ts'
import type { KeyReport } from '../../src/app/key-view.ts'
import { makeKeyCraft } from '../../src/tokens/key-craft.ts'
import { hmacKeys } from '../../src/tokens/hmac-keys.ts'
import { makeTrustFollower } from '../../src/tokens/trust-follower.ts'
import { seededRandom } from '../random.ts'
import { scaled, soak } from '../scale.ts'
import { Lost } from './fake-secrets.ts'
import { accepts, Installation, Replica, settings } from './installation.ts'

const did = ({ steps }: KeepKeysResult): readonly string[] =>
  steps.map((step) => `${step.do} ${'ring' in step ? step.ring : ''}`.trim())

const firstStart = [
  'Generate evidence',
  'Publish evidence',
  'Generate gateway',
  'Publish gateway',
  'Generate digest',
  'Generate handle',
]

describe('the first start', () => {
  test('fills every Secret, and what the operator then signs is accepted by whoever reads the published set', async () => {
    const place = new Installation()
    const result = await place.keeper().keep()
    expect(did(result)).toEqual(firstStart)
    expect(result).toMatchObject({ settled: true, alarms: [], wakeTime: place.now + settings.rotateMs })
    expect(await accepts(await place.process(), place.signer())).toBe(true)
    for (const name of ringNames) expect(place.ring(name).keys).toHaveLength(1)
  })

  test('is done once: keeping again writes nothing', async () => {
    const place = new Installation()
    const keeper = place.keeper()
    await keeper.keep()
    expect(did(await keeper.keep())).toEqual([])
    expect(did(await place.keeper().keep())).toEqual([])
    expect(place.secrets.writes).toHaveLength(6)
  })

  test.each([0, 1, 2, 3, 4, 5].flatMap((write) => [[write, 'LostBefore'] as const, [write, 'LostAfter'] as const]))(
    'can be cut off at write %i (%s): the next one ends it, and no key is made twice',
    async (write, fault) => {
      const place = new Installation()
      place.secrets.faults.push(...Array.from({ length: write }, () => 'None' as const), fault)
      await expect(place.keeper().keep()).rejects.toThrow(Lost)
      const before = place.secrets.writes.length
      const result = await place.keeper().keep()
      expect(did(result)).toEqual(firstStart.slice(before))
      expect(result.alarms).toEqual([])
      for (const name of ringNames) expect(place.ring(name).keys).toHaveLength(1)
      expect(await accepts(await place.process(), place.signer())).toBe(true)
    },
  )

  test('by two operators at once comes out as by one', async () => {
    const place = new Installation()
    const results = await Promise.all([place.keeper().keep(), place.keeper().keep(), place.keeper().keep()])
    expect(results.map(({ settled, alarms }) => [settled, alarms])).toEqual(results.map(() => [true, []]))
    expect(place.secrets.writes).toHaveLength(6)
    for (const name of ringNames) expect(place.ring(name).keys).toHaveLength(1)
  })

  test('gives up for now when others win every time, and says so', async () => {
    const place = new Installation()
    place.secrets.faults.push(...Array.from({ length: 1000 }, () => 'Conflict' as const))
    expect(await place.keeper().keep()).toMatchObject({ steps: [], settled: false })
  })
})

describe('a replacement of all keys', () => {
  test('makes new ones, waits, uses them, waits again, and drops the old ones', async () => {
    const place = new Installation()
    const keeper = place.keeper()
    await keeper.keep()
    const old = place.signer()
    const watcher = await place.process()
    const reads = async (): Promise<void> => expect(await watcher.read(place.trustData())).toEqual([])

    expect(did(await place.pass(keeper, 10_000)).toSorted()).toEqual(firstStart.toSorted())
    expect(place.signer().kid).toBe(old.kid)
    await reads()

    expect(did(await place.pass(keeper, 60))).toEqual([
      'Switch evidence',
      'Switch gateway',
      'Switch digest',
      'Switch handle',
    ])
    expect(place.signer().kid).not.toBe(old.kid)
    expect([await accepts(watcher, old), await accepts(watcher, place.signer())]).toEqual([true, true])
    expect(JSON.stringify(place.secrets.data(ringSecrets.evidence))).not.toContain(`"${old.kid}"`)

    expect(did(await place.pass(keeper, 1_000))).toEqual([
      'Dismiss evidence',
      'Forget evidence',
      'Dismiss gateway',
      'Forget gateway',
      'Forget digest',
      'Forget handle',
    ])
    await reads()
    expect([await accepts(watcher, old), await accepts(watcher, place.signer())]).toEqual([false, true])
    for (const name of ringNames) expect(place.ring(name).keys).toHaveLength(1)
  })

  test('can be followed by who was there all the time, by who comes late, and by who was away', async () => {
    const place = new Installation()
    const keeper = place.keeper()
    await keeper.keep()
    const away = await place.process()
    const firstKid = place.signer().kid
    for (let round = 0; round < 5; round += 1) {
      for (const ms of [10_000, 60, 1_000]) await place.pass(keeper, ms)
    }
    expect(await away.read(place.trustData())).toEqual([])
    const late = await place.process()
    const pinned = makeTrustFollower(new Set([firstKid]))
    expect(await pinned.read(place.trustData())).toEqual([])
    for (const follower of [away, late, pinned]) {
      expect(await accepts(follower, place.signer())).toBe(true)
      expect(follower.keyIDs()).toHaveLength(2)
    }
  })

  test('keeps what is in use, and drops it when it is no longer', async () => {
    const place = new Installation()
    const keeper = place.keeper()
    await keeper.keep()
    const old = ringNames.map((name) => place.ring(name).current ?? '')
    place.facts = { ...place.facts, inUse: new Set(old) }
    for (const ms of [10_000, 60, 5_000]) await place.pass(keeper, ms)
    const [oldDigest, oldHandle] = [old[2], old[3]]
    expect(hmacKeys(place.ring('digest'))?.all.map(({ id }) => id)).toEqual([place.ring('digest').current, oldDigest])
    expect(hmacKeys(place.ring('handle'))?.all.map(({ id }) => id)).toEqual([place.ring('handle').current, oldHandle])
    expect(await accepts(await place.process(), place.signer())).toBe(true)
    expect((await place.process()).keyIDs()).toHaveLength(4)
    place.facts = { ...place.facts, inUse: new Set() }
    await place.pass(keeper, 1)
    expect(place.ring('digest').keys).toHaveLength(1)
    expect((await place.process()).keyIDs()).toHaveLength(2)
  })

  test('of keys that somebody else may hold happens as fast as the replicas follow', async () => {
    const place = new Installation()
    await place.keeper().keep()
    const stolen = place.signer()
    const watcher = await place.process()
    const keeper = place.keeper({ compromised: new Set([stolen.kid]) })
    place.facts = { ...place.facts, inUse: new Set([stolen.kid]) }
    expect(did(await place.pass(keeper, 1))).toEqual(['Generate evidence', 'Publish evidence'])
    await watcher.read(place.trustData())
    expect(did(await place.pass(keeper, 60))).toEqual(['Switch evidence', 'Dismiss evidence', 'Forget evidence'])
    await watcher.read(place.trustData())
    expect([await accepts(watcher, stolen), await accepts(watcher, place.signer())]).toEqual([false, true])
  })
})

describe('two operators, of whom one falls behind while it reads', () => {
  test('raise no alarm: a set is never newer than the rings that are read after it', async () => {
    const place = new Installation()
    await place.keeper().keep()
    const changes = { compromised: new Set([place.signer().kid]) }
    await place.pass(place.keeper(changes), 1)
    place.now += 60
    const { read } = place.secrets
    let reads = 0
    const slow = makeKeyKeeper(
      {
        secrets: {
          ...place.secrets,
          read: async (name) => {
            reads += 1
            if (reads === 2) expect(did(await place.keeper(changes).keep())).toContain('Dismiss evidence')
            return read(name)
          },
        },
        craft: makeKeyCraft(new Set()),
        now: () => place.now,
        facts: () => place.facts,
      },
      { ...settings, ...changes },
    )
    expect(await slow.keep()).toMatchObject({ alarms: [], settled: true })
    expect(reads).toBeGreaterThan(2)
  })
})

describe('what people have to look at', () => {
  async function started(): Promise<Installation> {
    const place = new Installation()
    await place.keeper().keep()
    return place
  }

  test('a Secret that is not there: the others are filled', async () => {
    const place = new Installation()
    place.secrets.remove(ringSecrets.gateway)
    const result = await place.keeper().keep()
    expect(result.alarms).toEqual([{ alarm: 'SecretMissing', secret: 'countersign-gateway-key' }])
    expect(did(result)).toEqual(firstStart.filter((step) => !step.endsWith('gateway')))
  })

  test('a Secret that cannot be read is never written over', async () => {
    const place = await started()
    const data = { ...place.secrets.data(ringSecrets.digest), current: Buffer.from('gone').toString('base64') }
    place.secrets.put(ringSecrets.digest, data)
    const result = await place.keeper().keep()
    expect(result.alarms).toEqual([
      { alarm: 'Unreadable', secret: 'countersign-digest', fault: 'UnknownCurrent', entry: 'current' },
    ])
    expect(place.secrets.data(ringSecrets.digest)).toEqual(data)
  })

  test('the evidence key is gone: no other takes its place, until people empty the published set as well', async () => {
    const place = await started()
    place.secrets.put(ringSecrets.evidence, {})
    expect(await place.keeper().keep()).toMatchObject({ steps: [], alarms: [{ alarm: 'KeyLost' }] })
    place.secrets.put(trustSecret, {})
    expect(did(await place.keeper().keep())).toEqual(['Generate evidence', 'Publish evidence', 'Publish gateway'])
    expect(await accepts(await place.process(), place.signer())).toBe(true)
  })

  test.each<[string, (place: Installation) => Promise<void>, readonly string[]]>([
    [
      'a foreign set',
      async (place) => place.secrets.put(trustSecret, await foreignSet()),
      ['Unchained', 'Unchained', 'Missing', 'Missing'],
    ],
    ['an emptied set', async (place) => place.secrets.put(trustSecret, {}), ['Missing', 'Missing']],
    [
      'something else than a set',
      async (place) => place.secrets.put(trustSecret, { 'jwks.json': Buffer.from('?').toString('base64') }),
      ['TrustUnusable'],
    ],
  ])('%s is said and written over, by what the keeper has trusted before', async (_what, attack, alarms) => {
    const place = new Installation()
    const keeper = place.keeper()
    await keeper.keep()
    const before = place.trustData()
    await attack(place)
    const result = await keeper.keep()
    expect(result.alarms.map(({ alarm }) => alarm)).toEqual(alarms)
    expect(did(result)).toEqual(['Heal'])
    expect(place.trustData()).toEqual(before)
    expect(await keeper.keep()).toMatchObject({ steps: [], alarms: [] })
  })

  test('a published set without any configured key, by a keeper that has just started: nothing is done to signing keys', async () => {
    const place = await started()
    const writes = place.secrets.writes.length
    const result = await place.keeper({ rotateMs: 0 }, ['some-other-kid']).keep()
    expect(result.alarms).toEqual([{ alarm: 'TrustUnusable', fault: 'NoRoot' }])
    expect(place.secrets.writes.slice(writes).every((name) => /digest|handle/.test(name))).toBe(true)
  })

  async function foreignSet(): Promise<Readonly<Record<string, string>>> {
    return (await started()).trustData()
  }
})

describe('any number of operators and replicas, at any pace, with any cuts', () => {
  /** What the keepers did. Every one of them may be cut off at any write. */
  async function keepAll(place: Installation, keepers: readonly KeyKeeper[]): Promise<readonly string[]> {
    const kept = await Promise.allSettled(keepers.map((keeper) => keeper.keep()))
    place.secrets.faults.length = 0
    return kept.flatMap((result) => {
      if (result.status === 'fulfilled') return [...did(result.value), ...result.value.alarms.map(({ alarm }) => alarm)]
      return result.reason instanceof Lost ? [] : [String(result.reason)]
    })
  }

  async function play(seed: number): Promise<readonly string[]> {
    const random = seededRandom(seed)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
    const place = new Installation()
    const keepers = [place.keeper(), place.keeper()]
    const done = [...(await keepAll(place, keepers))]
    const replicas: Replica[] = []
    const start = async (component: KeyReport['component']): Promise<readonly unknown[]> => {
      const replica = new Replica(component)
      replicas.push(replica)
      return replica.read(place)
    }
    const moves: readonly (readonly [number, () => unknown])[] = [
      [6, () => (place.now += pick([1, 60, 1_000, 10_000]))],
      [7, async () => expect(await pick(replicas).read(place)).toEqual([])],
      [1, async () => expect(await start(pick(['operator', 'webhook', 'gateway']))).toEqual([])],
      [1, () => replicas.splice(3, 1)],
      [1, () => keepers.splice(0, 1, place.keeper())],
      [
        5,
        async () => {
          place.facts = { reports: replicas.map((replica) => replica.report()), inUse: new Set() }
          place.secrets.faults.push(pick(['None', 'LostBefore', 'LostAfter', 'Conflict']))
          done.push(...(await keepAll(place, keepers)))
        },
      ],
    ]
    const bag = moves.flatMap(([weight, move]) => Array.from({ length: weight }, () => move))
    for (const component of ['operator', 'webhook', 'webhook', 'gateway'] as const) await start(component)
    for (let turn = 0; turn < 50; turn += 1) {
      await pick(bag)()
      const signer = place.signer()
      for (const { follower, component, digestIDs } of replicas) {
        expect(await accepts(follower, signer)).toBe(true)
        expect(component === 'gateway' || digestIDs.includes(place.ring('digest').current ?? '')).toBe(true)
      }
    }
    for (const replica of replicas) expect(await replica.read(place)).toEqual([])
    const ids = replicas.map((replica) => replica.follower.keyIDs())
    expect(ids).toEqual(ids.map(() => ids[0]))
    return done
  }

  test(
    'what one signs every other accepts, the key of digests is known to all, and all agree in the end',
    async () => {
      const done: string[] = []
      const plays = fc.asyncProperty(fc.nat(), async (seed) => void done.push(...(await play(seed))))
      await fc.assert(plays, { numRuns: scaled(6, 500), ...(soak ? {} : { seed: 7 }) })
      expect(done.some((what) => what.startsWith('Switch'))).toBe(true)
      expect(new Set(done.filter((what) => !/^(Generate|Publish|Switch|Dismiss|Forget) /.test(what)))).toEqual(
        new Set(),
      )
    },
    scaled(60_000, 1_800_000),
  )
})

describe('no key is ever told', () => {
  test('neither in results and alarms, nor when something of the keeper is printed', async () => {
    const place = new Installation()
    const keeper = place.keeper()
    const results: unknown[] = [await keeper.keep()]
    const canaries = new Set<string>()
    const remember = (): void => {
      for (const name of ringNames) {
        for (const [entry, value] of Object.entries(place.secrets.data(ringSecrets[name]))) {
          if (entry === 'current' || entry === 'times.json') continue
          const bytes = Buffer.from(value, 'base64')
          const lines = bytes
            .toString('latin1')
            .split('\n')
            .filter((line) => line.length > 20 && !line.startsWith('---'))
          for (const secret of [value, ...lines, bytes.toString('hex'), bytes.toString('base64url')])
            canaries.add(secret)
        }
      }
    }
    remember()
    for (const ms of [10_000, 60, 1_000]) {
      place.now += ms
      results.push(await keeper.keep())
      remember()
    }
    place.secrets.put(ringSecrets.gateway, {
      ...place.secrets.data(ringSecrets.gateway),
      extra: place.secrets.data(ringSecrets.digest)['current'] ?? '',
    })
    place.secrets.put(trustSecret, { 'jwks.json': place.secrets.data(ringSecrets.handle)['current'] ?? '' })
    results.push(await keeper.keep())
    place.secrets.faults.push('LostBefore')
    place.now += 10_000
    results.push(await keeper.keep().catch((error: unknown) => error))
    const rings = ringNames.flatMap((name) => (name === 'gateway' ? [] : [place.ring(name)]))
    const printed = [results, rings, place.signer()].flatMap((value) => [
      inspect(value, { depth: 20, showHidden: true }),
      JSON.stringify(value),
    ])
    expect(canaries.size).toBeGreaterThan(20)
    for (const secret of canaries) for (const text of printed) expect(text.includes(secret)).toBe(false)
    for (const text of printed) expect(text).not.toContain('PRIVATE KEY')
  })
})
