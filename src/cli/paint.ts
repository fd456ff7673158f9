import type { Line } from './briefing.ts'

const codes = { Strong: '1', Added: '32', Removed: '31', Faint: '2' } as const

/** The lines as text, each with its end. */
export function printed(lines: readonly Line[], colour: boolean): string {
  return lines.map((line) => `${colour ? painted(line) : line.text}\n`).join('')
}

function painted({ text, paint }: Line): string {
  return paint === undefined ? text : `\u001b[${codes[paint]}m${text}\u001b[0m`
}
