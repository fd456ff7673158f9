import { cpus, loadavg, totalmem } from 'node:os'

/** What the figures depend on. */
export type Machine = {
  readonly node: string
  readonly v8: string
  readonly platform: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  /** Processes that were ready to run in the last minute: above the number of cores, wall times say little. */
  readonly load: number
}

/** The machine of this process, now. */
export function readMachine(): Machine {
  const processors = cpus()
  return {
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0] ?? 0,
  }
}

/** One line about the machine. */
export function describe({ node, v8, platform, processor, cores, memoryGiB, load }: Machine): string {
  const hardware = `${cores} cores (${processor}), ${memoryGiB} GiB`
  return `Node ${node} (V8 ${v8}), ${platform}, ${hardware}, load ${load.toFixed(1)}`
}
