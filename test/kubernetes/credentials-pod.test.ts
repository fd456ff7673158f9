import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { connectionFrom } from '../../src/kubernetes/credentials.ts'
import type { Connection } from '../../src/kubernetes/transport.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { makeScratch } from './credentials-scratch.ts'
import type { Scratch } from './credentials-scratch.ts'
import { failureOf } from './objects-rig.ts'

const minute = 60_000

let scratch: Scratch
let clock: FakeClock

beforeEach(async () => {
  scratch = await makeScratch()
  clock = makeFakeClock()
  await scratch.write('ca.crt', 'a certificate')
  await scratch.write('token', 'first\n')
})

afterEach(() => scratch.remove())

function connect(host = '10.96.0.1'): Promise<Connection> {
  const pod = { host, port: '443', directory: scratch.path('') }
  return connectionFrom({ kind: 'Pod', pod }, clock)
}

describe('the service account of a pod', () => {
  test('is read from its files', async () => {
    const connection = await connect()
    expect(connection).toMatchObject({ server: 'https://10.96.0.1:443', ca: 'a certificate' })
    expect(await connection.token()).toBe('first')
  })

  test('an address of IPv6 stands in brackets', async () => {
    expect((await connect('fd00::1')).server).toBe('https://[fd00::1]:443')
  })

  test('a renewed token is seen after a minute, not sooner', async () => {
    const { token } = await connect()
    await scratch.write('token', 'second')
    await clock.advance(minute - 1)
    expect(await token()).toBe('first')
    await clock.advance(1)
    expect(await token()).toBe('second')
  })

  test('a rejected token is read again at once, another one that was rejected is not', async () => {
    const { token } = await connect()
    await scratch.write('token', 'second')
    expect(await token('an older one')).toBe('first')
    expect(await token('first')).toBe('second')
  })

  test('someone who sets the wall clock neither hastens nor delays it', async () => {
    const { token } = await connect()
    await scratch.write('token', 'second')
    clock.setWallClock(clock.now() + 24 * 60 * minute)
    expect(await token()).toBe('first')
    clock.setWallClock(0)
    await clock.advance(minute)
    expect(await token()).toBe('second')
  })

  test.each<[string, () => Promise<unknown>]>([
    ['cannot be read', () => rm(scratch.path('token'))],
    ['is empty', () => scratch.write('token', '\n')],
  ])('while the file %s, the last token serves; then the new one', async (_what, spoil) => {
    const { token } = await connect()
    await spoil()
    await clock.advance(minute)
    expect(await token()).toBe('first')
    await scratch.write('token', 'second')
    await clock.advance(minute)
    expect(await token()).toBe('second')
  })

  test.each<[string, string, (file: string) => Promise<unknown>, string]>([
    ['token', 'is missing', (file) => rm(scratch.path(file)), 'NotInCluster'],
    ['ca.crt', 'is missing', (file) => rm(scratch.path(file)), 'NotInCluster'],
    ['token', 'is empty', (file) => scratch.write(file, ''), 'UnreadableFile'],
    ['ca.crt', 'is empty', (file) => scratch.write(file, ' '), 'UnreadableFile'],
  ])('when %s %s at the beginning, that is said', async (...[file, , spoil, reason]) => {
    await spoil(file)
    const failure = await failureOf(connect())
    expect(failure).toMatchObject({
      name: 'CredentialsError',
      reason,
      message: expect.stringContaining(scratch.path(file)),
    })
  })
})
