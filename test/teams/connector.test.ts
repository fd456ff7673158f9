import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { AccessToken } from '../../src/app/access-token.ts'
import { makeHttp } from '../../src/http/send.ts'
import { makeConnector } from '../../src/teams/connector.ts'
import type { Connector } from '../../src/teams/connector.ts'
import { makePace } from '../../src/teams/connector-pace.ts'
import { startBotConnector } from '../fake/bot-connector.ts'
import type { ConnectorFault, RunningConnector } from '../fake/bot-connector.ts'
import { at } from '../make-request.ts'

let service: RunningConnector
let tokens: string[]
let got: number
let elapsed: number

beforeEach(async () => {
  service = await startBotConnector()
  tokens = ['good']
  got = 0
  elapsed = 0
})
afterEach(() => service.stop())

const channel = '19:team@thread.tacv2'
const thread = { channelID: channel, tenantID: 't-1', botID: '28:app' }
const hello = { type: 'message', text: 'hello' } as const

function connectorWith(token?: AccessToken, deadlineMs = 1_000): Connector {
  const own: AccessToken = {
    get: () => {
      got += 1
      return Promise.resolve({ token: tokens[0] ?? 'none' })
    },
    forget: () => void tokens.shift(),
  }
  return makeConnector({
    http: makeHttp(),
    token: token ?? own,
    cloud: { serviceHosts: [service.host] },
    pace: makePace(() => elapsed),
    now: () => at('10:20'),
    deadlineMs,
  })
}

/** Faults for the first calls, one each. */
function faults(...list: readonly ConnectorFault[]): void {
  let left = [...list]
  let last: unknown
  let current: ConnectorFault | undefined
  service.fault = (call) => {
    if (call === last) return current
    last = call
    ;[current, ...left] = left
    return current
  }
}

test('begins a thread in a channel, answers in it, and draws a message anew', async () => {
  const connector = connectorWith()
  const sent = await connector.createThread(service.url, thread, hello)
  if (sent.outcome !== 'Sent') throw new Error(JSON.stringify(sent))
  expect(sent.conversationID).toBe(channel)
  const inThread = `${channel};messageid=${sent.messageID}`
  const reply = await connector.post(service.url, inThread, { ...hello, text: 'below' })
  expect(reply).toMatchObject({ outcome: 'Sent' })
  const place = { conversationID: inThread, messageID: sent.messageID }
  expect(await connector.update(service.url, place, { ...hello, text: 'anew' })).toEqual({ outcome: 'Updated' })
  expect(service.seen(channel).map(({ thread: of, shown }) => [of, shown])).toEqual([
    [sent.messageID, 'anew'],
    [sent.messageID, 'below'],
  ])
})

test('reads who is in a conversation, over several pages, and leaves out who has no object id', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  service.members = [
    ...names.map((name) => ({ id: `29:${name}`, aadObjectId: `oid-${name}`, name })),
    { id: '28:bot', name: 'bot' },
  ]
  const members = names.map((name) => ({ id: `29:${name}`, objectID: `oid-${name}`, name }))
  expect(await connectorWith().members(service.url, channel)).toEqual({ outcome: 'Read', members })
  expect(service.calls).toHaveLength(3)
})

test('a host that is not on the list gets no token, and nothing else', async () => {
  const sent = await connectorWith().createThread('https://evil.example.com/teams/', thread, hello)
  expect(sent).toMatchObject({ outcome: 'NotDelivered', failure: 'ServiceUrlNotAllowed' })
  expect(got).toBe(0)
})

const answer = (status: number, more: object = {}): ConnectorFault => ({ do: 'Answer', status, ...more })

