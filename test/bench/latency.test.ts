import { describe, expect, test } from '@jest/globals'
import { latencyRows } from '../../bench/latency.ts'

const ten = Array.from({ length: 10 }, (_, index) => index + 1)

describe('latencies', () => {
  test('are told as p50 and p99 of each round, and the median of the rounds', () => {
    const rounds = [ten, ten.map((value) => value * 10), ten.map((value) => value * 2)]
    expect(latencyRows({ figure: 'write', rounds })).toMatchObject([
      { figure: 'write, p50', unit: 'ms', value: { median: 10, min: 5, max: 50 } },
      { figure: 'write, p99', unit: 'ms', value: { median: 20, min: 10, max: 100 } },
    ])
  })

  test('are compared with the same quantile of the same round', () => {
    const goals = { p50: { of: 'ratio', atMost: 2 }, p99: { of: 'ratio', atMost: 1 } } as const
    const doubled = ten.map((value) => value * 2)
    expect(latencyRows({ figure: 'write', rounds: [doubled], baseline: [ten], goals })).toMatchObject([
      { ratio: { median: 2 }, goal: { met: true } },
      { ratio: { median: 2 }, goal: { met: false } },
    ])
  })
})
