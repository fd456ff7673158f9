import { isDeepStrictEqual } from 'node:util'
import type { Measure } from './fact.ts'
import type { Log, LogFields } from './log.ts'

/** Something that a person has to look at: its name, and what else may stand in a log line. */
type Alarm = LogFields & { readonly alarm: string }

/** Tells each alarm once, and again only after it had ended. */
export type AlarmBell = {
  /** `alarms`: all that there are now at this place. */
  readonly ring: (place: string, alarms: readonly Alarm[]) => void
}

export function makeAlarmBell({ log, measure }: { readonly log: Log; readonly measure: Measure }): AlarmBell {
  const told = new Map<string, readonly Alarm[]>()
  return {
    ring: (place, alarms) => {
      const before = told.get(place) ?? []
      told.set(place, alarms)
      for (const alarm of alarms.filter((one) => !before.some((other) => isDeepStrictEqual(one, other)))) {
        const { alarm: name, ...fields } = alarm
        measure({ fact: 'Alarm', alarm: name })
        log.error(name, undefined, { place, ...fields })
      }
    },
  }
}
