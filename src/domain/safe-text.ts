import { inert } from './inert.ts'

/**
 * What a stored text may do where it is shown: nothing. Most of it was made inert before it was stored, and shows as it
 * is; whatever still has a character that does something is written out here.
 */
export function safe(text: string): string {
  const escapes = text.replaceAll('\\u{', '').replaceAll('<masked ', '')
  return inert(escapes).escaped ? inert(text).text : text
}

/** The same for a text of several lines. */
export function safeLines(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n').map(safe)
}

/** A text that says something. */
export function isSaid(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}
