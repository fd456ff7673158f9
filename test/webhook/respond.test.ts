import { describe, expect, test } from '@jest/globals'
import { respond, unreadable } from '../../src/webhook/respond.ts'

const annotations = { decision: 'Gated' }

function response(answer: Parameters<typeof respond>[1]) {
  const { status, body } = respond('call-1', answer)
  return { status, ...JSON.parse(body) }
}

describe('an answer over the wire', () => {
  test('allowed: the same uid, warnings and audit annotations', () => {
    expect(response({ kind: 'Allow', warnings: ['w'], annotations })).toEqual({
      status: 200,
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'call-1', allowed: true, warnings: ['w'], auditAnnotations: annotations },
    })
  })

  test('refused: code, reason, message and details, always all four', () => {
    const refusal = { reason: 'ApprovalDenied', message: 'DENIED' } as const
    expect(response({ kind: 'Refuse', refusal, warnings: [], annotations }).response).toMatchObject({
      allowed: false,
      status: {
        code: 403,
        reason: 'ApprovalDenied',
        message: 'DENIED',
        details: { causes: [{ reason: 'ApprovalDenied' }] },
      },
    })
  })

  test('ask again: 429 with the seconds that become Retry-After', () => {
    expect(response({ kind: 'AskAgain', afterSeconds: 5, message: 'WAITING', annotations }).response).toMatchObject({
      allowed: false,
      status: { code: 429, reason: 'TooManyRequests', message: 'WAITING', details: { retryAfterSeconds: 5 } },
    })
  })

  test('unavailable: the call itself fails with Retry-After, so that the API server sends the same review again', () => {
    expect(respond('call-1', { kind: 'Unavailable', afterSeconds: 1 })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    })
  })

  test('a body that is no review is refused under the uid that it names, else as a bad request', () => {
    const refusal = { reason: 'Unreviewable', message: 'not JSON' } as const
    expect(JSON.parse(unreadable('call-2', refusal).body).response).toMatchObject({ uid: 'call-2', allowed: false })
    expect(unreadable(undefined, refusal).status).toBe(400)
  })
})
