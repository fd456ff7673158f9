import { isDeepStrictEqual } from 'node:util'
import { alarm } from './alarm.ts'
import type { AlarmPorts } from './alarm.ts'
import type { LogFields } from './log.ts'

/** Something that a person has to look at: its name, and what else may stand in a log line. */
type Alarm = LogFields & { readonly alarm: string }

/** Tells each alarm once, and again only after it had ended. */
export type AlarmBell = {
  /** `alarms`: all that there are now at this place. */
  readonly ring: (place: string, alarms: readonly Alarm[]) => void
  /** Where there are any now. Of every policy and agent that ever was, nothing else is remembered. */
  readonly places: () => readonly string[]
}

export function makeAlarmBell(ports: AlarmPorts): AlarmBell {
  const told = new Map<string, readonly Alarm[]>()
  return {
    places: () => [...told.keys()],
    ring: (place, alarms) => {
      const before = told.get(place) ?? []
      if (alarms.length === 0) told.delete(place)
      else told.set(place, alarms)
      for (const one of alarms.filter((now) => !before.some((other) => isDeepStrictEqual(now, other)))) {
        const { alarm: name, ...fields } = one
        alarm(ports, name, { place, ...fields })
      }
    },
  }
}
