import { describe, expect, test } from '@jest/globals'
import type { TabBallot } from '../../src/app/tab-wire.ts'
import { makeClient } from '../../src/tab/client.ts'
import { follow } from '../../src/tab/follow.ts'
import { connect } from '../../src/tab/session.ts'
import type { Host } from '../../src/tab/session.ts'
import { makeFakeClock } from '../fake/clock.ts'
import { until } from '../until.ts'

const never = new Promise<never>(() => undefined)

function host(changes: Partial<Host> = {}): Host {
  return {
    alone: () => false,
    initialize: async () => undefined,
    context: async () => ({ theme: 'dark', page: 'apr-1' }),
    token: async () => 'token-1',
    onTheme: () => undefined,
    shown: () => undefined,
    ...changes,
  }
}

describe('connecting to Teams', () => {
  test('takes the theme and what is to be opened', async () => {
    const { sleep } = makeFakeClock()
    expect(await connect(host(), sleep)).toEqual({ theme: 'dark', page: 'apr-1' })
    const unknown = host({ context: async () => ({ theme: 'glass', page: undefined }) })
    expect(await connect(unknown, sleep)).toEqual({ theme: 'default', page: undefined })
  })

  test('a page that nobody frames is outside of Teams at once, and asks nobody', async () => {
    const clock = makeFakeClock()
    expect(await connect(host({ alone: () => true, initialize: () => never }), clock.sleep)).toBeUndefined()
    expect(clock.sleeping()).toEqual([])
  })

  test.each<[string, Partial<Host>]>([
    ['does not answer', { initialize: () => never }],
    ['does not say where we are', { context: () => never }],
  ])('a frame that %s is outside of Teams after three seconds', async (_what, changes) => {
    const clock = makeFakeClock()
    let session: unknown = 'waiting'
    const done = connect(host(changes), clock.sleep).then((found) => {
      session = found
    })
    await clock.advance(2_999)
    expect(session).toBe('waiting')
    await clock.advance(1)
    await done
    expect(session).toBeUndefined()
  })

  test('a frame that refuses is outside of Teams', async () => {
    const refusing = host({ initialize: () => Promise.reject(new Error('No Parent window found')) })
    expect(await connect(refusing, makeFakeClock().sleep)).toBeUndefined()
  })
})

type Sent = { readonly path: string; readonly init: RequestInit }

function clientWith(answer: () => Promise<Response>, token: () => Promise<string> = async () => 'token-1') {
  const sent: Sent[] = []
  const fetch = async (path: string, init: RequestInit): Promise<Response> => {
    sent.push({ path, init })
    return answer()
  }
  return { sent, client: makeClient({ fetch, token }) }
}

const json = (status: number, body: unknown) => async (): Promise<Response> => Response.json(body, { status })
const ballot: TabBallot = { verdict: 'Deny', comment: 'no', digest: 'd', uid: 'u', click: 'c' }

describe('the API, from the tab', () => {
  test('every question bears the token, and no cookie', async () => {
    const { sent, client } = clientWith(json(200, { version: 'v' }))
    await client.inbox()
    await client.request('apr-1')
    await client.vote('apr-1', ballot)
    await client.changes('a b', AbortSignal.timeout(1_000))
    expect(sent.map(({ path }) => path)).toEqual([
      '/api/tab/requests',
      '/api/tab/requests/apr-1',
      '/api/tab/requests/apr-1/votes',
      '/api/tab/changes?since=a%20b',
    ])
    for (const { init } of sent) {
      expect(init).toMatchObject({ credentials: 'omit', cache: 'no-store', redirect: 'error' })
      expect(init.headers).toMatchObject({ authorization: 'Bearer token-1' })
    }
    expect(sent[2]?.init).toMatchObject({ method: 'POST', body: JSON.stringify(ballot) })
    expect(sent[2]?.init.headers).toMatchObject({ 'content-type': 'application/json' })
  })

  test.each<[string, () => Promise<Response>, RegExp]>([
    [
      'a refusal',
      json(403, { refusal: 'ScopeMissing', words: 'The token does not let this app act.' }),
      /^The token does not/,
    ],
    [
      'a gateway that is away',
      () => Promise.reject(new TypeError('Failed to fetch')),
      /^Countersign cannot be reached\.$/,
    ],
    ['a page of somebody else', async () => new Response('<html>', { status: 200 }), /something else answers/],
    ['an error of somebody else', json(502, { message: 'bad gateway' }), /something else answers/],
    ['nothing', async () => new Response(null, { status: 204 }), /something else answers/],
  ])('%s is told in words', async (_what, answer, problem) => {
    const { client } = clientWith(answer)
    expect(await client.inbox()).toEqual({ problem: expect.stringMatching(problem) })
    expect(await client.vote('apr-1', ballot)).toEqual({ problem: expect.stringMatching(problem) })
  })

  test('without a token nothing is asked', async () => {
    const { sent, client } = clientWith(json(200, {}), () => Promise.reject(new Error('consent_required')))
    expect(await client.inbox()).toEqual({ problem: expect.stringMatching(/^Teams could not sign you in/) })
    expect(sent).toEqual([])
  })
})

describe('following what changes', () => {
  function following(answers: readonly (string | undefined)[], reads: readonly (string | undefined)[]) {
    const clock = makeFakeClock()
    const ended = new AbortController()
    const [asked, lives]: [string[], boolean[]] = [[], []]
    let [answered, read] = [0, 0]
    const done = follow(
      {
        changes: async (since) => {
          asked.push(since)
          const version = answers[answered]
          answered += 1
          if (answered > answers.length) return never
          return version === undefined ? { problem: 'away' } : { version }
        },
        sleep: clock.sleep,
        changed: async () => {
          read += 1
          return reads[read - 1]
        },
        live: (isLive) => void lives.push(isLive),
      },
      undefined,
      ended.signal,
    )
    return { clock, ended, asked, lives, done, reads: () => read }
  }

  test('reads at the beginning, and again whenever the version is another one, and rests after each reading', async () => {
    const { asked, reads, clock } = following(['v1', 'v2', 'v2'], ['v1', 'v2'])
    for (const questions of [0, 2]) {
      await until('it rests', () => clock.sleeping().length === 1)
      expect([asked.length, clock.sleeping()]).toEqual([questions, [1_000]])
      await clock.advance(1_000)
    }
    await until('the last question waits', () => asked.length === 4)
    expect(asked).toEqual(['v1', 'v1', 'v2', 'v2'])
    expect(reads()).toBe(2)
  })

  test('after a failure waits longer each time, says so, reads everything anew, and begins afresh', async () => {
    const { clock, lives, reads, asked } = following([undefined], ['v1', undefined, undefined, 'v2'])
    for (const ms of [1_000, 1_000, 2_000, 4_000, 1_000]) {
      await until('it pauses', () => clock.sleeping().length === 1)
      expect(clock.sleeping()).toEqual([ms])
      await clock.advance(ms)
    }
    await until('it asks again', () => asked.length === 2)
    expect(reads()).toBe(4)
    expect(lives).toEqual([true, false, false, false, true])
  })

  test('ends when nobody looks any more', async () => {
    const { ended, done, clock } = following([], [undefined])
    await until('it pauses', () => clock.sleeping().length === 1)
    ended.abort()
    await done
    expect(clock.sleeping()).toEqual([])
  })
})
