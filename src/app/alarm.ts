import type { Measure } from './fact.ts'
import type { Log, LogFields } from './log.ts'

export type AlarmPorts = { readonly log: Pick<Log, 'error'>; readonly measure: Measure }

/** Says that a person has to look at something, by its CamelCase name: once in the metrics and once in the log. */
export function alarm({ log, measure }: AlarmPorts, name: string, fields: LogFields = {}): void {
  measure({ fact: 'Alarm', alarm: name })
  log.error(name, undefined, fields)
}
