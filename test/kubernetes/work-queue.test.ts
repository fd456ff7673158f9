import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import { array, assert, asyncProperty, constant, constantFrom, integer, oneof, record } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import { makeWorkQueue, workQueueLimits } from '../../src/kubernetes/work-queue.ts'
import type { WorkFact, WorkQueue, WorkQueueLimits } from '../../src/kubernetes/work-queue.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { scaled } from '../scale.ts'
import { oneTurn, until } from '../until.ts'

jest.setTimeout(60_000)

/** A piece of work that is going on until the test says how it ends. */
type Job = {
  readonly key: string
  readonly signal: AbortSignal
  readonly done: (againMs?: number) => void
  readonly fail: (error?: unknown) => void
}

let clock: FakeClock
let queue: WorkQueue
/** Going on now, in the order of their beginning. */
let jobs: Job[]
let begun: string[]
let failed: { readonly error: unknown; readonly key: string; readonly failures: number }[]
let facts: WorkFact[]

function start(limits: Partial<WorkQueueLimits> = {}): void {
  clock = makeFakeClock()
  jobs = []
  begun = []
  failed = []
  facts = []
  queue = makeWorkQueue({
    timers: clock,
    random: () => 1,
    work,
    failed: (error, key, failures) => failed.push({ error, key, failures }),
    measured: (fact) => facts.push(fact),
    limits: { ...workQueueLimits, workers: 2, backoff: { firstMs: 100, capMs: 1_000 }, ...limits },
  })
}

function work(key: string, signal: AbortSignal): Promise<number | void> {
  begun.push(key)
  return new Promise((resolve, reject) => {
    const job: Job = {
      key,
      signal,
      done: (againMs) => end(() => resolve(againMs)),
      fail: (error) => end(() => reject(error)),
    }
    const end = (how: () => void): void => {
      jobs = jobs.filter((other) => other !== job)
      how()
    }
    jobs.push(job)
  })
}

function jobFor(key: string): Job {
  const found = jobs.find((job) => job.key === key)
  if (found === undefined) throw new Error(`no work on ${key} is going on`)
  return found
}

beforeEach(() => start())

describe('what is added', () => {
  test('is worked on in the order of its coming, as many at a time as there are workers', async () => {
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key)
    await oneTurn()
    expect(begun).toEqual(['a', 'b'])
    expect(queue.depth()).toBe(2)
    jobFor('b').done()
    await oneTurn()
    expect(begun).toEqual(['a', 'b', 'c'])
  })

  test('twice, before its work begins, is worked on once', async () => {
    for (const key of ['a', 'a', 'b', 'c', 'c', 'a']) queue.add(key)
    await oneTurn()
    jobFor('a').done()
    jobFor('b').done()
    await oneTurn()
    jobFor('c').done()
    await oneTurn()
    expect(begun).toEqual(['a', 'b', 'c'])
  })

  test('while it is in work, is worked on once more afterwards, never in two hands', async () => {
    queue.add('a')
    await oneTurn()
    queue.add('a')
    queue.add('a')
    await oneTurn()
    expect(begun).toEqual(['a'])
    jobFor('a').done()
    await oneTurn()
    expect(begun).toEqual(['a', 'a'])
    jobFor('a').done()
    await oneTurn()
    expect(begun).toEqual(['a', 'a'])
  })

  test('does not begin inside the call that adds it', () => {
    queue.add('a')
    expect(begun).toEqual([])
  })
})

describe('what is added for later', () => {
  test('waits so long', async () => {
    queue.addAfter('a', 500)
    await clock.advance(499)
    expect(begun).toEqual([])
    expect(queue.later()).toBe(1)
    await clock.advance(1)
    expect(begun).toEqual(['a'])
    expect(queue.later()).toBe(0)
  })

  test.each([
    [100, 500],
    [500, 100],
  ])('twice, after %d and %d, counts once, at the earlier time', async (one, other) => {
    queue.addAfter('a', one)
    queue.addAfter('a', other)
    await clock.advance(100)
    jobFor('a').done()
    await clock.advance(1_000)
    expect(begun).toEqual(['a'])
    expect(queue.later()).toBe(0)
    expect(clock.sleeping()).toEqual([])
  })

  test('of many keys comes in the order of time, by one timer', async () => {
    start({ workers: 1_000 })
    const times = Array.from({ length: 500 }, (_, i) => (i * 7919) % 1000)
    for (const [i, ms] of times.entries()) queue.addAfter(`${ms}/${i}`, ms)
    expect(clock.sleeping()).toHaveLength(1)
    await clock.advance(1_000)
    const rung = begun.map((key) => Number(key.split('/')[0]))
    expect(rung).toEqual(times.toSorted((a, b) => a - b))
  })

  test('by the work itself: its result says when to look again', async () => {
    queue.add('a')
    await oneTurn()
    jobFor('a').done(300)
    await clock.advance(299)
    expect(begun).toEqual(['a'])
    await clock.advance(1)
    expect(begun).toEqual(['a', 'a'])
  })
})

