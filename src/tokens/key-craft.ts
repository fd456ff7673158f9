import { createSecretKey, randomBytes } from 'node:crypto'
import type { KeyCraft, Statement } from '../app/key-craft.ts'
import { signs } from '../app/key-ring.ts'
import type { RingKey, RingName } from '../app/key-ring.ts'
import type { Instant } from '../domain/instant.ts'
import { readPublished, trustData } from './published-trust.ts'
import { hmacKeyBytes, readRing, ringData } from './ring-secret.ts'
import { newSigningKey, publicX } from './signing-key.ts'
import type { SigningKey } from './signing-key.ts'
import { makeStatement } from './statement.ts'

/** What the keeper of keys needs. `pins`: kids of evidence keys with which alone a first reading may begin. */
export function makeKeyCraft(pins: ReadonlySet<string>): KeyCraft {
  return {
    generate,
    readRing,
    ringData,
    publicHalf: (key, use) => ({
      kid: key.id,
      use,
      x: publicX(signerOf(key).privateKey),
      introduction: undefined,
      dismissal: undefined,
    }),
    introduce: async (said) => ({ ...said.key, introduction: await stated(said, 'Introduced') }),
    dismiss: async (said) => ({ ...said.key, dismissal: await stated(said, 'Dismissed') }),
    readTrust: (own, data) => readPublished(own, data, pins),
    trustData,
  }
}

/** Bytes of randomness in the name of an HMAC key: no two keys are to share a name, ever. */
const idBytes = 12

function generate(name: RingName, createdTime: Instant): RingKey {
  const made = { createdTime, retiredTime: undefined }
  if (signs(name)) {
    const { kid, privateKey } = newSigningKey()
    return { ...made, id: kid, secret: privateKey }
  }
  return { ...made, id: randomBytes(idBytes).toString('hex'), secret: createSecretKey(randomBytes(hmacKeyBytes)) }
}

function stated({ key, by, time }: Statement, kind: 'Introduced' | 'Dismissed'): Promise<string> {
  return makeStatement(signerOf(by), kind, { key, time })
}

function signerOf({ id, secret }: RingKey): SigningKey {
  if (secret?.asymmetricKeyType !== 'ed25519') throw new TypeError('a key that cannot sign is asked to')
  return { kid: id, privateKey: secret }
}
