/**
 * What one look came to. `Holds`: it is as it must be. `Fails`: it is not. `Open`: nobody can know it from here, or was not
 * asked to; it is no fault. All texts are safe to be shown.
 */
export type Finding = {
  readonly sign: 'Holds' | 'Fails' | 'Open'
  readonly what: string
  /** What was seen that makes it so. */
  readonly cause?: string | undefined
  /** What to do. */
  readonly cure?: string | undefined
}

type Reasons = Pick<Finding, 'cause' | 'cure'>

export function holds(what: string): Finding {
  return { sign: 'Holds', what }
}

export function fails(what: string, reasons: Reasons): Finding {
  return { sign: 'Fails', what, ...reasons }
}

export function open(what: string, reasons: Reasons = {}): Finding {
  return { sign: 'Open', what, ...reasons }
}