describe('work that fails', () => {
  test('is told, and tried again after longer and longer, up to a limit', async () => {
    queue.add('a')
    await oneTurn()
    for (const [i, pauseMs] of [100, 200, 400, 800, 1_000, 1_000].entries()) {
      jobFor('a').fail(new Error('no'))
      await clock.advance(pauseMs - 1)
      expect(begun).toHaveLength(i + 1)
      await clock.advance(1)
      expect(begun).toHaveLength(i + 2)
      expect(failed.at(-1)).toMatchObject({ error: { message: 'no' }, key: 'a', failures: i + 1 })
    }
  })

  test('begins from the shortest pause after it has succeeded', async () => {
    queue.add('a')
    await oneTurn()
    jobFor('a').fail()
    await clock.advance(100)
    jobFor('a').fail()
    await clock.advance(200)
    jobFor('a').done()
    queue.add('a')
    await oneTurn()
    jobFor('a').fail()
    await clock.advance(100)
    expect(begun).toHaveLength(5)
    expect(failed.map(({ failures }) => failures)).toEqual([1, 2, 1])
  })

  test('counts for its own key alone', async () => {
    queue.add('a')
    queue.add('b')
    await oneTurn()
    jobFor('a').fail()
    jobFor('b').done()
    queue.add('b')
    await oneTurn()
    expect(begun).toEqual(['a', 'b', 'b'])
    expect(failed).toHaveLength(1)
  })

  test('waits for as long as the API server asks', async () => {
    queue.add('a')
    await oneTurn()
    jobFor('a').fail(new ApiError({ asked: 'GET /', status: 429, reason: 'TooManyRequests', retryAfterSeconds: 7 }))
    await clock.advance(6_999)
    expect(begun).toHaveLength(1)
    await clock.advance(1)
    expect(begun).toHaveLength(2)
  })

  test('at its first step, before any promise, is no different', async () => {
    const broken = makeWorkQueue({
      timers: clock,
      random: () => 1,
      work: () => {
        throw new Error('at once')
      },
      failed: (error, key, failures) => failed.push({ error, key, failures }),
      limits: { workers: 1, workMs: 1_000, backoff: { firstMs: 100, capMs: 100 } },
    })
    broken.add('a')
    await oneTurn()
    expect(failed).toMatchObject([{ error: { message: 'at once' }, key: 'a', failures: 1 }])
    await broken.stop()
  })

  test('and a report of it that fails, too, stop nothing', async () => {
    const broken = makeWorkQueue({
      timers: clock,
      random: () => 1,
      work: (key) => {
        begun.push(key)
        return Promise.reject(new Error('no'))
      },
      failed: () => {
        throw new Error('nor this')
      },
      measured: () => {
        throw new Error('nor that')
      },
      limits: { workers: 1, workMs: 1_000, backoff: { firstMs: 100, capMs: 100 } },
    })
    broken.add('a')
    broken.add('b')
    await clock.advance(100)
    expect(begun).toEqual(['a', 'b', 'a', 'b'])
    await broken.stop()
  })

  test('that takes too long is told so by its signal; the key is not in two hands meanwhile', async () => {
    queue.add('a')
    await oneTurn()
    const job = jobFor('a')
    await clock.advance(59_999)
    expect(job.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(job.signal.aborted).toBe(true)
    queue.add('a')
    await clock.advance(60_000)
    expect(begun).toEqual(['a'])
    job.fail()
    await oneTurn()
    expect(begun).toEqual(['a', 'a'])
  })
})

describe('stopping', () => {
  test('finishes what waits and what is in work, and takes nothing more', async () => {
    for (const key of ['a', 'b', 'c']) queue.add(key)
    queue.addAfter('later', 100)
    await oneTurn()
    queue.add('a')
    let stopped = false
    void queue.stop().then(() => {
      stopped = true
    })
    queue.add('new')
    queue.addAfter('new', 1)
    for (const key of ['a', 'b', 'a', 'c']) {
      await until('there is work', () => jobs.some((job) => job.key === key))
      expect(stopped).toBe(false)
      jobFor(key).done()
    }
    await until('it is stopped', () => stopped)
    await clock.advance(1_000)
    expect(begun).toEqual(['a', 'b', 'c', 'a'])
    expect(clock.sleeping()).toEqual([])
  })

  test('does not retry', async () => {
    queue.add('a')
    await oneTurn()
    const stopping = queue.stop()
    jobFor('a').fail()
    await stopping
    await clock.advance(10_000)
    expect(begun).toEqual(['a'])
  })

  test('right after an addition still does it', async () => {
    queue.add('a')
    const stopping = queue.stop()
    jobFor('a').done()
    await stopping
    expect(begun).toEqual(['a'])
  })

  test('cut off, forgets what waits and tells the work to give up', async () => {
    for (const key of ['a', 'b', 'c']) queue.add(key)
    await oneTurn()
    const cutOff = new AbortController()
    const stopping = queue.stop(cutOff.signal)
    cutOff.abort()
    expect(jobs.map(({ signal }) => signal.aborted)).toEqual([true, true])
    jobFor('a').fail()
    jobFor('b').done()
    await stopping
    expect(begun).toEqual(['a', 'b'])
  })
})

test('it can be measured', async () => {
  for (const key of ['a', 'b', 'c']) queue.add(key)
  await oneTurn()
  await clock.advance(40)
  jobFor('a').done()
  jobFor('b').fail()
  await oneTurn()
  expect(facts).toEqual([
    { what: 'Begun', waitedMs: 0, depth: 2 },
    { what: 'Begun', waitedMs: 0, depth: 1 },
    { what: 'Done', tookMs: 40 },
    { what: 'Begun', waitedMs: 40, depth: 0 },
    { what: 'Failed', tookMs: 40 },
  ])
})

const keys = constantFrom('a', 'b', 'c', 'd')
const step = oneof(
  record({ do: constant('add' as const), key: keys }),
  record({ do: constant('addAfter' as const), key: keys, ms: integer({ min: 0, max: 300 }) }),
  record({ do: constant('done' as const), nth: integer({ min: 0, max: 3 }) }),
  record({ do: constant('fail' as const), nth: integer({ min: 0, max: 3 }) }),
  record({ do: constant('wait' as const), ms: integer({ min: 0, max: 300 }) }),
)
type Step = typeof step extends Arbitrary<infer S> ? S : never

/** Returns the key that is owed some work from now on. */
async function take(one: Step): Promise<string | undefined> {
  switch (one.do) {
    case 'add':
      queue.add(one.key)
      return one.key
    case 'addAfter':
      queue.addAfter(one.key, one.ms)
      return one.key
    case 'wait':
      await clock.advance(one.ms)
      return undefined
    case 'done':
      jobs[one.nth]?.done()
      return undefined
    case 'fail': {
      const job = jobs[one.nth]
      job?.fail()
      return job?.key
    }
  }
}

/** Takes what has begun off the debt. */
async function settle(owed: Set<string>): Promise<void> {
  await oneTurn()
  for (const key of begun) owed.delete(key)
  begun = []
  expect(new Set(jobs.map(({ key }) => key)).size).toBe(jobs.length)
  expect(jobs.length).toBeLessThanOrEqual(2)
}

test(
  'whatever happens, every key is worked on after its last addition or failure, and never in two hands',
  async () => {
    const anyRun = asyncProperty(array(step, { maxLength: 40 }), async (steps) => {
      start()
      const owed = new Set<string>()
      for (const one of steps) {
        begun = []
        const key = await take(one)
        if (key !== undefined) owed.add(key)
        await settle(owed)
      }
      for (let i = 0; i < 60 && owed.size + jobs.length > 0; i += 1) {
        for (const job of jobs) job.done()
        await clock.advance(300)
        await settle(owed)
      }
      expect([...owed]).toEqual([])
      await queue.stop()
      expect(clock.sleeping()).toEqual([])
    })
    await assert(anyRun, { numRuns: scaled(200, 10_000) })
  },
  scaled(5_000, 600_000),
)
