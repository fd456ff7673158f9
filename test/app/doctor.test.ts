import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { framedByTeams } from '../../src/app/doctor-answers.ts'
import type { Finding } from '../../src/app/doctor-finding.ts'
import type { LeaderLease } from '../../src/app/doctor-ports.ts'
import type { HostSight, ShownCertificate } from '../../src/app/host-sight.ts'
import type { HttpAnswer, HttpFailure } from '../../src/app/http.ts'
import { tabContentSecurity } from '../../src/api/content-security.ts'
import { channelReasons } from '../../src/domain/channel-reasons.ts'
import type { ApprovalChannel, ApproverGroup } from '../../src/domain/kinds.ts'
import { until } from '../until.ts'
import { alice, answer, appID, channel, entra, greeting, group, notReady, startDoctor, tenantID } from './doctor-rig.ts'

const other = '77777777-2222-4333-8444-555555555555'

const conversation = { conversationID: '19:a@thread.tacv2', serviceURL: 'https://smba.example.com/', tenantID }
const url = 'https://gate.example.com'
const day = 24 * 60 * 60_000
const now = Date.UTC(2030, 0, 1)
const good: ShownCertificate = { fault: undefined, names: 'gate.example.com', issuer: 'CA', notAfter: now + 60.5 * day }
const withCertificate = (changes: Partial<ShownCertificate>): HostSight => ({
  addresses: ['203.0.113.7'],
  certificate: { ...good, ...changes },
})

const texts = (found: readonly Finding[]): readonly string[] =>
  found.map(({ sign, what, cause, cure }) => [sign, what, cause, cure].filter((part) => part !== undefined).join(' | '))

/** The finding that begins so, after all is found. */
async function one(rig: ReturnType<typeof startDoctor>, beginning: string): Promise<Finding> {
  const found = await rig.end()
  const all = found.filter(({ what }) => what.startsWith(beginning))
  if (all.length !== 1) throw new Error(`not one finding begins with ${beginning}: ${texts(found).join('\n')}`)
  return all[0] as Finding
}

