import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { readDecisionRecord } from '../../src/domain/decision-record.ts'
import type { DecisionRecord } from '../../src/domain/evidence.ts'
import type { ApprovalRequestStatus, SignedRecord } from '../../src/domain/kinds.ts'

/** Signs and verifies without leaving the turn: a thread of its own would make a run another one each time. */
export type Keys = {
  readonly sign: (payload: string) => SignedRecord
  readonly read: (status: ApprovalRequestStatus | undefined) => DecisionRecord | undefined
}

export function makeKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    sign: (payload) => {
      const signature = sign(null, Buffer.from(payload), privateKey).toString('base64url')
      return { keyID: 'e-1', protected: 'e30', payload, signature }
    },
    read: (status) => {
      const { payload = '', signature = '' } = status?.record ?? {}
      const holds = verify(null, Buffer.from(payload), publicKey, Buffer.from(signature, 'base64url'))
      return holds ? readDecisionRecord(payload) : undefined
    },
  }
}
