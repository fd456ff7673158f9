import { decodedText } from './encoded-text.ts'
import { namedSpans } from './secret-values.ts'
import type { NamedValues } from './secret-values.ts'
import { joined } from './span.ts'
import type { Span } from './span.ts'

/**
 * Token shapes that issuers document. What may repeat without end begins where nothing like it stands before, and nothing
 * must follow it: so no text makes a search slow. Where a shape has a group, the group alone is the credential.
 */
const shapes: readonly (readonly [kind: string, shape: RegExp])[] = [
  ['JSON Web Token', /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/dg],
  ['GitHub token', /\b(?:gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/dg],
  ['GitLab token', /\bglpat-[\w-]{16,}/dg],
  ['Slack token', /\b(?:xox[abeprs]|xapp)-[A-Za-z0-9-]{10,}/dg],
  ['Slack webhook', /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/([\w/-]{8,})/dg],
  ['AWS access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/dg],
  ['Google API key', /\bAIza[\w-]{35}/dg],
  ['Google access token', /\bya29\.[\w-]{20,}/dg],
  ['Stripe key', /\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}/dg],
  ['API key', /\bsk-[\w-]{20,}/dg],
  ['npm token', /\bnpm_[A-Za-z0-9]{30,}/dg],
  ['PyPI token', /\bpypi-[\w-]{40,}/dg],
  ['Hugging Face token', /\bhf_[A-Za-z0-9]{30,}/dg],
  ['Vault token', /\bhv[sb]\.[\w-]{20,}/dg],
  ['DigitalOcean token', /\bdo[opr]_v1_[a-f0-9]{32,}/dg],
  ['Grafana token', /\bgl(?:sa|c)_[\w=]{20,}/dg],
  ['SendGrid key', /\bSG\.[\w-]{16,64}\.[\w-]{16,}/dg],
  ['age key', /\bAGE-SECRET-KEY-1[A-Z0-9]{20,}/dg],
  ['authorization header', /\b(?:Bearer|Basic)[ \t]{1,8}([\w.~+/=-]{8,})/dgi],
  [
    'authorization header',
    /\bauthorization["'\\]{0,4}[ \t]{0,8}[:=][ \t"'\\]{1,8}[a-z][\w-]{0,31}[ \t]{1,8}([^\s"'\\,;]{4,})/dgi,
  ],
  ['private key', /-----END [A-Z ]{0,32}PRIVATE KEY(?: BLOCK)?-----/dg],
  ['password in a URL', /:\/\/[^\s/:@]{0,256}:([^\s/]{1,256})@/dg],
  ['password of a user', /(?<!\S)(?:-u|--user)[ \t=]{1,8}["']?[^\s:"']{1,64}:(?!\d{1,10}(?:\s|$))([^\s"']+)/dg],
  ['password line', /(?<=^[ \t]{0,64})(?:requirepass|masterauth|password|passwd)[ \t]{1,64}([^\s=:]\S*)/dgim],
  ['password line', /\blogin[ \t]{1,8}\S{1,256}[ \t]{1,8}password[ \t]{1,8}(\S+)/dgi],
]

/** What is shorter, without a sign and without white space, has none of the shapes. */
const shortest = 15

/** Every stretch of `text` that looks like a credential, sorted, none touching. Linear in the length of the text. */
export function credentialSpans(text: string, values: NamedValues = 'Lines'): readonly Span[] {
  if (text.length < shortest && !/[=:>\s]/.test(text)) return []
  const spans = [...privateKeySpans(text), ...shapeSpans(text), ...namedSpans(text, values), ...denseSpans(text)]
  return joined(spans.filter(({ start, end }) => end > start))
}

function shapeSpans(text: string): readonly Span[] {
  return shapes.flatMap(([kind, shape]) =>
    [...text.matchAll(shape)].flatMap(({ indices }) => spanOf(indices?.[1] ?? indices?.[0], kind)),
  )
}

const privateKey = /-----BEGIN [A-Z ]{0,32}PRIVATE KEY(?: BLOCK)?-----/g

/** From the first line of a private key to its last, or to the end of a text that breaks off before. */
function privateKeySpans(text: string): readonly Span[] {
  const spans: Span[] = []
  for (const { index } of text.matchAll(privateKey)) {
    if (index < (spans.at(-1)?.end ?? 0)) continue
    const last = /-----END [A-Z ]{0,32}PRIVATE KEY(?: BLOCK)?-----/g
    last.lastIndex = index
    spans.push({ start: index, end: last.test(text) ? last.lastIndex : text.length, kind: 'private key' })
  }
  return spans
}

const denseToken = /[A-Za-z0-9+_-][A-Za-z0-9+/_-]{23,}={0,2}/g

function denseSpans(text: string): readonly Span[] {
  const open = publicBlocks(text)
  return [...text.matchAll(denseToken)]
    .filter(({ 0: token, index }) => !open(index) && isDense(token) && !isReadable(token))
    .map(({ 0: token, index }) => ({ start: index, end: index + token.length, kind: 'random-looking value' }))
}

const publicBlock =
  /-----BEGIN (CERTIFICATE|CERTIFICATE REQUEST|PUBLIC KEY|X509 CRL)-----[A-Za-z0-9+/=\s]*-----END \1-----/g

/** Tells whether a place lies in a certificate or a public key, asked from the start of the text to its end. */
function publicBlocks(text: string): (index: number) => boolean {
  const blocks = [...text.matchAll(publicBlock)].map(({ 0: block, index }) => ({ index, end: index + block.length }))
  let next = 0
  return (index) => {
    while (next < blocks.length && (blocks[next]?.end ?? 0) <= index) next += 1
    return (blocks[next]?.index ?? Infinity) <= index
  }
}

function spanOf(range: readonly [number, number] | undefined, kind: string): readonly Span[] {
  return range === undefined ? [] : [{ start: range[0], end: range[1], kind }]
}

/** Readable once decoded, and no credential then: a script or a certificate in base64 is for people to see. */
function isReadable(token: string): boolean {
  const text = decodedText(token)
  return text !== undefined && credentialSpans(text).length === 0
}

/** Mixed letters and digits that are spread like noise: at least 4 bits a character (Shannon). Not hexadecimal digests. */
function isDense(token: string): boolean {
  return /[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token) && bitsPerCharacter(token) >= 4
}

function bitsPerCharacter(token: string): number {
  const counts = new Map<string, number>()
  for (const character of token) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / token.length) * Math.log2(count / token.length)
  return bits
}
