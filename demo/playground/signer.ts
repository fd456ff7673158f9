import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

/** Stands for the part of the Bot Connector that vouches for what it sends. */
export type Signer = {
  /** The OpenID metadata, with the keys at `keysURL`. */
  readonly metadata: (keysURL: string) => object
  readonly keys: () => object
  /** A token for our bot, for something that comes from this service URL: as the Connector's, valid for an hour. */
  readonly token: (serviceURL: string) => string
}

const issuer = 'https://api.botframework.com'
const lifeSeconds = 3600

/**
 * A signer with a key of its own, which vouches for Teams.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export function makeSigner(appID: string): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  const key = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', endorsements: ['msteams'] }
  return {
    metadata: (keysURL) => ({
      issuer,
      jwks_uri: keysURL,
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    keys: () => ({ keys: [key] }),
    token: (serviceURL) => {
      const now = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, aud: appID, serviceurl: serviceURL, nbf: now, exp: now + lifeSeconds }
      const input = [{ alg: 'RS256', typ: 'JWT', kid }, claims].map(encoded).join('.')
      return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
    },
  }
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
