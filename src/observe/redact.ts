import { inert, shortened } from '../domain/inert.ts'
import { credentialSpans } from '../domain/secrets.ts'

const longest = 300

/** A message of an error as it may be logged: one line, nothing that looks like a credential, and not long. */
export function redacted(message: string): string {
  const spans = credentialSpans(message.slice(0, 10 * longest))
  const shown = spans.toReversed().reduce(
    (text, { start, end, kind }) => {
      return `${text.slice(0, start)}[${kind}]${text.slice(end)}`
    },
    message.slice(0, 10 * longest),
  )
  return shortened(inert(shown.replaceAll(/\s+/g, ' ')).text, longest)
}
