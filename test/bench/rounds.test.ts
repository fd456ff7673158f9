import { describe, expect, test } from '@jest/globals'
import { compare } from '../../bench/compare.ts'
import type { Meter } from '../../bench/meter.ts'
import { interleave, rotated } from '../../bench/rounds.ts'
import type { Plan } from '../../bench/rounds.ts'

/** Candidates that take the time they say, on clocks that nothing else moves; what ran, in order. */
function makeBench(): { meter: Meter; ran: string[]; takes: (name: string, cpu: number, wall?: number) => () => void } {
  let cpuMicros = 0
  let wallMicros = 0
  const ran: string[] = []
  return {
    meter: { cpuMicros: () => cpuMicros, wallMicros: () => wallMicros, clean: () => void ran.push('clean') },
    ran,
    takes:
      (name, cpu, wall = cpu) =>
      () => {
        cpuMicros += cpu
        wallMicros += wall
        ran.push(name)
      },
  }
}

const once: Plan = { rounds: 3, warmMicros: 0, sliceMicros: 0 }

describe('rounds', () => {
  test('let the candidates take turns, each round beginning with another, the garbage collected before each', () => {
    const { meter, ran, takes } = makeBench()
    interleave(meter, once, [takes('a', 1), takes('b', 1), takes('c', 1)])
    expect(ran.join(' ')).toBe('a b c clean a clean b clean c clean b clean c clean a clean c clean a clean b')
  })

  test('tell the cost of one run, CPU and wall, one for each round', () => {
    const { meter, takes } = makeBench()
    const plan = { rounds: 2, warmMicros: 1000, sliceMicros: 100 }
    expect(interleave(meter, plan, [takes('a', 5, 8), takes('b', 20, 21)])).toMatchObject([
      { cpuMicros: [5, 5], wallMicros: [8, 8] },
      { cpuMicros: [20, 20], wallMicros: [21, 21] },
    ])
  })

  test('run a candidate as often as fills its slice, once it is warm', () => {
    const { meter, ran, takes } = makeBench()
    interleave(meter, { rounds: 1, warmMicros: 1000, sliceMicros: 100 }, [takes('a', 7)])
    const warm = ran.indexOf('clean')
    expect(warm * 7).toBeGreaterThanOrEqual(1000)
    expect(ran.length - warm - 1).toBe(15)
  })

  test('run once what takes longer than a slice', () => {
    const { meter, ran, takes } = makeBench()
    interleave(meter, { rounds: 1, warmMicros: 0, sliceMicros: 100 }, [takes('a', 7000)])
    expect(ran).toEqual(['a', 'clean', 'a'])
  })

  test('end for a candidate that takes no time at all', () => {
    const { meter, takes } = makeBench()
    const [cost] = interleave(meter, { rounds: 2, warmMicros: 0, sliceMicros: 50 }, [takes('a', 0)])
    expect(cost).toMatchObject({ cpuMicros: [0, 0] })
  })
})

describe('a comparison', () => {
  test('has the first candidate for baseline, itself included', () => {
    const { meter, takes } = makeBench()
    const rows = compare({ meter, plan: once }, [
      { figure: 'base', run: takes('a', 10) },
      { figure: 'ours', run: takes('b', 25), goal: { of: 'ratio', atMost: 3 } },
    ])
    expect(rows).toMatchObject([
      { figure: 'base', unit: 'µs CPU', value: { median: 10 }, ratio: { median: 1 } },
      { figure: 'ours', unit: 'µs CPU', value: { median: 25 }, ratio: { median: 2.5 }, goal: { met: true } },
    ])
  })

  test('can be told in milliseconds, which changes no ratio', () => {
    const { meter, takes } = makeBench()
    const candidates = [
      { figure: 'base', run: takes('a', 1000) },
      { figure: 'ours', run: takes('b', 2000, 4000) },
    ]
    const [, ours] = compare({ meter, plan: once }, candidates, 'ms')
    expect(ours).toMatchObject({ unit: 'ms CPU', value: { median: 2 }, wall: { median: 4 }, ratio: { median: 2 } })
  })
})

describe('turns', () => {
  test.each([
    [0, ['a', 'b', 'c']],
    [1, ['b', 'c', 'a']],
    [5, ['c', 'a', 'b']],
  ])('in round %d', (round, expected) => {
    expect(rotated(['a', 'b', 'c'], round)).toEqual(expected)
  })

  test('of nobody', () => {
    expect(rotated([], 3)).toEqual([])
  })
})
