import { mkdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { connectionFrom } from '../../src/kubernetes/credentials.ts'
import type { Connection } from '../../src/kubernetes/transport.ts'
import { makeFakeClock } from '../fake/clock.ts'
import { makeScratch } from './credentials-scratch.ts'
import type { Scratch } from './credentials-scratch.ts'
import { failureOf } from './objects-rig.ts'

type Fields = Readonly<Record<string, unknown>>

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const secret = 'hunter2'

let scratch: Scratch

beforeEach(async () => {
  scratch = await makeScratch()
})

afterEach(() => scratch.remove())

type Parts = { readonly user?: Fields; readonly cluster?: Fields; readonly more?: Fields }

/** A kubeconfig is YAML, of which JSON is a part. */
function kubeconfig({ user = { token: secret }, cluster = {}, more = {} }: Parts = {}): string {
  const server = { server: 'https://10.0.0.1:6443', 'certificate-authority-data': base64('a certificate'), ...cluster }
  return JSON.stringify({
    clusters: [
      { name: 'c', cluster: server },
      { name: 'd', cluster: { ...server, server: 'https://10.0.0.2:6443' } },
    ],
    users: [{ name: 'u', user }],
    contexts: [
      { name: 'x', context: { cluster: 'c', user: 'u' } },
      { name: 'y', context: { cluster: 'd', user: 'u' } },
      { name: 'lost-user', context: { cluster: 'c', user: 'nobody' } },
      { name: 'lost-cluster', context: { cluster: 'nowhere', user: 'u' } },
    ],
    'current-context': 'x',
    ...more,
  })
}

function connect(context?: string): Promise<Connection> {
  return connectionFrom({ kind: 'Kubeconfig', file: scratch.path('config'), context }, makeFakeClock())
}

async function connectWith(parts: Parts): Promise<Connection> {
  await scratch.write('config', kubeconfig(parts))
  return connect()
}

/** A plugin that says how often it was run, and gives what `status` says. */
async function plugin(status: Fields): Promise<Fields> {
  const text = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })
  const command = await scratch.writeProgram('plugin', `echo run >> ${scratch.path('runs')}\necho '${text}'`)
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' } }
}

async function runs(): Promise<number> {
  return (await readFile(scratch.path('runs'), 'utf8')).split('\n').length - 1
}

describe('a kubeconfig', () => {
  test('gives the server, its authority and a token', async () => {
    const connection = await connectWith({ cluster: { 'tls-server-name': 'kubernetes' } })
    expect(connection).toMatchObject({
      server: 'https://10.0.0.1:6443',
      ca: 'a certificate',
      serverName: 'kubernetes',
      clientCertificate: undefined,
    })
    expect(await connection.token()).toBe(secret)
  })

  test('without an authority leaves it to those that Node trusts', async () => {
    expect((await connectWith({ cluster: { 'certificate-authority-data': undefined } })).ca).toBeUndefined()
  })

  test('may hold a client certificate', async () => {
    const user = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') }
    const connection = await connectWith({ user })
    expect(connection.clientCertificate).toEqual({ certificate: 'cert', key: 'key' })
    expect(await connection.token()).toBeUndefined()
  })

  test('may name files, from the folder where it stands itself', async () => {
    await Promise.all(['ca', 'cert', 'key'].map((name) => scratch.write(name, `the ${name}\n`)))
    const cluster = { 'certificate-authority-data': undefined, 'certificate-authority': 'ca' }
    const connection = await connectWith({ cluster, user: { 'client-certificate': 'cert', 'client-key': './key' } })
    expect(connection).toMatchObject({
      ca: 'the ca',
      clientCertificate: { certificate: 'the cert', key: 'the key' },
    })
  })

  test('is used with the context that is asked for', async () => {
    await scratch.write('config', kubeconfig())
    expect((await connect('y')).server).toBe('https://10.0.0.2:6443')
  })

  test('is read again when its token is rejected, and not before', async () => {
    const connection = await connectWith({})
    await scratch.write('config', kubeconfig({ user: { token: 'renewed' } }))
    expect(await connection.token()).toBe(secret)
    expect(await connection.token(secret)).toBe('renewed')
    expect(await connection.token(secret)).toBe('renewed')
  })
})