describe('what goes wrong is told by its name', () => {
  test.each<readonly [what: string, fault: ConnectorFault, told: string]>([
    ['throttled, with seconds', answer(429, { retryAfter: '7' }), 'Throttled 7000'],
    ['throttled, with a date', answer(429, { retryAfter: 'Sat, 21 Nov 2026 10:20:30 GMT' }), 'Throttled 30000'],
    [
      'throttled, with a date that is over',
      answer(429, { retryAfter: 'Sat, 21 Nov 2026 10:00:00 GMT' }),
      'Throttled 0',
    ],
    ['throttled for a year', answer(429, { retryAfter: '31536000' }), 'Throttled 600000'],
    ['throttled, with nonsense', answer(429, { retryAfter: 'soon' }), 'Throttled'],
    ['a precondition failed', answer(412), 'Throttled'],
    ['too large', answer(413), 'TooLarge'],
    ['too large, by its code', answer(400, { code: 'MessageSizeTooBig' }), 'TooLarge'],
    ['the message was deleted', answer(404, { code: 'ActivityNotFoundInConversation' }), 'Gone'],
    ['somebody on the way knows no such place', answer(404), 'ServiceUnavailable'],
    ['and says so in words of his own', answer(404, { code: 'NotFound' }), 'ServiceUnavailable'],
    ['the conversation is not known just now', answer(404, { code: 'ConversationNotFound' }), 'NotInstalled'],
    ['the bot is not in the team', answer(403, { code: 'BotNotInConversationRoster' }), 'NotInstalled'],
    ['forbidden without a word', answer(403), 'NotInstalled'],
    ['the bot is blocked', answer(403, { code: 'MessageWritesBlocked' }), 'BotBlocked'],
    ['an administrator has blocked it', answer(403, { code: 'BotDisabledByAdmin' }), 'BotBlocked'],
    ['another cloud', answer(403, { code: 'InvalidBotApiHost' }), 'WrongCloud'],
    ['the bot is not registered', answer(401, { code: 'BotNotRegistered' }), 'BotUnknown'],
    ['the service fails', answer(500), 'ServiceUnavailable'],
    ['the service fails and names a time', answer(503, { retryAfter: '2' }), 'ServiceUnavailable 2000'],
    ['the way to it fails', answer(502), 'ServiceUnavailable'],
    ['it leads elsewhere', answer(302), 'ServiceUnavailable'],
    ['it does not like the message', answer(400, { code: 'Bad Argument' }), 'Rejected'],
    ['it hangs', { do: 'Hang' }, 'ServiceUnavailable'],
    ['the connection breaks', { do: 'Drop' }, 'ServiceUnavailable'],
  ])('%s', async (_what, fault, told) => {
    service.fault = () => fault
    const sent = await connectorWith().createThread(service.url, thread, hello)
    if (sent.outcome !== 'NotDelivered') throw new Error('it was delivered')
    expect([sent.failure, ...(sent.againMs === undefined ? [] : [sent.againMs])].join(' ')).toBe(told)
    expect(service.seen()).toEqual([])
  })

  test('a message that was taken, but has no id, counts as not delivered: it could never be drawn anew', async () => {
    service.fault = () => answer(201)
    expect(await connectorWith().createThread(service.url, thread, hello)).toMatchObject({
      failure: 'ServiceUnavailable',
    })
  })

  test('the login refuses, or cannot be reached', async () => {
    const failing = (failure: 'Refused' | 'Unreachable'): AccessToken => ({
      get: () => Promise.resolve({ failure, why: 'AADSTS7000215' }),
      forget: () => undefined,
    })
    const of = (failure: 'Refused' | 'Unreachable') =>
      connectorWith(failing(failure)).createThread(service.url, thread, hello)
    expect(await of('Refused')).toMatchObject({ failure: 'CredentialsRefused', why: 'AADSTS7000215' })
    expect(await of('Unreachable')).toMatchObject({ failure: 'LoginUnreachable' })
    expect(service.calls).toEqual([])
  })
})

describe('a call is made again', () => {
  test('with a new token, once, when the token was not taken', async () => {
    tokens = ['old', 'good']
    expect(await connectorWith().createThread(service.url, thread, hello)).toMatchObject({ outcome: 'Sent' })
    expect(service.calls.map(({ token }) => token)).toEqual(['old', 'good'])
  })

  test('and no more, when the new one is not taken either', async () => {
    tokens = ['old', 'older', 'good']
    const sent = await connectorWith().createThread(service.url, thread, hello)
    expect(sent).toMatchObject({ failure: 'CredentialsRefused' })
    expect(service.calls).toHaveLength(2)
  })

  test('never, when nobody knows whether it was carried out', async () => {
    faults({ do: 'Drop', carriedOut: true })
    await connectorWith().createThread(service.url, thread, hello)
    expect(service.calls).toHaveLength(1)
    expect(service.seen()).toHaveLength(1)
  })

  test('an answer that comes twice is one answer', async () => {
    service.fault = () => ({ do: 'Twice' })
    expect(await connectorWith().createThread(service.url, thread, hello)).toMatchObject({ outcome: 'Sent' })
    expect(service.seen()).toHaveLength(1)
  })
})

