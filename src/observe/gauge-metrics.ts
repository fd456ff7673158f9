import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Gauges } from '../app/fact.ts'

type Values = ReturnType<Gauges>

/** Shows what the components say of themselves now. What one no longer says is no longer shown. */
export function makeGaugeMetrics(registry: Registry): (gauges: Gauges) => void {
  const shows = [...single(registry), ...byName(registry)]
  return (gauges) => {
    const values = gauges()
    for (const show of shows) show(values)
  }
}

type Show = (values: Values) => void

const singles = [
  ['held', 'countersign_held_calls', 'Calls that are being held while people decide.'],
  ['slots', 'countersign_hold_slots', 'Calls that may be held at once.'],
  ['undecided', 'countersign_undecided_requests', 'Requests that wait for people.'],
  ['leading', 'countersign_leading', '1 while this replica leads, else 0.'],
  [
    'certificateExpirySeconds',
    'countersign_certificate_expiry_timestamp_seconds',
    'When the certificate that is served ends, in seconds since 1970.',
  ],
] as const

function single(registry: Registry): readonly Show[] {
  return singles.map(([key, name, help]) => {
    const gauge = new Gauge({ name, help, registers: [registry] })
    return (values) => {
      gauge.remove()
      const value = values[key]
      if (value !== undefined) gauge.set(value)
    }
  })
}

const named = [
  ['silentSeconds', 'countersign_watch_silent_seconds', 'resource', 'Seconds since the watch was last heard.'],
  ['channelReady', 'countersign_channel_ready', 'channel', '1 when cards can be delivered there, else 0.'],
  ['queueDepth', 'countersign_queue_depth', 'queue', 'Keys that wait in the work queue.'],
] as const

function byName(registry: Registry): readonly Show[] {
  return named.map(([key, name, label, help]) => {
    const gauge = new Gauge({ name, help, labelNames: [label], registers: [registry] })
    return (values) => {
      gauge.reset()
      for (const [which, value] of Object.entries(values[key] ?? {})) gauge.set({ [label]: which }, value)
    }
  })
}