describe('the doctor of a channel', () => {
  test('finds nothing wrong where nothing is, in the order in which one rests on the other', async () => {
    expect(texts(await startDoctor().end())).toEqual([
      `Holds | ApprovalChannel teams: Teams, bot ${appID}, tenant ${tenantID}`,
      'Holds | Ready: Installed; cards go to Platform > Approvals, 14/15 delivered in the last day',
      'Holds | operator i1 leads, and was seen to renew its Lease',
      'Holds | a gateway has heard from Teams: one team or chat, last noted 2029-12-30T09:00:00Z',
      'Open | the public way in was not looked at | give --url https://…, or the --config of the gateway with its gateway.url',
      'Holds | may approve in Teams: approvers (alice)',
      'Open | the way of a message in and out was not tried (--wait 0)',
    ])
  })

  test.each<[string, ApprovalChannel | undefined, Partial<Finding>]>([
    ['there is none of that name', channel({}, 'a'), { cause: 'there are: a' }],
    [
      'it is of another type',
      { ...channel(), spec: { type: 'Slack', notify: 'None' } },
      { what: 'ApprovalChannel teams is of type Slack' },
    ],
  ])('stops where %s', async (_what, seen, finding) => {
    const found = await startDoctor(seen === undefined ? {} : { channel: seen }).end()
    expect(found).toEqual([expect.objectContaining({ sign: 'Fails', cure: expect.any(String), ...finding })])
  })

  test('stops where nothing can be read, and says which rights it takes', async () => {
    const channels = () => Promise.resolve({ unreadable: 'GET approvalchannels: Forbidden (403)' })
    const found = await startDoctor({ channels }).end()
    expect(texts(found)).toEqual([
      'Fails | the ApprovalChannel could not be read | GET approvalchannels: Forbidden (403) | it takes the right to list approvalchannels, approvergroups, and to get leases in countersign-system',
    ])
  })

  const evil = 'x\u202e\u001b[2J\u0007\n\u200b'
  const [ready] = channel().status?.conditions ?? []
  test.each<[string, ApprovalChannel]>([
    [
      'a channel that does well',
      channel({ target: evil, delivered: evil, conditions: ready ? [{ ...ready, reason: evil }] : [] }),
    ],
    ['a channel that does not', channel({ ...notReady(evil, evil), conversations: [{ ...conversation, time: evil }] })],
  ])('shows what others have written letter by letter: %s', async (_what, seen) => {
    const groups = [
      group(evil, { people: [{ name: 'a', displayName: evil, entraUser: entra(alice) }] }),
      group(`${evil}b`, {}),
    ]
    const leader = () => {
      reads += 1
      return Promise.resolve({ value: { holder: evil, renewTime: `${reads}`, durationMs: 15_000 } })
    }
    let reads = 0
    const host = { addresses: [evil], certificate: { ...good, issuer: evil } }
    const found = await startDoctor({ channel: seen, people: groups, leader, host }, { url }).end()
    expect(found.length).toBeGreaterThan(8)
    for (const text of texts(found)) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    const wrong = { ...host, certificate: { ...good, fault: 'ERR_TLS_CERT_ALTNAME_INVALID', names: evil } }
    for (const text of texts(await startDoctor({ host: wrong }, { url }).end()))
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

describe('Ready', () => {
  test.each(Object.keys(channelReasons).filter((reason) => reason !== 'Installed'))(
    'is False with %s: the cause that was seen, and the cure of the list, each once',
    async (reason) => {
      const cure = channelReasons[reason as keyof typeof channelReasons]
      const rig = startDoctor({ channel: channel(notReady(reason, `it looked so; ${cure}`)) })
      expect(await one(rig, 'Ready is')).toEqual({
        sign: 'Fails',
        what: `Ready is False: ${reason}`,
        cause: 'it looked so',
        cure,
      })
    },
  )

  test.each<[string, ApprovalChannel, Partial<Finding>]>([
    ['nobody has looked', channel({ conditions: [] }), { cause: 'no operator has looked at the channel' }],
    [
      'it is of another generation',
      channel({ observedGeneration: 1 }),
      { cause: 'the status is of generation 1, the channel of 2' },
    ],
    [
      'its reason is of a newer program',
      channel(notReady('NewReason', 'words; and a cure')),
      { cause: 'words; and a cure', cure: undefined },
    ],
    ['its message is the cure alone', channel(notReady('BotBlocked', channelReasons.BotBlocked)), { cause: undefined }],
  ])('fails where %s', async (_what, seen, finding) => {
    expect(await one(startDoctor({ channel: seen }), 'Ready is')).toMatchObject({ sign: 'Fails', ...finding })
  })
})

describe('the operator', () => {
  const lease = (changes: Partial<LeaderLease>) => ({
    leader: () =>
      Promise.resolve({
        value: { holder: 'i1', renewTime: '2030-01-01T00:00:00.000000Z', durationMs: 15_000, ...changes },
      }),
  })

  test('is alive by its renewals, whatever its clock says', async () => {
    let reads = 0
    const leader = () => {
      reads += 1
      const renewTime = `2001-01-01T00:00:0${Math.min(9, Math.floor(reads / 3))}.000000Z`
      return Promise.resolve({ value: { holder: 'i1', renewTime, durationMs: 15_000 } })
    }
    expect(await one(startDoctor({ leader }), 'operator i1 leads')).toMatchObject({ sign: 'Holds' })
  })

  test('is dead where nothing is renewed, though the Lease looks fresh by our clock', async () => {
    const rig = startDoctor(lease({ renewTime: '2030-01-01T00:00:30.000000Z' }))
    expect(await one(rig, 'no operator is alive')).toMatchObject({
      sign: 'Fails',
      cause: 'i1 holds the Lease and has not renewed it for 15 s, last 00:00Z by its clock',
    })
    expect(rig.clock.elapsed()).toBeLessThan(1_000 + 17_000)
  })

  test('does not lead once it has released its Lease, whenever that was written', async () => {
    let reads = 0
    const leader = () => {
      reads += 1
      return Promise.resolve({
        value: { holder: reads === 1 ? 'i1' : undefined, renewTime: `${reads}`, durationMs: 1 },
      })
    }
    expect(await one(startDoctor({ leader }), 'no operator is alive')).toMatchObject({ sign: 'Fails' })
  })

  test('is not waited for longer than a minute, however long its Lease', async () => {
    const rig = startDoctor(lease({ durationMs: 3_600_000 }))
    await one(rig, 'no operator is alive')
    expect(rig.clock.elapsed()).toBeLessThan(1_000 + 62_000)
  })

  test.each([
    ['there is no Lease', () => Promise.resolve({ value: undefined }), 'there is no Lease countersign-operator'],
    ['it was released', lease({ holder: undefined }).leader, 'nobody holds the Lease'],
  ])('does not lead where %s', async (_what, leader, cause) => {
    expect(await one(startDoctor({ leader }), 'no operator leads')).toMatchObject({ sign: 'Fails', cause })
  })

  test('cannot be judged by whom may not read Leases, and the rest is looked at', async () => {
    const leader = () => Promise.resolve({ unreadable: 'GET leases: Forbidden (403)' })
    const found = await startDoctor({ leader }).end()
    expect(texts(found)[2]).toBe(
      'Fails | whether an operator leads could not be read | GET leases: Forbidden (403) | it takes the right to get leases in countersign-system',
    )
    expect(found).toHaveLength(7)
  })
})

describe('the gateway', () => {
  test.each([
    [undefined, 'a gateway keeps no Lease; its URL and a message to the bot show whether it lives'],
    [true, 'a gateway keeps no Lease; its URL and a message to the bot show whether it lives'],
    [false, 'the configuration runs none: gateway is not among its components'],
  ])('is not known while it has noted nothing; configured: %j', async (gatewayConfigured, cause) => {
    const rig = startDoctor({ channel: channel({ conversations: [] }) }, { gatewayConfigured })
    expect(await one(rig, 'whether a gateway runs is not known')).toMatchObject({ sign: 'Open', cause })
  })

  test('what it has noted of another tenant is of no account', async () => {
    const [noted] = channel().status?.conversations ?? []
    const conversations = noted === undefined ? [] : [{ ...noted, tenantID: other }]
    expect(await one(startDoctor({ channel: channel({ conversations }) }), 'whether a gateway')).toBeDefined()
  })
})

const policy = { 'content-security-policy': "default-src 'none';frame-ancestors 'none'" }
const refused = answer(403, policy)
const page = '<script type="module" src="/tab/main.js"></script>'
const tab = answer(200, { 'content-security-policy': tabContentSecurity }, page)
const toFolder = answer(301, { location: '/tab/', 'content-security-policy': tabContentSecurity })

/** What is asked in the internet, by method and URL; everything else is not there. */
function internet(answers: Readonly<Record<string, HttpAnswer | HttpFailure>>) {
  const asked: string[] = []
  const healthy = { [`POST ${url}/api/messages`]: refused, [`GET ${url}/tab`]: toFolder, [`GET ${url}/tab/`]: tab }
  const all: Readonly<Record<string, HttpAnswer | HttpFailure>> = { ...healthy, ...answers }
  return {
    asked,
    http: (request: { readonly method: string; readonly url: string; readonly headers: object }) => {
      asked.push(`${request.method} ${request.url} ${Object.keys(request.headers).join()}`)
      return Promise.resolve(all[`${request.method} ${request.url}`] ?? answer(404))
    },
  }
}

describe('the public way in', () => {
  test('holds by its name, certificate, messaging endpoint and tab, and no token is shown to anybody', async () => {
    const { asked, http } = internet({})
    const found = await startDoctor({ host: withCertificate({}), http }, { url }).end()
    expect(texts(found).slice(4, 8)).toEqual([
      'Holds | DNS: gate.example.com is 203.0.113.7',
      'Holds | TLS: the certificate holds for gate.example.com, by CA, 60 days left',
      'Holds | POST /api/messages without a token is refused by Countersign',
      'Holds | GET /tab serves the tab, with its Content-Security-Policy',
    ])
    expect(asked).toEqual([`POST ${url}/api/messages content-type`, `GET ${url}/tab `, `GET ${url}/tab/ `])
  })

  test.each<[string, HostSight, string, RegExp]>([
    ['has no address', { noName: 'ENOTFOUND' }, 'DNS: ', /^Fails .*ENOTFOUND.*add a record/],
    ['is refused', { addresses: ['203.0.113.7'], noTLS: 'NotReached' }, 'TLS: ', /^Fails .*refused.*firewall/],
    ['speaks no TLS', { addresses: ['203.0.113.7'], noTLS: 'NotSpoken' }, 'TLS: ', /^Fails .*let the ingress end TLS/],
    ['is silent', { addresses: ['203.0.113.7'], noTLS: 'Timeout' }, 'TLS: ', /^Fails .*in time/],
    [
      'has a certificate of another name',
      withCertificate({ fault: 'ERR_TLS_CERT_ALTNAME_INVALID', names: 'a.example.com' }),
      'TLS: ',
      /^Fails .*it is for a\.example\.com.*spec\.tls/,
    ],
    ['has an expired one', withCertificate({ fault: 'CERT_HAS_EXPIRED' }), 'TLS: ', /^Fails .*expired.*renew/],
    ["has an ingress's stand-in", withCertificate({ fault: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'TLS: ', /stand-in/],
    ['lacks a certificate between', withCertificate({ fault: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }), 'TLS: ', /chain/],
    ['has another fault', withCertificate({ fault: 'constructor' }), 'TLS: ', /^Fails .*\| constructor \|/],
  ])('fails where the host %s, and nothing is asked of it', async (_what, host, beginning, words) => {
    const { asked, http } = internet({})
    const rig = startDoctor({ host, http }, { url })
    expect(texts([await one(rig, beginning)])[0]).toMatch(words)
    expect(await one(rig, 'POST /api/messages and GET /tab were not asked')).toMatchObject({ sign: 'Open' })
    expect(asked).toEqual([])
  })

  test.each([
    [13.9, '13 days left: renew it now'],
    [1.5, '1 day left: renew it now'],
    [14.1, '14 days left'],
  ])('a certificate for %j more days holds, with %s', async (days, words) => {
    const rig = startDoctor({ host: withCertificate({ notAfter: now + days * day }) }, { url })
    expect((await one(rig, 'TLS: ')).what).toMatch(new RegExp(`, ${words}$`))
  })

  test.each([
    [['10.1.2.3'], 'Open'],
    [['192.168.1.1', '::1', 'fe80::1'], 'Open'],
    [['172.32.0.1'], 'Holds'],
    [['10.1.2.3', '2001:db8::1'], 'Holds'],
  ])('the addresses %j are: %s', async (addresses, sign) => {
    const rig = startDoctor({ host: { ...withCertificate({}), addresses } }, { url })
    expect(await one(rig, 'DNS: ')).toMatchObject({ sign })
  })

  test.each<[string, HttpAnswer | HttpFailure, RegExp]>([
    ['Countersign is not ready', answer(503, policy), /503 \| Countersign says that it is not ready/],
    ['Countersign fails inside', answer(500, policy), /500 \| Countersign answers, and not as it should/],
    ['the path was rewritten', answer(404, policy), /404 \| Countersign got it under another path/],
    ['the ingress knows no such path', answer(404), /404 \| the ingress, or another program, knows no such path/],
    ['no gateway runs', answer(502), /502 \| the ingress finds no gateway/],
    ['no gateway answers', answer(504), /504 \| the ingress finds no gateway/],
    ['the ingress has no endpoint', answer(503), /503 \| the ingress finds no gateway/],
    ['a firewall refuses', answer(403, {}, 'blocked'), /403 \| it is refused, but not by Countersign/],
    ['a proxy asks for a sign-in', answer(302, { location: 'https://login.example.com' }), /302 \| .*sign-in/],
    ['a proxy asks for a password', answer(401), /401 \| .*sign-in/],
    ['another program takes everything', answer(200, {}, 'ok'), /200 \| another program answers/],
    ['another program frames nothing', answer(403, { 'content-security-policy': "default-src 'self'" }), /not by Coun/],
    ['nobody answers', { failure: 'Timeout' }, /no answer \| nobody answered in time/],
    ['the connection is cut', { failure: 'Broken' }, /no answer \| the connection was cut/],
    ['the answer never ends', { failure: 'TooLarge' }, /no answer \| .*another program/],
  ])('POST /api/messages fails where %s', async (_what, outcome, words) => {
    const { http } = internet({ [`POST ${url}/api/messages`]: outcome })
    const finding = await one(startDoctor({ host: withCertificate({}), http }, { url }), 'POST /api/messages')
    expect(finding).toMatchObject({ sign: 'Fails', cause: expect.any(String), cure: expect.any(String) })
    expect(texts([finding])[0]).toMatch(words)
  })

  test.each<[string, Readonly<Record<string, HttpAnswer | HttpFailure>>, RegExp]>([
    ['the gateway has no URL', { '/tab': answer(404, policy) }, /serves no tab .*gateway\.url/],
    ['the ingress knows no such path', { '/tab': answer(404) }, /lead \/tab and \/api\/tab\//],
    ['no gateway runs', { '/tab': answer(502) }, /finds no gateway/],
    ['a proxy asks for a sign-in', { '/tab': answer(302, { location: 'https://a.example.com/tab/' }) }, /sign-in/],
    ['it leads to itself', { '/tab/': answer(301, { location: '/tab/' }) }, /leads elsewhere/],
    [
      'it leads to plain HTTP',
      { '/tab': answer(301, { location: 'http://gate.example.com/tab/' }) },
      /leads elsewhere/,
    ],
    ['another program answers', { '/tab': answer(200, {}, '<h1>It works!</h1>') }, /not the tab/],
    ['it has no policy', { '/tab/': answer(200, {}, page) }, /taken away/],
    [
      'an ingress adds a stricter policy',
      { '/tab/': answer(200, { 'content-security-policy': `${tabContentSecurity}, frame-ancestors 'self'` }, page) },
      /does not let Teams frame it .*adds none/,
    ],
    ['the connection is cut', { '/tab/': { failure: 'Broken' } }, /no answer/],
  ])('GET /tab fails where %s', async (_what, answers, words) => {
    const given = Object.fromEntries(Object.entries(answers).map(([path, one_]) => [`GET ${url}${path}`, one_]))
    const { http } = internet(given)
    const finding = await one(startDoctor({ host: withCertificate({}), http }, { url }), 'GET /tab')
    expect(finding.sign).toBe('Fails')
    expect(texts([finding])[0]).toMatch(words)
  })

  test('any policy that is added and names its own frames keeps Teams out, wherever it stands', () => {
    const sources = fc.constantFrom("'self'", "'none'", 'https://a.example.com', 'https://teams.example.com')
    const places = fc.constantFrom('before', 'after')
    fc.assert(
      fc.property(fc.array(sources, { minLength: 1 }), places, (added, place) => {
        const strict = `default-src 'self'; frame-ancestors ${added.join(' ')}`
        const both = place === 'before' ? `${strict}, ${tabContentSecurity}` : `${tabContentSecurity}, ${strict}`
        return (
          !framedByTeams(both) && framedByTeams(tabContentSecurity) && framedByTeams(`${tabContentSecurity}, img-src *`)
        )
      }),
    )
  })
})

describe('who may approve', () => {
  const bob = { name: 'bob', kubernetesUser: 'bob' }
  test.each<[string, readonly ApproverGroup[], readonly string[]]>([
    [
      'people by their names, a few of them',
      [
        group('approvers', {
          people: ['Ann', 'Bea', 'Cid', 'Dan', 'Eva', 'Fay', 'Gus'].map((displayName, index) => ({
            name: displayName.toLowerCase(),
            displayName,
            entraUser: entra(`${index}${alice.slice(1)}`),
          })),
        }),
      ],
      ['Holds | may approve in Teams: approvers (Ann, Bea, Cid, Dan, Eva and 2 more)'],
    ],
    [
      'somebody whose identity stands in another group',
      [
        group('a', { people: [{ name: 'alice' }] }),
        group('b', { people: [{ name: 'alice', entraUser: entra(alice) }] }),
      ],
      ['Holds | may approve in Teams: a (alice); b (alice)'],
    ],
    [
      'a group that has nobody there',
      [group('a', { people: [{ name: 'alice', entraUser: entra(alice) }] }), group('b', { people: [bob] })],
      ['Holds | may approve in Teams: a (alice)', 'Open | has nobody who could answer in Teams: b'],
    ],
    [
      'members of groups of Entra, in either case of the id',
      [group('a', { entraGroups: [{ tenantID: tenantID.toUpperCase(), groupID: other }] })],
      [
        'Holds | may approve in Teams: a (members of a group of Entra)',
        expect.stringMatching(/^Open \| whether the app may read groups of Entra/) as unknown as string,
      ],
    ],
  ])('tells %s', async (_what, people, lines) => {
    expect(texts(await startDoctor({ people }).end()).slice(5, -1)).toEqual(lines)
  })

  test.each<[string, readonly ApproverGroup[], string]>([
    ['there is no group', [], 'there is no ApproverGroup'],
    ['all answer by kubectl', [group('a', { people: [bob] })], `no ApproverGroup has anybody of tenant ${tenantID}`],
    [
      'all are of another tenant',
      [
        group('a', {
          people: [{ name: 'alice', entraUser: entra(alice, other) }],
          entraGroups: [{ tenantID: other, groupID: other }],
        }),
      ],
      `no ApproverGroup has anybody of tenant ${tenantID}`,
    ],
  ])('fails where %s, and says how to become one', async (_what, people, cause) => {
    const finding = await one(startDoctor({ people }), 'nobody may approve in Teams')
    expect(finding).toMatchObject({ sign: 'Fails', cause, cure: expect.stringContaining('write hi to the bot') })
  })
})

describe('the round trip of a message', () => {
  const waiting = { waitMs: 60_000 }

  async function asked(rig: ReturnType<typeof startDoctor>): Promise<void> {
    await until('the person is asked to write', async () => {
      await rig.clock.advance(100)
      return rig.found.at(-1)?.what.startsWith('write "hi"') === true
    })
  }

  test('is seen in, by whom, and out, with the times', async () => {
    const rig = startDoctor({}, waiting)
    await asked(rig)
    expect(rig.found.at(-1)?.what).toBe('write "hi" to the bot now, in its chat or as @Countersign hi; waiting 60 s')
    await rig.clock.advance(3_200)
    rig.change(channel({ greetings: [greeting('1')] }))
    await rig.clock.advance(1_400)
    rig.change(channel())
    expect(texts(await rig.end()).slice(-3)).toEqual([
      'Holds | way in: the gateway verified and noted it, 3.2 s after this was asked',
      `Holds | the message is from object id ${alice}, who may approve: approvers`,
      'Holds | way out: the operator answered it 1.4 s later',
    ])
    expect(rig.followers()).toBe(0)
  })

  test('is not missed when it is noted and answered at once', async () => {
    const rig = startDoctor({}, waiting)
    await asked(rig)
    rig.change(channel({ greetings: [greeting('1')] }))
    rig.change(channel())
    expect(texts(await rig.end()).at(-1)).toBe('Holds | way out: the operator answered it 0 s later')
  })

  test('may be noted in another channel of the same bot, and in no channel of another', async () => {
    const teams = { ...channel().spec.teams, appID: other } as NonNullable<ApprovalChannel['spec']['teams']>
    const foreign = channel({ greetings: [greeting('2')] }, 'foreign')
    const rig = startDoctor({}, waiting)
    await asked(rig)
    rig.change({ ...foreign, spec: { ...foreign.spec, teams } })
    await rig.clock.advance(100)
    expect(rig.found.at(-1)?.what).toMatch(/^write "hi"/)
    rig.change(channel({ greetings: [greeting('1')] }, 'second'))
    await rig.clock.advance(500)
    rig.change(channel({ greetings: [greeting('3')] }))
    await rig.clock.advance(500)
    rig.change(channel({}, 'second'))
    expect(texts(await rig.end()).at(-1)).toBe('Holds | way out: the operator answered it 1 s later')
  })

  test('fails at the way in when nothing comes', async () => {
    const rig = startDoctor({}, waiting)
    expect(texts(await rig.end()).at(-1)).toMatch(
      /^Fails \| way in: nothing was noted within 60 s \| the Bot Connector/,
    )
    expect(rig.followers()).toBe(0)
  })

  test('takes no message from before for the new one, and says that it is in the way', async () => {
    const rig = startDoctor({ channel: channel({ greetings: [greeting('old')] }) }, waiting)
    expect(texts(await rig.end()).at(-1)).toMatch(/way in: .* \| a message from before still waits/)
  })

  test('fails at the way out with the reason that the channel gives by then', async () => {
    const rig = startDoctor({}, waiting)
    await asked(rig)
    const greetings = [greeting('1')]
    rig.change(channel({ greetings }))
    await rig.clock.advance(5_000)
    rig.change(channel({ greetings, ...notReady('CredentialsRefused', 'x') }))
    expect(await one(rig, 'way out')).toMatchObject({
      sign: 'Fails',
      what: 'way out: the operator has not answered within 30 s',
      cause: `CredentialsRefused: ${channelReasons.CredentialsRefused}`,
    })
  })

  test.each<[string, readonly ApproverGroup[], string | undefined]>([
    ['in no group', [group('a', { people: [{ name: 'bob', entraUser: entra(other) }] })], undefined],
    [
      'perhaps in a group of Entra',
      [group('a', { entraGroups: [{ tenantID, groupID: other }] })],
      'a group of Entra may have this person; that is asked when a vote is judged',
    ],
  ])('tells of somebody who is %s, with the line to add', async (_what, people, cause) => {
    const rig = startDoctor({ people }, waiting)
    await asked(rig)
    rig.change(channel({ greetings: [greeting('1')] }))
    await rig.clock.advance(100)
    rig.change(channel())
    expect(await one(rig, 'the message is from')).toEqual({
      sign: 'Open',
      what: `the message is from object id ${alice}, who is in no list of people`,
      cause,
      cure: `to let this person approve, add to spec.people of an ApproverGroup: { name: YOUR-NAME, entraUser: { tenantID: ${tenantID}, objectID: ${alice} } }`,
    })
  })

  test('says that it was blind, when watching fails again and again, and not for one that broke off', async () => {
    const blind = startDoctor({}, waiting)
    await asked(blind)
    for (let time = 0; time < 3; time += 1) blind.cut()
    expect(texts(await blind.end()).at(-1)).toMatch(/could not be watched \| GET approvalchannels: Forbidden/)
    const short = startDoctor({}, waiting)
    await asked(short)
    short.cut()
    expect(texts(await short.end()).at(-1)).toMatch(/way in: nothing was noted/)
  })

  test('is not begun when the channels cannot be followed', async () => {
    const follow = () => Promise.resolve({ unreadable: 'Forbidden' })
    expect(texts(await startDoctor({ follow }, waiting).end()).at(-1)).toMatch(/^Fails .*watched \| Forbidden/)
  })
})
