import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { AccessToken } from '../../src/app/access-token.ts'
import type { Http } from '../../src/app/http.ts'
import { makeAppToken } from '../../src/entra/app-token.ts'
import { makeEntraGroups } from '../../src/entra/groups.ts'
import type { EntraGroups } from '../../src/entra/groups.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'
import { guid, startEntra, tenant } from '../fake/entra.ts'
import type { Account, EntraCall, EntraFault, FakeEntra } from '../fake/entra.ts'

let entra: FakeEntra
let clock: FakeClock
let groups: EntraGroups
beforeAll(async () => {
  entra = await startEntra()
})
afterAll(() => entra.close())
beforeEach(() => {
  clock = makeFakeClock()
  entra.calls.length = 0
  entra.accounts.clear()
  entra.fault = () => undefined
  groups = groupsOver(entra.http)
})

const dana = guid('da4a')
const [sre, platform, security] = ['59e', '91a', '5ec'].map(guid) as [string, string, string]

function groupsOver(http: Http): EntraGroups {
  const login = { http, elapsed: clock.elapsed, readFile: () => Promise.reject(new Error('no file')) }
  const tokenURL = `${entra.url}/${tenant}/oauth2/v2.0/token`
  const token: AccessToken = makeAppToken(login, {
    tokenURL,
    clientID: 'app-1',
    scope: 's',
    credentials: { kind: 'ClientSecret', secret: 'good' },
  })
  return makeEntraGroups({ http, token, cloud: { graphURL: entra.url }, elapsed: clock.elapsed })
}

/** In which of these groups Dana is, in words. */
async function ask(groupIDs: readonly string[] = [sre], fresh = false): Promise<string> {
  const answer = await groups.ask({ objectID: dana, groupIDs, fresh })
  if ('unknown' in answer) return `unknown: ${answer.unknown}`
  return `${answer.counts ? 'in' : 'does not count; in'} ${[...answer.groupIDs].join(' ')}`.trim()
}

const sent = (to: EntraCall['to']): readonly EntraCall[] => entra.calls.filter((call) => call.to === to)

describe('who is in which group', () => {
  test.each<readonly [sentence: string, account: Account | undefined, answer: string]>([
    ['a member is in those that are returned', { groups: [sre, platform] }, `in ${sre} ${platform}`],
    ['a group that is not returned is one that he is not in', { groups: [security] }, 'in'],
    [
      'a guest does not count, and is in them nevertheless',
      { userType: 'Guest', groups: [sre] },
      `does not count; in ${sre}`,
    ],
    ['nor does a disabled account', { accountEnabled: false, groups: [sre] }, `does not count; in ${sre}`],
    ['nor one of a type that we do not know', { userType: 'Other', groups: [sre] }, `does not count; in ${sre}`],
    ['an old account without a type is a member', { userType: null, groups: [sre] }, `in ${sre}`],
    ['a type that is not said is none', { userType: undefined, groups: [sre] }, `does not count; in ${sre}`],
    ['whoever is not there is in none', undefined, 'does not count; in'],
    [
      'whether an account is enabled is not guessed',
      { accountEnabled: null, groups: [sre] },
      'unknown: Microsoft Graph does not say whether the account is enabled',
    ],
  ])('%s', async (_sentence, account, answer) => {
    if (account !== undefined) entra.accounts.set(dana, account)
    expect(await ask([sre, platform])).toBe(answer)
    expect(entra.calls.map(({ to }) => to).toSorted()).toEqual(['groups', 'login', 'user'])
  })

  test('is asked with the token of the app, about twenty groups in one call at the most', async () => {
    const many = Array.from({ length: 45 }, (_, index) => guid(1_000 + index))
    entra.accounts.set(dana, { groups: many.filter((_, index) => index % 10 === 0) })
    expect(await ask(many)).toBe(`in ${[0, 10, 20, 30, 40].map((index) => many[index]).join(' ')}`)
    const asked = sent('groups').map(({ body }) => (JSON.parse(body) as { groupIds: string[] }).groupIds)
    expect(asked.map(({ length }) => length)).toEqual(expect.arrayContaining([20, 20, 5]))
    expect(asked.flat().toSorted()).toEqual(many)
    expect(new Set(sent('groups').map(({ token }) => token))).toEqual(new Set(['token-1']))
  })

  test('groups that were not asked about do not count, whoever says so', async () => {
    entra.accounts.set(dana, {})
    entra.fault = ({ to }) =>
      to === 'groups' ? { status: 200, body: { value: [security, 7, null, sre.toUpperCase()] } } : undefined
    expect(await ask([sre, platform])).toBe(`in ${sre}`)
  })

  test.each([
    ['an id that is none is not asked about: it would fail the whole call', dana, [sre, 'my-group', ''], `in ${sre}`],
    ['without a group nobody is asked', dana, [], 'nobody was asked'],
    ['a name is no object id', 'dana@example.com', [sre], 'nobody was asked'],
    ['nor is a path', '../groups', [sre], 'nobody was asked'],
    ['nor is "me"', 'me', [sre], 'nobody was asked'],
  ])('%s', async (_sentence, objectID, groupIDs, outcome) => {
    entra.accounts.set(dana, { groups: [sre] })
    const answer = await groups.ask({ objectID, groupIDs, fresh: false })
    if (outcome === 'nobody was asked') {
      expect(answer).toEqual({ groupIDs: new Set(), counts: false })
      expect(entra.calls).toEqual([])
    } else expect(answer).toEqual({ groupIDs: new Set([sre]), counts: true })
  })
})

