import type { UnsignedVote } from '../app/cast-vote-ports.ts'
import { canonical } from '../domain/canonical.ts'
import type { Json } from '../domain/json.ts'
import type { ApprovalVoteSpec } from '../domain/kinds.ts'
import { signDetached } from './sign.ts'
import type { SigningKey } from './signing-key.ts'
import { verifyDetached } from './verify.ts'
import type { SignatureFault, VerifyingKeys } from './verify.ts'

/** The vote with the gateway's signature over all the rest of it. */
export async function signVote(key: SigningKey, vote: UnsignedVote): Promise<ApprovalVoteSpec> {
  const signature = await signDetached(key, 'Vote', canonical(vote))
  return { ...vote, evidence: { ...vote.evidence, signature } }
}

/**
 * Why a vote is not proven to come from the gateway; undefined when it is. A vote without evidence is `Malformed` here: it
 * has no signature, the API server alone vouches for it. Never rejects.
 */
export async function voteFault(keys: VerifyingKeys, vote: ApprovalVoteSpec): Promise<SignatureFault | undefined> {
  if (vote.evidence === undefined) return 'Malformed'
  const { signature, ...evidence } = vote.evidence
  const unsigned: Json = { ...vote, evidence }
  const read = await verifyDetached(keys, 'Vote', { signature, payload: canonical(unsigned) })
  return 'fault' in read ? read.fault : undefined
}
