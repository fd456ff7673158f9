/** Where a long step stands. `done` of `total` where that can be counted (packages compiled). */
export type Progress = { readonly step: string; readonly done?: number; readonly total?: number }

/** Told about every step that takes longer than a blink. May be called many times a second. */
export type Report = (progress: Progress) => void

export type PrinterPorts = {
  readonly write: (text: string) => void
  /** Milliseconds from any origin. */
  readonly now: () => number
  /** A terminal gets one line that is rewritten; a log gets a line per step and one each quarter of a minute. */
  readonly terminal: boolean
}

export type Printer = { readonly report: Report; readonly end: () => void }

const terminalPeriodMs = 1_000
const logPeriodMs = 15_000

/** Prints progress with the time that the step has taken. `end` finishes the last line; call it before other output. */
export function makePrinter({ write, now, terminal }: PrinterPorts): Printer {
  let current: Progress | undefined
  let startedMs = 0
  let ticker: NodeJS.Timeout | undefined

  const show = (): void => {
    if (current === undefined) return
    const text = progressLine(current, now() - startedMs)
    write(terminal ? `\r\u001B[K${text}` : `${text}\n`)
  }
  const end = (): void => {
    clearInterval(ticker)
    if (current === undefined) return
    // In a log, the line of a step that took no time has been written already.
    if (terminal || now() - startedMs >= 1_000) show()
    if (terminal) write('\n')
    current = undefined
  }
  const report = (progress: Progress): void => {
    if (current?.step === progress.step) {
      current = progress
      return
    }
    end()
    current = progress
    startedMs = now()
    show()
    ticker = setInterval(show, terminal ? terminalPeriodMs : logPeriodMs)
    ticker.unref()
  }
  return { report, end }
}

/** One line: step, count, elapsed as m:ss. */
export function progressLine({ step, done, total }: Progress, elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1_000)
  const elapsed = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  const count = done === undefined ? '' : ` ${done}${total === undefined ? '' : `/${total}`}`
  return `${step}${count}  ${elapsed}`
}
