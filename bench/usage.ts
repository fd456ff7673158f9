/** What a process says of itself on its /metrics. */
export type Usage = {
  /** User and system together, all threads, since its start. */
  readonly cpuMicros: number
  readonly rssMiB: number
  /** Calls that it holds; 0 where it says nothing of them. */
  readonly held: number
}

export async function usageOf(healthPort: number): Promise<Usage> {
  const reply = await fetch(`http://127.0.0.1:${healthPort}/metrics`)
  return readUsage(await reply.text())
}

/** From the text that Prometheus reads. Throws when CPU or memory is missing. */
export function readUsage(metrics: string): Usage {
  return {
    cpuMicros: required(metrics, 'process_cpu_seconds_total') * 1e6,
    rssMiB: required(metrics, 'process_resident_memory_bytes') / 2 ** 20,
    held: sample(metrics, 'countersign_held_calls') ?? 0,
  }
}

function required(metrics: string, name: string): number {
  const value = sample(metrics, name)
  if (value === undefined) throw new Error(`the metrics have no ${name}`)
  return value
}

function sample(metrics: string, name: string): number | undefined {
  const line = metrics.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`))
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')))
}
