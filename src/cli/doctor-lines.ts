import type { Finding } from '../app/doctor-finding.ts'

const signs = { Holds: '✓', Fails: '✗', Open: '…' } as const

/** A finding as text: a line, with its cause and its cure below it. */
export function findingLines({ sign, what, cause, cure }: Finding): string {
  const below = [
    ...(cause === undefined ? [] : [`     why: ${cause}`]),
    ...(cure === undefined ? [] : [`     do:  ${cure}`]),
  ]
  return [` ${signs[sign]} ${what}`, ...below].map((line) => `${line}\n`).join('')
}