describe('what nobody waits for any more', () => {
  test('is given up at once while the service hangs', async () => {
    const life = new AbortController()
    service.fault = () => {
      life.abort()
      return { do: 'Hang' }
    }
    const sent = connectorWith(undefined, 600_000).until(life.signal).post(service.url, 'chat', hello)
    expect(await sent).toMatchObject({ failure: 'ServiceUnavailable', inDoubt: true })
  })

  test('is given up at once while the login hangs, and not sent', async () => {
    const life = new AbortController()
    const hanging: AccessToken = {
      get: () => {
        setImmediate(() => life.abort())
        return new Promise(() => undefined)
      },
      forget: () => undefined,
    }
    const sent = connectorWith(hanging).until(life.signal).post(service.url, 'chat', hello)
    expect(await sent).toMatchObject({ failure: 'Paced' })
    expect(service.calls).toEqual([])
  })

  test('is not begun, and asks for no token', async () => {
    const over = connectorWith().until(AbortSignal.abort())
    expect(await over.post(service.url, 'chat', hello)).toMatchObject({ failure: 'Paced' })
    expect(await over.members(service.url, 'chat')).toMatchObject({ failure: 'Paced' })
    expect([got, service.calls.length]).toEqual([0, 0])
  })
})

describe('it is in doubt whether a message was taken', () => {
  test.each<readonly [when: string, fault: ConnectorFault, inDoubt: boolean]>([
    ['nobody answers', { do: 'Hang' }, true],
    ['the connection breaks', { do: 'Drop' }, true],
    ['a gateway has lost the answer', answer(502), true],
    ['a gateway has waited for too long', answer(504), true],
    ['the answer has no id', answer(201), true],
    ['not when the service says that it cannot', answer(503), false],
    ['not when it throttles', answer(429), false],
    ['not when it refuses', answer(403), false],
  ])('%s', async (_when, fault, inDoubt) => {
    service.fault = () => fault
    const sent = await connectorWith(undefined, 200).createThread(service.url, thread, hello)
    expect('inDoubt' in sent ? sent.inDoubt : undefined).toBe(inDoubt)
  })
})

describe('the pace', () => {
  const take = (count: number, conversation: string, pace = makePace(() => elapsed)) =>
    Array.from({ length: count }, () => pace.take(conversation))

  test('seven in one second go to a thread, the eighth has to wait, another thread has not', () => {
    const pace = makePace(() => elapsed)
    expect(take(8, 'a', pace)).toEqual([0, 0, 0, 0, 0, 0, 0, 1_000])
    expect(take(1, 'b', pace)).toEqual([0])
    elapsed = 400
    expect(take(1, 'a', pace)).toEqual([600])
    elapsed = 1_000
    expect(take(1, 'a', pace)).toEqual([0])
  })

  test('sixty in thirty seconds, whatever the seconds between them', () => {
    const pace = makePace(() => elapsed)
    let sent = 0
    for (elapsed = 0; elapsed < 30_000; elapsed += 250) if (pace.take('a') === 0) sent += 1
    expect(sent).toBe(60)
  })

  test('all threads together stay below what an app may send', () => {
    const pace = makePace(() => elapsed)
    const waits = Array.from({ length: 30 }, (_one, index) => pace.take(`thread-${index}`))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(25)
  })

  test('what has to wait is not sent', async () => {
    const connector = connectorWith()
    for (let count = 0; count < 7; count += 1) await connector.post(service.url, 'chat', hello)
    expect(await connector.post(service.url, 'chat', hello)).toMatchObject({ failure: 'Paced', againMs: 1_000 })
    expect(service.calls).toHaveLength(7)
  })
})
