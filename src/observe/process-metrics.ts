import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

export type Usage = {
  /** User and system together, since the start. */
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly heapBytes: number
  /** Seconds since 1970. */
  readonly startedSeconds: number
}

/** The few figures of a process that everybody's dashboards know by these names. */
export function makeProcessMetrics(registry: Registry, version: string): (usage: Usage) => void {
  const registers = [registry]
  const build = { name: 'countersign_build_info', help: 'Always 1; the label says which version runs.', registers }
  new Gauge({ ...build, labelNames: ['version'] }).set({ version }, 1)
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers })
  const cpu = gauge('process_cpu_seconds_total', 'Processor time that was used, in seconds.')
  const resident = gauge('process_resident_memory_bytes', 'Memory that is held, in bytes.')
  const heap = gauge('nodejs_heap_size_used_bytes', 'Heap that is in use, in bytes.')
  const started = gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.')
  return (usage) => {
    cpu.set(usage.cpuSeconds)
    resident.set(usage.residentBytes)
    heap.set(usage.heapBytes)
    started.set(usage.startedSeconds)
  }
}
