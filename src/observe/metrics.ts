import { Registry } from 'prom-client'
import type { Gauges, Measure } from '../app/fact.ts'
import { makeFactMetrics } from './fact-metrics.ts'
import { makeProcessMetrics } from './process-metrics.ts'
import type { Usage } from './process-metrics.ts'
import { makeGaugeMetrics } from './gauge-metrics.ts'

export type MetricsOptions = {
  readonly version: string
  /** What the process has used, read when somebody asks for the metrics. */
  readonly usage: () => Usage
}

export type Metrics = {
  /** Counts a fact. A few hundred nanoseconds, no promise, never throws for a fact of the type. */
  readonly measure: Measure
  /** The text that Prometheus reads. `gauges` are asked now. */
  readonly read: (gauges: Gauges) => Promise<{ readonly contentType: string; readonly text: string }>
}

/** A registry of its own, without timers and without anything that happens while nobody asks. */
export function makeMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry()
  const measure = makeFactMetrics(registry)
  const showUsage = makeProcessMetrics(registry, options.version)
  const show = makeGaugeMetrics(registry)
  return {
    measure,
    read: async (gauges) => {
      showUsage(options.usage())
      show(gauges)
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}
