import type { CommandResult } from '../cluster/command.ts'

/** Throws what the command printed when it ended with another code. */
export function expectCode({ code, stdout, stderr }: CommandResult, wanted: number): void {
  if (code !== wanted) throw new Error(`exit code ${code} where ${wanted} was due: ${stdout}${stderr}`)
}

/** Throws when one of the parts is not in the text. */
export function expectText(text: string, ...wanted: readonly string[]): void {
  const missing = wanted.find((part) => !text.includes(part))
  if (missing !== undefined) throw new Error(`"${missing}" is not in: ${text}`)
}
