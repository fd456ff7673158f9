import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { AskMemberships } from '../../src/app/memberships.ts'
import type { Surroundings } from '../../src/compose/component.ts'
import { makeGraph } from '../../src/compose/graph.ts'
import type { ApprovalChannel, TeamsChannel } from '../../src/domain/kinds.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { guid, startEntra, tenant } from '../fake/entra.ts'
import type { FakeEntra } from '../fake/entra.ts'

let entra: FakeEntra
let clock: FakeClock
let channels: readonly ApprovalChannel[] | undefined
let stored: Map<string, Readonly<Record<string, string>>>
let lines: string[]
let read: string[]
let ask: AskMemberships

beforeAll(async () => {
  entra = await startEntra()
})
afterAll(() => entra.close())
beforeEach(() => {
  clock = makeFakeClock()
  entra.calls.length = 0
  entra.fault = () => undefined
  entra.accounts.clear()
  entra.accounts.set(dana, { groups: [sre] })
  stored = new Map([['countersign-teams', { clientSecret: base64('good') }]])
  channels = [channel('teams')]
  lines = []
  read = []
  ask = makeGraph(surroundings(), () => channels, entra.http)
})

const dana = guid('da4a')
const sre = guid('59e')

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function channel(name: string, changes: Partial<TeamsChannel> = {}): ApprovalChannel {
  const teams: TeamsChannel = {
    cloud: 'Public',
    tenantID: tenant.toUpperCase(),
    appID: 'app-1',
    credentialsSecretRef: { name: 'countersign-teams' },
    ...changes,
  }
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalChannel',
    metadata: { name },
    spec: { type: 'Teams', teams, notify: 'Stage' },
  }
}

/** As much of them as is used. */
function surroundings(): Surroundings {
  const line = (event: string, fields: object = {}): void => void lines.push(`${event} ${JSON.stringify(fields)}`)
  const around = {
    config: { microsoft: { loginURL: entra.url, graphURL: entra.url } },
    timers: clock,
    log: { debug: line, info: line, warn: line, error: line },
    objects: {
      get: (_resource: unknown, { namespace, name }: { namespace: string; name: string }) => {
        read.push(`${namespace}/${name}`)
        const data = stored.get(name)
        if (name === 'broken') return Promise.reject(new Error('no answer'))
        return Promise.resolve(data === undefined ? 'NotFound' : { object: { data } })
      },
    },
  }
  return around as unknown as Surroundings
}

const question = { tenantID: tenant, objectID: dana, groupIDs: [sre], fresh: true }
const yes = { groupIDs: new Set([sre]), counts: true }

describe('who is asked about the groups of a tenant', () => {
  test('the app of a channel of that tenant, with the credentials of its Secret', async () => {
    expect(await ask(question)).toEqual(yes)
    expect(await ask(question)).toEqual(yes)
    expect(read).toEqual(['countersign-system/countersign-teams'])
    expect(entra.calls.filter(({ to }) => to === 'login')).toHaveLength(1)
    const form = new URLSearchParams(entra.calls[0]?.body)
    expect([form.get('client_id'), form.get('scope')]).toEqual(['app-1', 'https://graph.microsoft.com/.default'])
  })

  test('nobody, where there is none', async () => {
    expect(await ask({ ...question, tenantID: guid('f') })).toBe('NoTenant')
    channels = []
    expect(await ask(question)).toBe('NoTenant')
  })

  test('nobody yet, while the channels are not read: that is no answer', async () => {
    channels = undefined
    expect(await ask(question)).toEqual({ unknown: 'the channels are not read yet' })
    expect(entra.calls).toEqual([])
  })

  test('one app once, whatever channels it serves, and each in the order of the names', async () => {
    const second = { appID: 'app-2' }
    channels = [channel('c', second), channel('b'), channel('a'), channel('d', second)]
    entra.fault = ({ to }) => (to === 'login' ? { status: 401, body: { error: 'invalid_client' } } : undefined)
    expect(await ask(question)).toEqual({ unknown: 'the login says invalid_client', againMs: 2_000 })
    expect(entra.calls.map(({ body }) => new URLSearchParams(body).get('client_id'))).toEqual(['app-1', 'app-2'])
    expect(lines.map((line) => line.replace(/,.*/, ''))).toEqual(
      ['a', 'c'].map((name) => `MembershipsUnknown {"channel":"${name}"`),
    )
  })

  test('the next app, when one gets no answer', async () => {
    channels = [channel('a', { credentialsSecretRef: { name: 'gone' } }), channel('b')]
    expect(await ask(question)).toEqual(yes)
    expect(lines).toEqual(['MembershipsUnknown {"channel":"a","why":"the Secret with the credentials cannot be read"}'])
  })

  test.each(['gone', 'broken', 'empty'])('nobody, when the Secret is %s', async (name) => {
    stored.set('empty', { other: base64('good') })
    channels = [channel('a', { credentialsSecretRef: { name } })]
    expect(await ask(question)).toMatchObject({ unknown: 'the Secret with the credentials cannot be read' })
  })
})

test('a new secret is read after a refusal, and used at once', async () => {
  stored.set('countersign-teams', { clientSecret: base64('old') })
  expect(await ask(question)).toMatchObject({ unknown: 'the client secret is wrong (invalid_client, AADSTS7000215)' })
  await clock.advance(2_000)
  stored.set('countersign-teams', { clientSecret: base64('good') })
  expect(await ask(question)).toEqual(yes)
  expect(lines.map((line) => line.replace(/ .*/, ''))).toEqual(['MembershipsUnknown', 'MembershipsKnownAgain'])
  expect(lines.join(' ')).not.toMatch(/old|good/)
})

test('a failure is told once, however often it is asked', async () => {
  entra.fault = ({ to }) => (to === 'login' ? undefined : { status: 403 })
  for (let round = 0; round < 5; round += 1) {
    await ask(question)
    await clock.advance(30_000)
  }
  expect(lines).toHaveLength(1)
})
