/** What may stand in a log line: names, ids, reasons, counts. Never a body, a token, a secret, or a text that an agent wrote. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** `event` is a fixed CamelCase word, by which lines are found and counted. */
export type Log = {
  readonly debug: (event: string, fields?: LogFields) => void
  readonly info: (event: string, fields?: LogFields) => void
  readonly warn: (event: string, fields?: LogFields) => void
  /** Somebody has to look at it. `cause` is told by its class and redacted message alone. */
  readonly error: (event: string, cause?: unknown, fields?: LogFields) => void
}
