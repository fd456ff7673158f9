import { decodedText } from './encoded-text.ts'
import { inertLines } from './inert.ts'
import { credentialSpans } from './secrets.ts'
import type { Span } from './span.ts'

/** Makes the tag of a hidden value: changed values get other tags, and the tag tells nothing else. */
export type Tag = (value: string) => string

/** A text as people may see it. */
export type MaskedText = {
  readonly text: string
  readonly masked: boolean
  readonly escaped: boolean
  /** Something stays hidden that may be run. */
  readonly hiddenExecutable: boolean
}

/** Could this be run, in the place where it stands? What could, and stays hidden, is told. */
export type Suspicion = (hidden: string) => boolean

/** Hides the whole text. Neither its bytes nor its length show. */
export function hideText(value: string, kind: string, tag: Tag): MaskedText {
  return { text: hidden(value, kind, tag), masked: true, escaped: false, hiddenExecutable: false }
}

/** Hides what looks like a credential; the rest stays, made inert. */
export function maskText(value: string, tag: Tag, suspicion: Suspicion): MaskedText {
  const spans = credentialSpans(value)
  const hiddenExecutable = spans.some(({ start, end }) => suspicion(value.slice(start, end)))
  return { ...hideSpans(value, spans, tag), hiddenExecutable }
}

/**
 * For a place from which a text may be run: masking must not hide a payload. A match that could be a script, or that
 * decodes to one, is shown; what stays hidden is told.
 */
export function maskExecutableText(value: string, tag: Tag): MaskedText {
  const spans = credentialSpans(value, 'Words').filter(({ start, end }) => !mayCarryPayload(value.slice(start, end)))
  return { ...hideSpans(value, spans, tag), hiddenExecutable: spans.length > 0 }
}

/**
 * White space, or a character with which a shell joins, expands or redirects commands; or base64 or hexadecimal of a text
 * that has one. Not what merely stands in passwords: quotes, `!`, `?`, `#`, `*`, `~`.
 */
export function mayCarryPayload(value: string): boolean {
  return mayHold(/[\s;|&$`<>(){}]/, value)
}

/** White space, plain or encoded: passwords have all the other characters of a shell, but rarely this. */
export function looksLikeText(value: string): boolean {
  return mayHold(/\s/, value)
}

const pem = /^-----BEGIN ([A-Z ]{0,32}PRIVATE KEY)-----\n([A-Za-z0-9+/=\n]+)-----END \1-----\n?$/

/** A well-formed private key is a credential for all its line breaks. */
function mayHold(mark: RegExp, value: string): boolean {
  const body = pem.exec(value)?.[2]
  if (body === undefined && mark.test(value)) return true
  const decoded = decodedText(body?.replaceAll('\n', '') ?? value)
  return decoded !== undefined && (body !== undefined || mayHold(mark, decoded))
}

function hideSpans(value: string, spans: readonly Span[], tag: Tag): MaskedText {
  let text = ''
  let from = 0
  let escaped = false
  for (const span of [...spans, { start: value.length, end: value.length, kind: '' }]) {
    const shown = inertLines(value.slice(from, span.start))
    text += shown.text
    escaped ||= shown.escaped
    if (span.end > span.start) text += hidden(value.slice(span.start, span.end), span.kind, tag)
    from = span.end
  }
  return { text, masked: spans.length > 0, escaped, hiddenExecutable: false }
}

function hidden(value: string, kind: string, tag: Tag): string {
  return `<masked ${kind}, tag ${tag(value)}>`
}
