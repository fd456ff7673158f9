import { canonical } from '../domain/canonical.ts'
import type { Instant } from '../domain/instant.ts'
import { textAt } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'
import type { TrustedKey } from '../domain/trust.ts'
import { signCompact } from './sign.ts'
import type { SigningKey } from './signing-key.ts'
import { verifyCompact } from './verify.ts'
import type { VerifyingKeys } from './verify.ts'

/** `Introduced`: the signer vouches for the key. `Dismissed`: nothing signed with it counts any more. */
export type StatementKind = 'Introduced' | 'Dismissed'

/** A signed statement about a key: the kid says which key it is, since it is its thumbprint. */
export function makeStatement(
  by: SigningKey,
  statement: StatementKind,
  { key, time }: { readonly key: TrustedKey; readonly time: Instant },
): Promise<string> {
  const { kid, use } = key
  return signCompact(by, 'Key', canonical({ statement, kid, use, time: new Date(time).toISOString() }))
}

const limits = { bytes: 4096, depth: 4, nodes: 64, keys: 1000, paths: 4096 }

/** The kid of the evidence key that truly says this of this key; undefined when none of `keys` does. */
export async function stater(
  keys: VerifyingKeys,
  statement: StatementKind,
  { key, jws }: { readonly key: TrustedKey; readonly jws: string | undefined },
): Promise<string | undefined> {
  if (jws === undefined) return undefined
  const read = await verifyCompact(keys, 'Key', jws)
  if ('fault' in read) return undefined
  const said = readJson(new TextEncoder().encode(read.payload), limits)
  if ('fault' in said || textAt(said.value, 'statement') !== statement) return undefined
  return textAt(said.value, 'kid') === key.kid && textAt(said.value, 'use') === key.use ? read.kid : undefined
}
