import type { Writable } from 'node:stream'
import { createLogger, format, transports } from 'winston'
import type { Log, LogFields } from '../app/log.ts'
import { inert } from '../domain/inert.ts'
import type { Instant } from '../domain/instant.ts'
import { causeFields } from './cause.ts'

export type LogOptions = {
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  readonly format: 'json' | 'text'
  /** Takes the lines; standard error in a process. Never closed by us. */
  readonly to: Writable
  readonly now: () => Instant
}

type Line = {
  readonly time: string
  readonly level: string
  readonly event: string
  readonly fields: LogFields
}

/** One line an event: JSON with time, level, event and the fields side by side, or the same as text for people. */
export function makeLog(options: LogOptions): Log {
  const print = options.format === 'json' ? asJson : asText
  const logger = createLogger({
    level: options.level,
    format: format.printf(({ message }) => String(message)),
    transports: [new transports.Stream({ stream: options.to, eol: '\n' })],
  })
  const write = (level: LogOptions['level'], event: string, fields: LogFields = {}): void => {
    if (!logger.isLevelEnabled(level)) return
    const time = new Date(options.now()).toISOString()
    logger.log({ level, message: print({ time, level, event, fields }) })
  }
  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, cause, fields) => write('error', event, { ...fields, ...causeFields(cause) }),
  }
}

/** The line's own time, level and event cannot be overwritten by fields. */
function asJson({ fields, ...line }: Line): string {
  return JSON.stringify({ ...line, ...prefixed(fields) })
}

function prefixed(fields: LogFields): LogFields {
  const own = new Set(['time', 'level', 'event'])
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [own.has(key) ? `${key}_` : key, value]))
}

function asText({ time, level, event, fields }: Line): string {
  const shown = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${textOf(value)}`],
  )
  return [time, level.toUpperCase().padEnd(5), event, ...shown].join(' ')
}

function textOf(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  const text = inert(value).text
  return /^[\w.:@/-]+$/.test(text) ? text : JSON.stringify(text)
}
