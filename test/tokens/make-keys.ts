import { newSigningKey, publicX } from '../../src/tokens/signing-key.ts'
import type { SigningKey } from '../../src/tokens/signing-key.ts'
import type { KeyUse, TrustedKey } from '../../src/domain/trust.ts'
import { makeStatement } from '../../src/tokens/statement.ts'

/** When statements about keys are made in tests. */
const statedTime = Date.UTC(2026, 2, 1)

/** The public half of a key, without statements. */
export function published({ kid, privateKey }: SigningKey, use: KeyUse): TrustedKey {
  return { kid, use, x: publicX(privateKey), introduction: undefined, dismissal: undefined }
}

export async function introduced(key: TrustedKey, by: SigningKey): Promise<TrustedKey> {
  return { ...key, introduction: await makeStatement(by, 'Introduced', { key, time: statedTime }) }
}

export async function dismissed(key: TrustedKey, by: SigningKey): Promise<TrustedKey> {
  return { ...key, dismissal: await makeStatement(by, 'Dismissed', { key, time: statedTime }) }
}

/** An operator's first evidence and gateway keys, and the set in which they are published. */
export async function firstKeys(): Promise<{
  readonly evidence: SigningKey
  readonly gateway: SigningKey
  readonly trust: readonly [TrustedKey, TrustedKey]
}> {
  const evidence = newSigningKey()
  const gateway = newSigningKey()
  const root = published(evidence, 'evidence')
  return { evidence, gateway, trust: [root, await introduced(published(gateway, 'gateway'), evidence)] }
}
