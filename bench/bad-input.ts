import { readReview } from '../src/webhook/admission.ts'
import type { Unreadable } from '../src/webhook/admission.ts'
import { compare } from './compare.ts'
import type { Candidate } from './compare.ts'
import { configMap } from './config-map.ts'
import type { Section } from './section.ts'

export const badInput: Section = {
  name: 'bad-input',
  about:
    'From the bytes of a body that is no review that we take to its named refusal, against JSON.parse of the same.',
  run: ({ meter, plan }) => {
    const once = { meter, plan: { ...plan, warmMicros: 0, sliceMicros: 0 } }
    return bodies.flatMap((body) => compare(once, candidatesOf(body), 'ms'))
  },
}

type Body = { readonly name: string; readonly fault: Unreadable['fault']; readonly make: () => string | Uint8Array }

const megabyte = 1024 * 1024
const limit = 16 * megabyte

/** As large as a body may be, most of it one string; `tail` stands where the string ends. */
function filled(head: string, tail: string): string {
  return head + 'x'.repeat(limit - head.length - 2 * tail.length) + tail
}

function keys(count: number): string {
  return Array.from({ length: count }, (_, index) => `"key-${index}":0,`).join('')
}

const bodies: readonly Body[] = [
  { name: '20 MiB', fault: 'TooLarge', make: () => new Uint8Array(20 * megabyte).fill(32) },
  { name: '200,000 deep', fault: 'TooDeep', make: () => '['.repeat(200_000) + ']'.repeat(200_000) },
  { name: '8 million values', fault: 'TooManyValues', make: () => `[${'1,'.repeat(8_000_000 - 1)}1]` },
  { name: '300,000 values, no review', fault: 'NotAReview', make: () => `[${'"0123456789",'.repeat(299_998)}1]` },
  {
    name: 'files of 16 MiB, cut off',
    fault: 'NotJson',
    make: () => JSON.stringify(configMap(limit)).slice(0, limit),
  },
  { name: 'string of 16 MiB, cut off', fault: 'NotJson', make: () => filled('{"data":"', '') },
  { name: 'same key after 49,000 others', fault: 'DuplicateKey', make: () => `{${keys(49_000)}"key-0":0}` },
  { name: '299,000 keys in one object', fault: 'TooManyKeys', make: () => `{${keys(299_000)}"key":0}` },
  {
    name: '__proto__ at the end of 16 MiB',
    fault: 'ForbiddenKey',
    make: () => filled('{"data":"', '","__proto__":0}'),
  },
  { name: 'lone surrogate at the end of 16 MiB', fault: 'LoneSurrogate', make: () => filled('"', '\\ud800"') },
  { name: 'U+FFFD at the end of 16 MiB', fault: 'ReplacementCharacter', make: () => filled('"', '\ufffd"') },
  { name: 'no UTF-8 at the end of 16 MiB', fault: 'NotUtf8', make: () => new Uint8Array(limit).fill(32).fill(255, -1) },
]

function candidatesOf({ name, fault, make }: Body): readonly Candidate[] {
  const made = make()
  const bytes = typeof made === 'string' ? new TextEncoder().encode(made) : made
  const refuse = (): void => {
    const read = readReview(bytes)
    const found = 'fault' in read ? read.fault : 'no fault'
    if (found !== fault) throw new Error(`${name} gave ${found}, not ${fault}`)
  }
  return [
    { figure: `${name}: JSON.parse`, run: () => parse(bytes) },
    { figure: `${name}: ${fault}`, run: refuse, goal: { of: 'value', atMost: 50 } },
  ]
}

/** The document, or the error that was thrown: what a reader without rules of its own would do. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    return error
  }
}