describe('an answer is kept', () => {
  test('for a minute when it is a yes, and not for a moment longer', async () => {
    entra.accounts.set(dana, { groups: [sre] })
    await ask()
    entra.accounts.set(dana, {})
    await clock.advance(59_999)
    expect(await ask()).toBe(`in ${sre}`)
    await clock.advance(1)
    expect(await ask()).toBe('in')
  })

  test('for some seconds when it is a no: whoever was added tries again soon', async () => {
    entra.accounts.set(dana, {})
    await ask()
    entra.accounts.set(dana, { groups: [sre] })
    await clock.advance(4_999)
    expect(await ask()).toBe('in')
    await clock.advance(1)
    expect(await ask()).toBe(`in ${sre}`)
  })

  test('and does not answer where only a fresh one will do', async () => {
    entra.accounts.set(dana, { groups: [sre] })
    await ask()
    entra.accounts.set(dana, {})
    expect(await ask([sre], true)).toBe('in')
    expect(await ask()).toBe('in')
  })

  test('of each group apart, and of nobody else', async () => {
    entra.accounts.set(dana, { groups: [sre] })
    await ask([sre])
    expect(await ask([sre, platform])).toBe(`in ${sre}`)
    expect(sent('groups')).toHaveLength(2)
    await groups.ask({ objectID: guid('e5e'), groupIDs: [sre], fresh: false })
    expect(sent('groups')).toHaveLength(3)
  })

  test('never longer than a minute, whatever happens: an answer was true within the last minute', async () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 40_000 }),
      account: fc.option(fc.record({ accountEnabled: fc.boolean(), groups: fc.subarray([sre, platform]) }), {
        nil: undefined,
      }),
      asked: fc.subarray([sre, platform], { minLength: 1 }),
      fresh: fc.boolean(),
      status: fc.constantFrom(undefined, undefined, undefined, 500),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        clock = makeFakeClock()
        let current: Account | undefined
        groups = groupsOver(honestHttp(() => current))
        const truths: { at: number; account: Account | undefined }[] = []
        for (const { ms, account, asked, fresh, status } of steps) {
          await clock.advance(ms)
          current = account
          fault = status
          truths.push({ at: clock.elapsed(), account })
          const answer = await groups.ask({ objectID: dana, groupIDs: asked, fresh })
          if ('unknown' in answer) continue
          const recent = truths.filter((_, index) => (truths[index + 1]?.at ?? Infinity) > clock.elapsed() - 60_000)
          for (const id of asked) {
            if (!answer.groupIDs.has(id) || !answer.counts) continue
            const possible = fresh ? truths.slice(-1) : recent
            expect(
              possible.some((one) => one.account?.accountEnabled === true && one.account.groups?.includes(id)),
            ).toBe(true)
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})

let fault: number | undefined

/** Graph without sockets, for many small worlds. */
function honestHttp(account: () => Account | undefined): Http {
  return ({ url, body = '' }) => {
    const answer = (status: number, value: object): ReturnType<Http> =>
      Promise.resolve({ status, header: () => undefined, body: Buffer.from(JSON.stringify(value)) })
    if (url.endsWith('/token')) return answer(200, { token_type: 'Bearer', expires_in: 3600, access_token: 't' })
    if (fault !== undefined) return answer(fault, {})
    const { accountEnabled, groups: own = [] } = account() ?? {}
    if (account() === undefined) return answer(404, { error: { code: 'Request_ResourceNotFound' } })
    if (!url.endsWith('checkMemberGroups')) return answer(200, { userType: 'Member', accountEnabled })
    const { groupIds } = JSON.parse(body) as { groupIds: string[] }
    return answer(200, { value: groupIds.filter((id) => own.includes(id)) })
  }
}

const faults: readonly (readonly [what: string, fault: EntraFault, why: string])[] = [
  ['does not answer', 'Hang', 'Microsoft Graph does not answer in time'],
  ['breaks off', 'Drop', 'Microsoft Graph breaks the connection'],
  ['fails', { status: 503 }, 'Microsoft Graph answers 503'],
  ['redirects', { status: 302, headers: { location: 'https://evil.example' } }, 'Microsoft Graph answers 302'],
  ['answers without JSON', { status: 200, body: 'yes' }, 'Microsoft Graph answers 200'],
  ['answers something else', { status: 200, body: ['yes'] }, 'Microsoft Graph'],
  [
    'answers too much',
    { status: 200, body: `{"value":["${'x'.repeat(70_000)}"]}` },
    'answers with more than was asked',
  ],
  ['is another service, which knows no such path', { status: 404, body: 'none' }, 'Microsoft Graph answers 404'],
  [
    'forbids it',
    { status: 403, body: { error: { code: 'Authorization_RequestDenied', message: 'secret' } } },
    'Microsoft Graph answers 403 Authorization_RequestDenied; the app needs User.Read.All and GroupMember.Read.All',
  ],
  [
    'has a word that is no code',
    { status: 400, body: { error: { code: '\u202esecret x' } } },
    'Microsoft Graph answers 400',
  ],
]

describe('nobody can say', () => {
  test.each(['user', 'groups'] as const)('when the half about %s is not answered', async (half) => {
    for (const [_what, wrong, why] of faults) {
      clock = makeFakeClock()
      groups = groupsOver(entra.http)
      entra.accounts.set(dana, { groups: [sre] })
      entra.fault = ({ to }) => (to === half ? wrong : undefined)
      const answer = await ask()
      expect(answer).toMatch(/^unknown: [\x20-\x7e]+$/)
      expect(answer).toContain(why)
      expect(answer).not.toMatch(/secret|evil/)
    }
  })

  test('when the login refuses the app', async () => {
    entra.fault = ({ to }) =>
      to === 'login' ? { status: 401, body: { error: 'invalid_client', error_codes: [7000222] } } : undefined
    expect(await ask()).toBe('unknown: the client secret has expired (invalid_client, AADSTS7000222)')
  })

  test('when the token is refused twice; once is mended by a new one', async () => {
    entra.accounts.set(dana, { groups: [sre] })
    await ask()
    entra.takeTokensBack()
    expect(await ask([platform])).toBe('in')
    expect(sent('login').length).toBeGreaterThan(1)
    entra.fault = ({ to }) => (to === 'login' ? undefined : { status: 401 })
    expect(await ask([security])).toBe('unknown: Microsoft Graph answers 401')
  })

  test('who is not there is not there, although the other half fails', async () => {
    entra.fault = ({ to }) => (to === 'groups' ? { status: 500 } : undefined)
    expect(await ask()).toBe('does not count; in')
  })
})

describe('a service that fails is left alone', () => {
  test('for twice as long each time, and then asked by one alone', async () => {
    entra.fault = ({ to }) => (to === 'login' ? undefined : { status: 500 })
    const waits: number[] = []
    for (let round = 0; round < 7; round += 1) {
      const answer = await groups.ask({ objectID: dana, groupIDs: [sre], fresh: true })
      const wait = ('unknown' in answer ? answer.againMs : undefined) ?? 0
      waits.push(wait)
      const before = entra.calls.length
      await clock.advance(wait - 1)
      await ask()
      expect(entra.calls).toHaveLength(before)
      await clock.advance(1)
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    const [first, second] = await Promise.all([ask(), ask([platform])])
    expect([first, second]).toEqual(Array.from({ length: 2 }, () => 'unknown: Microsoft Graph answers 500'))
    expect(sent('user')).toHaveLength(8)
  })

  test('for as long as it says, within reason', async () => {
    const says = async (seconds: string): Promise<unknown> => {
      clock = makeFakeClock()
      groups = groupsOver(entra.http)
      entra.fault = ({ to }) => (to === 'login' ? undefined : { status: 429, headers: { 'retry-after': seconds } })
      const answer = await groups.ask({ objectID: dana, groupIDs: [sre], fresh: true })
      return 'unknown' in answer ? answer.againMs : answer
    }
    expect(await says('17')).toBe(17_000)
    expect(await says('99999')).toBe(120_000)
    expect(await says('Fri, 31 Dec 1999 23:59:59 GMT')).toBe(2_000)
  })

  test('and believed again at once when it is back', async () => {
    entra.accounts.set(dana, { groups: [sre] })
    entra.fault = ({ to }) => (to === 'login' ? undefined : 'Drop')
    await ask()
    entra.fault = () => undefined
    await clock.advance(2_000)
    expect(await ask()).toBe(`in ${sre}`)
    expect(await ask([platform])).toBe('in')
  })

  test('but a question that it does not like is no failure of the service', async () => {
    entra.accounts.set(guid('e5e'), { groups: [sre] })
    entra.fault = ({ path }) => (path.includes(dana) ? { status: 400 } : undefined)
    expect(await ask()).toBe('unknown: Microsoft Graph answers 400')
    expect(await groups.ask({ objectID: guid('e5e'), groupIDs: [sre], fresh: false })).toMatchObject({ counts: true })
  })
})
