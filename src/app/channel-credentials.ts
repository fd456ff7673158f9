import type { AppCredentials } from './access-token.ts'
import type { SecretData } from './secret-store.ts'

/** Keys of the Secret that a channel's credentialsSecretRef names. */
const entries = { secret: 'clientSecret', tokenFile: 'federatedTokenFile' } as const

/** What the Secret says: a client secret, or the path of a projected token; undefined when it has neither. */
export function credentialsIn(data: SecretData): AppCredentials | undefined {
  const secret = textAt(data, entries.secret)
  if (secret !== undefined) return { kind: 'ClientSecret', secret }
  const tokenFile = textAt(data, entries.tokenFile)
  return tokenFile === undefined ? undefined : { kind: 'WorkloadIdentity', tokenFile }
}

/** Whoever writes a Secret with an editor leaves a line break behind. */
function textAt(data: SecretData, key: string): string | undefined {
  const text = Buffer.from(data[key] ?? '', 'base64')
    .toString('utf8')
    .trim()
  return text === '' ? undefined : text
}