describe('an exec plugin', () => {
  test('is run once as long as its token is valid', async () => {
    const user = await plugin({ token: secret, expirationTimestamp: '2999-01-01T00:00:00Z' })
    const connection = await connectWith({ user })
    expect([await connection.token(), await connection.token()]).toEqual([secret, secret])
    expect(await runs()).toBe(1)
  })

  test('is run again when its token has expired or was rejected', async () => {
    const connection = await connectWith({
      user: await plugin({ token: secret, expirationTimestamp: '2020-01-01T00:00:00Z' }),
    })
    await connection.token()
    expect(await runs()).toBe(2)
    await plugin({ token: 'other' })
    expect(await connection.token(secret)).toBe('other')
    expect(await connection.token('other')).toBe('other')
    expect(await runs()).toBe(4)
  })

  test('may give a client certificate', async () => {
    const connection = await connectWith({
      user: await plugin({ clientCertificateData: 'cert', clientKeyData: 'key' }),
    })
    expect(connection.clientCertificate).toEqual({ certificate: 'cert', key: 'key' })
  })
})

describe('what is wrong is said, and never what is secret', () => {
  test.each<[string, string, string, string | undefined]>([
    ['not YAML', `users: [{token: ${secret}`, 'InvalidKubeconfig', undefined],
    ['a list', `[${secret}]`, 'UnknownContext', undefined],
    ['empty', '', 'InvalidKubeconfig', undefined],
    ['of another shape', `{clusters: [{name: ${secret}}]}`, 'InvalidKubeconfig', undefined],
    ['without current context', kubeconfig({ more: { 'current-context': '' } }), 'UnknownContext', undefined],
    ['without the context asked for', kubeconfig(), 'UnknownContext', 'z'],
    ['of a context whose user is missing', kubeconfig(), 'UnknownContext', 'lost-user'],
    ['of a context whose cluster is missing', kubeconfig(), 'UnknownContext', 'lost-cluster'],
    ['of a server without TLS', kubeconfig({ cluster: { server: 'http://10.0.0.1' } }), 'Unsupported', undefined],
    ['blind', kubeconfig({ cluster: { 'insecure-skip-tls-verify': true } }), 'Unsupported', undefined],
    ['behind a proxy', kubeconfig({ cluster: { 'proxy-url': 'http://p' } }), 'Unsupported', undefined],
    ['of an impersonator', kubeconfig({ user: { token: secret, as: 'bob' } }), 'Unsupported', undefined],
    ['of a password', kubeconfig({ user: { username: 'bob', password: secret } }), 'Unsupported', undefined],
    ['of a user without credential', kubeconfig({ user: {} }), 'Unsupported', undefined],
    ['of a token file', kubeconfig({ user: { tokenFile: '/x' } }), 'Unsupported', undefined],
    [
      'of an authority that is missing',
      kubeconfig({ cluster: { 'certificate-authority': 'nowhere' } }),
      'UnreadableFile',
      undefined,
    ],
    [
      'of a key that is missing',
      kubeconfig({ user: { 'client-certificate-data': base64('c') } }),
      'InvalidKubeconfig',
      undefined,
    ],
    [
      'of a plugin that is missing',
      kubeconfig({ user: { exec: { command: 'no-such-plugin' } } }),
      'ExecPluginMissing',
      undefined,
    ],
  ])('%s', async (...[, text, reason, context]) => {
    await scratch.write('config', text)
    const failure = await failureOf(connect(context))
    expect(failure).toMatchObject({
      name: 'CredentialsError',
      reason,
      message: expect.stringContaining(scratch.path('config')),
    })
    expect(inspected(failure)).not.toContain(secret)
  })

  test.each([
    ['fails', `echo ${secret} >&2; exit 1`],
    ['prints no JSON', `echo ${secret}`],
    ['prints no status', 'echo {}'],
    ['gives neither token nor certificate', `echo '{"status":{"x":"${secret}"}}'`],
  ])('a plugin that %s', async (_what, script) => {
    const command = await scratch.writeProgram('plugin', script)
    const failure = await failureOf(connectWith({ user: { exec: { command } } }))
    expect(failure).toMatchObject({ reason: 'ExecPluginFailed', message: expect.stringContaining(command) })
    expect(inspected(failure)).not.toContain(secret)
  })

  test('a kubeconfig that is not there, and one that is a folder', async () => {
    expect(await failureOf(connect())).toMatchObject({ reason: 'NoKubeconfig' })
    await mkdir(scratch.path('config'))
    expect(await failureOf(connect())).toMatchObject({ reason: 'UnreadableFile' })
  })

  test('an unknown context is told together with those that there are', async () => {
    await scratch.write('config', kubeconfig())
    expect(String(await failureOf(connect('z')))).toContain('no context z; it has x, y, lost-user, lost-cluster')
  })
})

/** All that a log could show of an error. */
function inspected(failure: unknown): string {
  const error = failure instanceof Error ? failure : new Error('no error')
  return [error.message, error.stack, JSON.stringify(error), String(error.cause)].join('\n')
}
