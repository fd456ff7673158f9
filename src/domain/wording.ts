import { inert, shortened } from './inert.ts'
import type { Instant } from './instant.ts'

/** The longest message to an agent, in characters: more is not read, and the API server logs it. */
export const longestMessage = 700

/** The longest comment of a person that is passed on, in characters. */
export const longestComment = 160

/** What a message is about, as the agent may read it. `action` is a summary: inert, at most 120 characters. */
export type Deed = { readonly action: string; readonly policy: string; readonly digest: string }

/** A request as messages cite it. */
export type CitedRequest = Deed & { readonly namespace: string; readonly name: string }

/** A decision with a person behind it. */
export type PersonsWord = { readonly by: string; readonly time: Instant; readonly comment: string | undefined }

const longestPolicy = 40
const longestPerson = 40

/** `10:24Z`: what is minutes away needs no date. */
export function clockTime(time: Instant): string {
  const minutes = Math.floor(time / 60_000) % 1440
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}Z`
}

/** A person's own words: inert, short, and in quotes so that they are told from ours. */
export function quoted(comment: string): string {
  return `"${shortened(inert(comment).text.replaceAll('"', "'"), longestComment)}"`
}

export function policyName(policy: string): string {
  return shortened(inert(policy).text, longestPolicy)
}

export function personName(person: string): string {
  return shortened(inert(person).text, longestPerson)
}

/** `by Alice Kim at 10:24Z: "the words"`; without words nothing follows the time. */
export function said({ by, time, comment }: PersonsWord): string {
  const words = comment === undefined || comment.trim() === '' ? '' : `: ${quoted(comment)}`
  return `by ${personName(by)} at ${clockTime(time)}${words}`
}

/**
 * The last part of every message, for programs: `[countersign v1 state=Pending … retry=15s]`. Values hold no blank and no
 * bracket; what is undefined is left out.
 */
export function trailer(fields: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value.replace(/[\s[\]]/g, '_')}`],
  )
  return `[countersign v1 ${pairs.join(' ')}]`
}

/** The first eight digits of a digest: enough to tell two apart by eye. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 8)
}

/** The fields of a trailer that name a request. */
export function citing({ namespace, name, digest }: CitedRequest): Readonly<Record<string, string>> {
  return { request: `${namespace}/${name}`, digest: shortDigest(digest) }
}
