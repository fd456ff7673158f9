import { describe, expect, test } from '@jest/globals'
import { readUsage } from '../../bench/usage.ts'

const metrics = `# HELP process_cpu_seconds_total Processor time that was used, in seconds.
# TYPE process_cpu_seconds_total gauge
process_cpu_seconds_total 1.25
process_resident_memory_bytes 104857600
countersign_held_calls_other 7
countersign_held_calls{replica="a"} 3
`

describe('what a process tells of itself', () => {
  test('is read in microseconds and mebibytes', () => {
    expect(readUsage(metrics)).toEqual({ cpuMicros: 1_250_000, rssMiB: 100, held: 3 })
  })

  test('holds no calls where it says nothing of them', () => {
    expect(readUsage(metrics.replace('countersign_held_calls{', 'other{'))).toMatchObject({ held: 0 })
  })

  test.each(['process_cpu_seconds_total', 'process_resident_memory_bytes'])('must have %s', (name) => {
    expect(() => readUsage(metrics.replaceAll(name, 'other'))).toThrow(`the metrics have no ${name}`)
  })
})
