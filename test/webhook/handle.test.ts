import { describe, expect, test } from '@jest/globals'
import type { Answer } from '../../src/app/answer.ts'
import type { Call } from '../../src/app/gated-call.ts'
import { unreviewable } from '../../src/domain/unreviewable-message.ts'
import { makeHandler } from '../../src/webhook/handle.ts'
import type { HandlePorts } from '../../src/webhook/handle.ts'
import type { Posted } from '../../src/webhook/server.ts'
import { bytes, deployment, reviewText } from '../make.ts'

const allow: Answer = { kind: 'Allow', warnings: [], annotations: {} }
const uid = '705ab4f5-6393-11e8-b7cc-42010a800002'

function posted(body: string, timeoutMs?: number): Posted {
  return { body: bytes(body), cutOff: false, timeoutMs, gone: new AbortController().signal }
}

function handler(changes: Partial<HandlePorts>) {
  const ports = {
    admit: () => allow,
    elapsed: () => 5_000,
    failed: () => undefined,
    unreadable: () => undefined,
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
    expect(calls[0]?.deadline).toBe(5_000 + left)
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
    await handle(posted(body))
    expect(asked).toBe(2)
  })

  test('another body under the same uid is another call, and gets its own answer', async () => {
    const asked: string[] = []
    const handle = handler({
      admit: ({ action }) => {
        asked.push(action.name)
        return Promise.resolve({ ...allow, warnings: [action.name] })
      },
    })
    const other = reviewText({ name: 'api', object: deployment(), oldObject: deployment() })
    const answers = await Promise.all([body, other, body, other].map(async (text) => handle(posted(text))))
    expect(asked).toEqual(['web', 'api'])
    expect(answers.map((answer) => JSON.parse(answer.body).response.warnings)).toEqual([
      ['web'],
      ['api'],
      ['web'],
      ['api'],
    ])
  })

  describe('goes on while somebody waits for the answer', () => {
    function waiting() {
      const calls: Call[] = []
      const handle = handler({ admit: (call) => (calls.push(call), new Promise<Answer>(() => undefined)) })
      const callers = [new AbortController(), new AbortController()] as const
      const send = (caller: AbortController) => void handle({ ...posted(body), gone: caller.signal })
      return { calls, callers, send }
    }

    test('and ends when the only one has gone', () => {
      const { calls, callers, send } = waiting()
      send(callers[0])
      expect(calls[0]?.gone.aborted).toBe(false)
      callers[0].abort()
      expect(calls[0]?.gone.aborted).toBe(true)
    })

    test.each([
      ['first', 0, 1],
      ['second', 1, 0],
    ] as const)('not when the %s of two has gone, but when both have', (_which, one, other) => {
      const { calls, callers, send } = waiting()
      callers.forEach(send)
      callers[one].abort()
      expect(calls.map(({ gone }) => gone.aborted)).toEqual([false])
      callers[other].abort()
      expect(calls.map(({ gone }) => gone.aborted)).toEqual([true])
    })

    test('and begins anew for one who comes after all have gone', () => {
      const { calls, callers, send } = waiting()
      send(callers[0])
      callers[0].abort()
      send(callers[1])
      expect(calls.map(({ gone }) => gone.aborted)).toEqual([true, false])
    })

    test('not for one who had gone before it began', () => {
      const { calls, callers, send } = waiting()
      callers[0].abort()
      send(callers[0])
      expect(calls[0]?.gone.aborted).toBe(true)
    })
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
      auditAnnotations: { decision: 'Refused', reason: 'RecordUnavailable' },
    })
    expect(answer.body).not.toContain('broken')
    expect(errors).toHaveLength(1)
  })

  test.each<readonly [string, Posted, string, string]>([
    ['that cannot be read', posted(body.slice(0, -20)), 'NotJson', 'it is not JSON'],
    ['of which only the beginning was read', { ...posted(body), cutOff: true }, 'TooLarge', 'it is larger than 16 MiB'],
  ])('a body %s is refused under its own uid, and counted', async (_which, given, fault, words) => {
    const counted: string[] = []
    const answer = await handler({ unreadable: (found) => counted.push(found) })(given)
    expect(JSON.parse(answer.body).response).toMatchObject({
      uid,
      allowed: false,
      status: { code: 403, reason: 'Unreviewable', message: unreviewable(words).message },
      auditAnnotations: { decision: 'Refused', reason: 'Unreviewable' },
    })
    expect(counted).toEqual([fault])
  })

  test('a body that is too large and names no uid is a bad request', async () => {
    const answer = await handler({})({ ...posted('x'), cutOff: true })
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('larger than 16 MiB') })
  })
})
