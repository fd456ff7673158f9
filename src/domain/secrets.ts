import { decodedText } from './encoded-text.ts'

/** A stretch of a text that looks like a credential; `kind` says what it looks like, in words for people. */
export type Span = { readonly start: number; readonly end: number; readonly kind: string }

const secretWords = new Set(
  'auth authorization bearer cookie cred credential credentials creds dsn htpasswd jwt pass passphrase passwd password passwords pwd secret secrets token tokens'.split(
    ' ',
  ),
)
const secretKeys = new Set(
  'access account api client encryption license master private secret shared signing ssh'.split(' '),
)
const runTogether = /^(?:api|access|private|secret|encryption|signing|master|shared)key$|^connectionstring$/

/** Last words of names that speak about a credential and do not hold one: `secretName`, `tokenPath`, `AUTH_MODE`. */
const aboutWords = new Set(
  'algorithm audience audiences count disabled enabled endpoint expiration expiry file format host id ids interval issuer length limit method mode name names namespace path policy port ref refs required seconds server size timeout ttl type uri url version'.split(
    ' ',
  ),
)

/** Does a field, variable or flag of this name hold a credential? `DB_PASSWORD`, `apiKey`, `--token`; not `secretName`. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name)
  const last = words.at(-1)
  if (last === undefined || aboutWords.has(last)) return false
  return words.some((word, index) => isSecretWord(word, words[index + 1]))
}

function isSecretWord(word: string, next: string | undefined): boolean {
  if (secretWords.has(word) || runTogether.test(word)) return true
  return (next === 'key' && secretKeys.has(word)) || (word === 'connection' && next === 'string')
}

const longestName = 256

function wordsOf(name: string): readonly string[] {
  const parted = name
    .slice(-longestName)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
  return parted
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

/**
 * Token shapes that issuers document, each with bounded repetition so that no text makes a search slow. Where a shape has
 * a group, the group alone is the credential.
 */
const shapes: readonly (readonly [kind: string, shape: RegExp])[] = [
  ['JSON Web Token', /\beyJ[\w-]{8,2048}\.[\w-]{8,4096}(?:\.[\w-]{0,1024})?/dg],
  ['GitHub token', /\b(?:gh[opsur]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255})/dg],
  ['GitLab token', /\bglpat-[\w-]{16,255}/dg],
  ['Slack token', /\b(?:xox[abeprs]|xapp)-[A-Za-z0-9-]{10,255}/dg],
  ['AWS access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/dg],
  ['Google API key', /\bAIza[\w-]{35}/dg],
  ['Stripe key', /\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,255}/dg],
  ['API key', /\bsk-[\w-]{20,255}/dg],
  ['npm token', /\bnpm_[A-Za-z0-9]{30,64}/dg],
  ['SendGrid key', /\bSG\.[\w-]{16,64}\.[\w-]{16,128}/dg],
  ['authorization header', /\b(?:Bearer|Basic)[ \t]{1,8}([\w.~+/=-]{8,4096})/dgi],
  ['password in a URL', /:\/\/[^\s/:@]{0,256}:([^\s/@]{1,256})@/dg],
  ['private key', /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----/dg],
]

/** `name=value`, `"name": "value"`, `--name value`: found by the sign, judged by the name before it. */
const assignment =
  /([A-Za-z0-9_.-]{1,64})["']?[ \t]{0,4}[=:][ \t]{0,4}(?:"([^"\n]{1,4096})"|'([^'\n]{1,4096})'|([^\s"',;&]{1,4096}))/dg
const flag =
  /--?([A-Za-z][A-Za-z0-9_-]{1,63})[ \t]{1,4}(?:"([^"\n]{1,4096})"|'([^'\n]{1,4096})'|([^\s"'-][^\s"']{0,4095}))/dg

const denseToken = /[A-Za-z0-9+/_-]{24,512}={0,2}/dg

/** Every stretch of `text` that looks like a credential, sorted, none overlapping. Linear in the length of the text. */
export function credentialSpans(text: string): readonly Span[] {
  const spans = [
    ...privateKeySpans(text),
    ...shapeSpans(text),
    ...namedSpans(text, assignment),
    ...namedSpans(text, flag),
    ...denseSpans(text),
  ]
  return withoutOverlap(spans)
}

function shapeSpans(text: string): readonly Span[] {
  return shapes.flatMap(([kind, shape]) =>
    [...text.matchAll(shape)].flatMap(({ indices }) => spanOf(indices?.[1] ?? indices?.[0], kind)),
  )
}

/** From the first line of a private key to its last, or to the end of a text that breaks off before. */
function privateKeySpans(text: string): readonly Span[] {
  const spans: Span[] = []
  for (const { index } of text.matchAll(/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----/g)) {
    if (index < (spans.at(-1)?.end ?? 0)) continue
    const last = /-----END [A-Z ]{0,32}PRIVATE KEY-----/g
    last.lastIndex = index
    spans.push({ start: index, end: last.test(text) ? last.lastIndex : text.length, kind: 'private key' })
  }
  return spans
}

function namedSpans(text: string, named: RegExp): readonly Span[] {
  return [...text.matchAll(named)]
    .filter(([, name]) => name !== undefined && isSecretName(name))
    .flatMap(({ indices }) => spanOf(indices?.[2] ?? indices?.[3] ?? indices?.[4], 'value of a secret name'))
}

function denseSpans(text: string): readonly Span[] {
  return [...text.matchAll(denseToken)]
    .filter(([token]) => isDense(token) && !isReadable(token))
    .flatMap(({ indices }) => spanOf(indices?.[0], 'random-looking value'))
}

function spanOf(range: readonly [number, number] | undefined, kind: string): readonly Span[] {
  return range === undefined ? [] : [{ start: range[0], end: range[1], kind }]
}

/** Readable once decoded, and no credential then: a script or a certificate in base64 is for people to see. */
function isReadable(token: string): boolean {
  const text = decodedText(token)
  return text !== undefined && shapeSpans(text).length === 0 && namedSpans(text, assignment).length === 0
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

function withoutOverlap(spans: readonly Span[]): readonly Span[] {
  const kept: Span[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1)
    if (last === undefined || span.start >= last.end) kept.push(span)
    else if (span.end > last.end) kept[kept.length - 1] = { ...last, end: span.end }
  }
  return kept
}
