import { describe, expect, test } from '@jest/globals'
import type { Answer } from '../../src/app/answer.ts'
import type { Call } from '../../src/app/gated-call.ts'
import { makeHandler } from '../../src/webhook/handle.ts'
import type { HandlePorts } from '../../src/webhook/handle.ts'
import type { Posted } from '../../src/webhook/server.ts'
import { bytes, deployment, now, reviewText } from '../make.ts'

const allow: Answer = { kind: 'Allow', warnings: [], annotations: {} }
const uid = '705ab4f5-6393-11e8-b7cc-42010a800002'

function posted(body: string, timeoutMs?: number): Posted {
  return { body: bytes(body), timeoutMs, gone: new AbortController().signal }
}

function handler(changes: Partial<HandlePorts>) {
  const ports = {
    admit: () => allow,
    now: () => now,
    failed: () => undefined,
    callMs: 30_000,
    namespace: 'countersign-system',
  }
  return makeHandler({ ...ports, ...changes })
}

const body = reviewText({ object: deployment(), oldObject: deployment() })

describe('from a body to an answer', () => {
  test('answers without a promise where nothing gates', () => {
    expect(handler({})(posted(body))).toMatchObject({ status: 200 })
  })

  test.each([
    [5_000, 5_000],
    [undefined, 30_000],
  ])('with ?timeout of %s ms the deadline is %d ms from now', (timeoutMs, left) => {
    const calls: Call[] = []
    void handler({ admit: (call) => (calls.push(call), allow) })(posted(body, timeoutMs))
    expect(calls[0]?.deadline).toBe(now + left)
  })

  test('says who called: groups, pod and credential', () => {
    const calls: Call[] = []
    const userInfo = {
      username: 'system:serviceaccount:agents:bot',
      uid: 'u',
      groups: ['system:serviceaccounts'],
      extra: {
        'authentication.kubernetes.io/pod-name': ['bot-7d9f'],
        'authentication.kubernetes.io/pod-uid': ['p-1'],
        'authentication.kubernetes.io/credential-id': ['JTI=1'],
      },
    }
    void handler({ admit: (call) => (calls.push(call), allow) })(
      posted(reviewText({ userInfo, object: {}, oldObject: {} })),
    )
    expect(calls[0]?.caller).toEqual({
      groups: ['system:serviceaccounts'],
      pod: { namespace: 'agents', name: 'bot-7d9f', uid: 'p-1' },
      credentialID: 'JTI=1',
    })
  })

  test('a call that is sent again while it is worked on gets the answer of the first', async () => {
    let asked = 0
    const handle = handler({
      admit: () => {
        asked += 1
        return Promise.resolve(allow)
      },
    })
    const [first, second] = await Promise.all([handle(posted(body)), handle(posted(body))])
    expect([asked, first]).toEqual([1, second])
  })

  test.each([
    [
      'thrown',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejected', () => Promise.reject(new Error('broken'))],
  ])('an error that is %s refuses, and is told to us and not to the agent', async (_how, admit) => {
    const errors: unknown[] = []
    const answer = await handler({ admit, failed: (error) => errors.push(error) })(posted(body))
    expect(JSON.parse(answer.body).response).toMatchObject({
      allowed: false,
      status: { code: 403, reason: 'RecordUnavailable' },
    })
    expect(answer.body).not.toContain('broken')
    expect(errors).toHaveLength(1)
  })

  test('a body that cannot be read is refused under its own uid', async () => {
    const answer = await handler({})(posted(body.slice(0, -20)))
    expect(JSON.parse(answer.body).response).toMatchObject({ uid, allowed: false, status: { reason: 'Unreviewable' } })
  })
})
