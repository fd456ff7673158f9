import { inert, shortened } from './inert.ts'
import type { Instant } from './instant.ts'

/** The longest message to an agent, in characters: more is not read, and the API server logs it. */
export const longestMessage = 700

/** What a message is about, as the agent may read it. `action` is a summary: inert, at most 120 characters. */
export type Deed = { readonly action: string; readonly policy: string; readonly digest: string }

/** A request as messages cite it. */
export type CitedRequest = Deed & { readonly namespace: string; readonly name: string }

/** A decision with a person behind it. */
export type PersonsWord = { readonly by: string; readonly time: Instant; readonly comment: string | undefined }

/** A pause; who paused need not say since when. */
export type PauseWord = Omit<PersonsWord, 'time'> & { readonly time: Instant | undefined }

/** How long the parts of a message may be that others have written, in characters. */
type Limits = { readonly action: number; readonly name: number; readonly comment: number }

const widest: Limits = { action: 120, name: 40, comment: 160 }
/** The agent knows its own action; of a person's words as much is kept as can be. */
const narrowest: Limits = { action: 32, name: 16, comment: 80 }
const sacrifices = ['action', 'name', 'comment'] as const

/** Writes what others have written into a message: inert, and as long as there is room for. */
export type Pen = {
  readonly action: (summary: string) => string
  readonly name: (name: string) => string
  /** `: "the words"`; nothing where there are none. */
  readonly words: (comment: string | undefined) => string
  /** `by Alice Kim at 10:24Z: "the words"`; without words nothing follows the time. */
  readonly said: (word: PersonsWord) => string
}

/**
 * A message of at most 700 characters with its last part, which is for programs: `[countersign v1 state=Pending …
 * retry=15s]`. Where the whole would be longer, the parts that others have written are shortened, ours never.
 */
export function written(compose: (pen: Pen) => string, fields: Readonly<Record<string, string | undefined>>): string {
  const limits = { ...widest }
  for (const part of sacrifices) {
    while (limits[part] > narrowest[part] && !fits(withTrailer(compose(penOf(limits)), fields))) limits[part] -= 8
  }
  return withTrailer(compose(penOf(limits)), fields)
}

function fits(message: string): boolean {
  return Array.from(message).length <= longestMessage
}

function penOf({ action, name, comment }: Limits): Pen {
  const words = (said: string | undefined): string =>
    said === undefined || said.trim() === '' ? '' : `: ${quoted(said, comment)}`
  return {
    action: (summary) => shortened(summary, action),
    name: (text) => shortName(text, name),
    words,
    said: (word) => `by ${shortName(word.by, name)} at ${clockTime(word.time)}${words(word.comment)}`,
  }
}

/** Values hold no blank and no bracket; what is undefined is left out. Nothing before it looks like it, whoever wrote it. */
function withTrailer(message: string, fields: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value.replace(/[\s[\]]/g, '_')}`],
  )
  return `${message.replaceAll('[countersign', '(countersign')} [countersign v1 ${pairs.join(' ')}]`
}

/** `10:24Z`: what is minutes away needs no date. */
export function clockTime(time: Instant): string {
  const minutes = Math.floor(time / 60_000) % 1440
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}Z`
}

/** A person's own words: inert, short, and in quotes so that they are told from ours. */
export function quoted(comment: string, limit: number): string {
  return `"${shortened(unquoted(comment), limit)}"`
}

/** A name of a policy, a person or a group: inert, short, and without quotes, so that it cannot pass for somebody's words. */
export function shortName(name: string, limit: number): string {
  return shortened(unquoted(name), limit)
}

function unquoted(text: string): string {
  return inert(text).text.replaceAll('"', "'")
}

/** The fields of a trailer that name a request. Eight digits of a digest are enough to tell two apart by eye. */
export function citing({ namespace, name, digest }: CitedRequest): Readonly<Record<string, string>> {
  return { request: `${namespace}/${name}`, digest: digest.replace(/^sha256:/, '').slice(0, 8) }
}
