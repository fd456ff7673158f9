import { describe, expect, test } from '@jest/globals'
import { Writable } from 'node:stream'
import type { Log } from '../../src/app/log.ts'
import { makeLog } from '../../src/observe/log.ts'
import type { LogOptions } from '../../src/observe/log.ts'
import { until } from '../until.ts'

type Rig = { readonly log: Log; readonly lines: (count: number) => Promise<readonly string[]> }

function makeRig(options: Partial<LogOptions> = {}): Rig {
  const chunks: string[] = []
  const to = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  const read = (): readonly string[] => chunks.join('').split('\n').slice(0, -1)
  const log = makeLog({ level: 'info', format: 'json', to, now: () => Date.UTC(2030, 0, 1), ...options })
  return {
    log,
    lines: async (count) => {
      await until(`${count} lines were written`, () => read().length >= count)
      return read()
    },
  }
}

async function one(rig: Rig): Promise<unknown> {
  const lines = await rig.lines(1)
  return JSON.parse(lines[0] ?? '')
}

describe('a line of the log', () => {
  test('is one JSON object with time, level, event and the fields', async () => {
    const rig = makeRig()
    rig.log.info('Started', { components: 'webhook', replicas: 2, leading: true, nothing: undefined })
    expect(await one(rig)).toEqual({
      time: '2030-01-01T00:00:00.000Z',
      level: 'info',
      event: 'Started',
      components: 'webhook',
      replicas: 2,
      leading: true,
    })
  })

  test('keeps its own time, level and event whatever the fields are called', async () => {
    const rig = makeRig()
    rig.log.warn('Odd', { time: 'never', level: 'error', event: 'Other' })
    expect(await one(rig)).toMatchObject({ level: 'warn', event: 'Odd', event_: 'Other', time_: 'never' })
  })

  test('is one line of text for people, on which nothing can pass for another line', async () => {
    const rig = makeRig({ format: 'text' })
    rig.log.info('Opened', { request: 'apr-1', agent: 'agents/bot', odd: 'a b\nERROR\u202e', count: 3 })
    expect(await rig.lines(1)).toEqual([
      '2030-01-01T00:00:00.000Z INFO  Opened request=apr-1 agent=agents/bot odd="a b\\\\u{a}ERROR\\\\u{202e}" count=3',
    ])
  })

  test('is not written below the level', async () => {
    const rig = makeRig({ level: 'warn' })
    rig.log.debug('A')
    rig.log.info('B')
    rig.log.warn('C')
    rig.log.error('D')
    const events = (await rig.lines(2)).map((line) => JSON.parse(line).event)
    expect(events).toEqual(['C', 'D'])
  })
})

describe('what an error says of itself', () => {
  class OddError extends Error {
    override readonly name = 'OddError'
    readonly body = 'the-whole-body'
    readonly status = 422
    readonly reason = 'Invalid'
  }

  test('is its class, status, reason, code and message, and its cause by class', async () => {
    const rig = makeRig()
    const inner = Object.assign(new TypeError('inner-words'), { code: 'ECONNREFUSED' })
    rig.log.error('Failed', new OddError('PUT /x: 422 Invalid', { cause: inner }), { request: 'apr-1' })
    const line = await one(rig)
    expect(line).toMatchObject({
      request: 'apr-1',
      cause: 'OddError < TypeError',
      status: 422,
      reason: 'Invalid',
      code: 'ECONNREFUSED',
      message: 'PUT /x: 422 Invalid',
    })
    expect(JSON.stringify(line)).not.toMatch(/the-whole-body|inner-words|at .*test/)
  })

  test.each([
    ['a JSON Web Token', 'got eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhZ2VudCJ9.c2lnbmF0dXJl', 'eyJ'],
    ['a bearer header', 'sent Authorization: Bearer abcdef1234567890', 'abcdef1234567890'],
    ['a password in a URL', 'cannot reach https://user:hunter2secret@db:5432/x', 'hunter2secret'],
    ['a random value', 'wanted q0Zk3m8b1H7uJcVt5yXeRwN2pLd9aFsG', 'q0Zk3m8b1H'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----', 'MIGHAgEAMB'],
  ])('never holds %s', async (_what, message, secret) => {
    const rig = makeRig()
    rig.log.error('Failed', new Error(message))
    const line = (await rig.lines(1))[0] ?? ''
    expect(line).not.toContain(secret)
    expect(line).toMatch(/\[[A-Za-z -]+\]/)
  })

  test('is one short line', async () => {
    const rig = makeRig()
    rig.log.error('Failed', new Error(`a\n${'b '.repeat(10_000)}`))
    expect(((await rig.lines(1))[0] ?? '').length).toBeLessThan(600)
  })

  test('is its type alone where somebody threw what is no error', async () => {
    const rig = makeRig()
    rig.log.error('Failed', 'a text with who knows what')
    expect(await one(rig)).toEqual({ time: expect.any(String), level: 'error', event: 'Failed', cause: 'string' })
  })
})
