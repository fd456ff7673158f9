const secretWords = new Set(
  'auth authorization bearer cookie cred credential credentials creds dsn htpasswd jwt pass passphrase passwd password passwords psk pw pwd secret secrets sig token tokens'.split(
    ' ',
  ),
)
const secretKeys = new Set(
  'access account api client encryption license master private secret shared signing ssh'.split(' '),
)
/** Words written together: `PGPASSWORD`, `authtoken`, `clientsecret`, `accesskey`. */
const runTogether =
  /(?:passphrase|passwd|password|secret|token|credential)s?$|^(?:api|access|private|secret|encryption|signing|master|shared)keys?$|^connectionstring$/

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

/** Does even a number under this name look like a credential? `maxTokens: 5` is none, `password: 1234` is. */
export function isPasswordName(name: string): boolean {
  return /^(?:pass|passphrase|passwd|pwd|\w*password)$/.test(wordsOf(name).at(-1) ?? '')
}

/** Does a list under this name hold credentials? `tokens: […]`; not `secrets: […]`, which names objects. */
export function isSecretListName(name: string): boolean {
  return isSecretName(name) && wordsOf(name).at(-1) !== 'secrets'
}

const switches = /^(?:true|false|yes|no|none|null|nil|on|off|enabled|disabled)?$/i
const references = /^(?:\$(?:\{\w+\}|\(\w+\)|[A-Z_][A-Z0-9_]*)|\{\{[^{}]*\}\})$/

/** A switch, nothing, or a reference to a value elsewhere: no credential, whatever its name. */
export function isNoCredential(value: string): boolean {
  return value.length <= longestName && (switches.test(value) || references.test(value))
}

function isSecretWord(word: string, next: string | undefined): boolean {
  if (secretWords.has(word) || runTogether.test(word)) return true
  return (/^keys?$/.test(next ?? '') && secretKeys.has(word)) || (word === 'connection' && next === 'string')
}

const longestName = 256

/** Lower-case words; digits at the end of a word only count things. */
function wordsOf(name: string): readonly string[] {
  const parted = name
    .slice(-longestName)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
  return parted
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/(?<=[a-z])\d+$/, ''))
    .filter((word) => word !== '')
}
