import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { clouds } from '../../src/clouds.ts'
import { inboundRefusals } from '../../src/teams/inbound-refusals.ts'
import { makeIssuerKey, mint, mintUnsigned, mintWithPublicKey } from '../fake/token-issuer.ts'
import type { IssuerKey, Said } from '../fake/token-issuer.ts'
import { scaled } from '../scale.ts'
import { action, appID, channelID, click, installation, membership, message, tenantID } from './activities.ts'
import { connectorKey, makeInboundRig, ourChannel } from './inbound-rig.ts'
import type { InboundRig } from './inbound-rig.ts'

const stranger: IssuerKey = { ...makeIssuerKey('x'), kid: connectorKey.kid }
const minute = 60_000

async function refusalOf(rig: InboundRig, request: Parameters<InboundRig['judge']>[0]): Promise<string> {
  const read = await rig.judge(request)
  return 'refusal' in read ? read.refusal : 'taken'
}

describe('what Teams sends to us is taken', () => {
  test.each([
    ['a click', click],
    ['an installation', installation],
    ['the coming of the bot', membership],
    ['the coming of somebody else', (time: string) => membership(time, { membersAdded: [{ id: '29:x' }] })],
    ['a message in a chat', message],
    [
      'an installation elsewhere in the tenant',
      (time: string) => installation(time, { conversation: { id: '19:new@thread.tacv2', tenantId: tenantID } }),
    ],
    [
      'a service with a slash more or less',
      (time: string) => click(time, { serviceUrl: 'https://smba.trafficmanager.net/emea' }),
    ],
    [
      'a tenant in capitals',
      (time: string) => click(time, { channelData: { tenant: { id: tenantID.toUpperCase() } } }),
    ],
    ['a click from an hour of another time zone', (time: string) => click(time.replace('Z', '+00:00'))],
  ])('%s', async (_what, make) => {
    const rig = makeInboundRig()
    const read = await rig.judge(rig.request(make(rig.time())))
    expect(read).toMatchObject({ activity: { id: expect.any(String) }, channels: [ourChannel] })
  })

  test('with the hash of its token, which a record may cite', async () => {
    const rig = makeInboundRig()
    const read = await rig.judge(rig.request(click(rig.time())))
    expect(read).toMatchObject({ token: { kid: 'connector-1', tokenHash: expect.stringMatching(/^[\da-f]{64}$/) } })
  })

  test('for the channel whose conversation it is, of two with one bot', async () => {
    const other = { ...ourChannel, name: 'other', conversationIDs: ['19:other@thread.tacv2'] }
    const rig = makeInboundRig([other, ourChannel])
    expect(await rig.judge(rig.request(click(rig.time())))).toMatchObject({ channels: [{ name: 'teams' }] })
    expect(await rig.judge(rig.request(message(rig.time())))).toMatchObject({
      channels: [{ name: 'other' }, { name: 'teams' }],
    })
  })

  test('in a government cloud by its own issuer and hosts', async () => {
    const service = 'https://smba.infra.gov.teams.microsoft.us/gcch'
    const rig = makeInboundRig([ourChannel], clouds.USGovernment)
    const token = mint(connectorKey, { claims: rig.claims({ serviceurl: service }) })
    expect(await refusalOf(rig, rig.request(click(rig.time(), { serviceUrl: service }), token))).toBe('taken')
  })
})

type Forgery = {
  readonly said?: Said
  readonly token?: (rig: InboundRig) => string
  readonly make?: (time: string) => unknown
}

const claimed = (changes: Record<string, unknown>, header = {}): Pick<Forgery, 'token'> => ({
  token: (rig) => mint(connectorKey, { header, claims: rig.claims(changes) }),
})
const clicked = (changes: Record<string, unknown>): Pick<Forgery, 'make'> => ({ make: (time) => click(time, changes) })
const at = (ms: number): string => new Date(Date.UTC(2030, 0, 1) + ms).toISOString()

const forgeries: readonly (readonly [keyof typeof inboundRefusals, string, Forgery])[] = [
  ['TokenMalformed', 'a word for a token', { token: () => 'token' }],
  ['TokenMalformed', 'an extension that must be understood', claimed({}, { crit: ['exp'], exp: 1 })],
  ['TokenMalformed', 'an end that is a text', claimed({ exp: 'never' })],
  ['AlgorithmNotAllowed', 'no signature', { token: (rig) => mintUnsigned({ claims: rig.claims() }) }],
  [
    'AlgorithmNotAllowed',
    'an HMAC with the public key',
    { token: (rig) => mintWithPublicKey(connectorKey, { claims: rig.claims() }) },
  ],
  ['AlgorithmNotAllowed', 'another algorithm', claimed({}, { alg: 'RS384' })],
  ['WrongIssuer', 'the issuer of the emulator', claimed({ iss: `https://sts.windows.net/${tenantID}/` })],
  ['WrongIssuer', 'the issuer of a tenant', claimed({ iss: `https://login.microsoftonline.com/${tenantID}/v2.0` })],
  ['WrongIssuer', 'the issuer of another cloud', claimed({ iss: clouds.China.botIssuer })],
  ['WrongIssuer', 'no issuer', claimed({ iss: undefined })],
  ['WrongAudience', 'another bot', claimed({ aud: '00000000-0000-4000-8000-000000000000' })],
  ['WrongAudience', 'the Connector itself', claimed({ aud: clouds.Public.botIssuer })],
  ['WrongAudience', 'a URI of our app', claimed({ aud: `api://${appID}` })],
  ['WrongAudience', 'no audience', claimed({ aud: undefined })],
  ['TokenExpired', 'a token of yesterday', claimed({ exp: 1_893_369_600 })],
  ['TokenNotYetValid', 'a token of tomorrow', claimed({ nbf: 1_893_542_400 })],
  ['ClaimMissing', 'a token without an end', claimed({ exp: undefined })],
  ['ClaimMissing', 'a token without a service', claimed({ serviceurl: undefined })],
  ['UnknownKey', 'a key that nobody publishes', claimed({}, { kid: 'connector-2' })],
  ['BadSignature', 'the key of a stranger', { token: (rig) => mint(stranger, { claims: rig.claims() }) }],
  ['NotAnActivity', 'a list', { make: () => [] }],
  ['NotAnActivity', 'no JSON', { make: () => Buffer.from('hello') }],
  ['NotAnActivity', 'a name twice', { make: () => Buffer.from('{"type":"invoke","type":"message"}') }],
  ['NotAnActivity', 'no conversation', clicked({ conversation: undefined })],
  ['NotAnActivity', 'no id', clicked({ id: undefined })],
  ['TooLarge', 'a huge body', { make: () => Buffer.alloc(300_000, ' ') }],
  ['OtherChannel', 'the emulator', clicked({ channelId: 'emulator' })],
  ['OtherChannel', 'the web chat', clicked({ channelId: 'webchat' })],
  ['OtherChannel', 'no channel', clicked({ channelId: undefined })],
  [
    'OtherServiceUrl',
    'a service that is not the signed one',
    clicked({ serviceUrl: 'https://smba.trafficmanager.net/amer/' }),
  ],
  ['OtherServiceUrl', 'a service of the attacker', clicked({ serviceUrl: 'https://evil.example/' })],
  [
    'OtherServiceUrl',
    'a service with two slashes more',
    clicked({ serviceUrl: 'https://smba.trafficmanager.net/emea//' }),
  ],
  ['OtherServiceUrl', 'no service', clicked({ serviceUrl: undefined })],
  ...[
    'https://evil.example/',
    'https://smba.trafficmanager.net.evil.example/emea/',
    'https://evil.smba.trafficmanager.net/emea/',
    'https://smba.trafficmanager.net@evil.example/emea/',
    'https://user:word@smba.trafficmanager.net/emea/',
    'https://smba.trafficmanager.net:8443/emea/',
    'http://smba.trafficmanager.net/emea/',
    'http://127.0.0.1:3978/',
    'https://169.254.169.254/latest/',
    'https://smba.trafficmanager.net/emea/?to=evil',
    'https://smba.trafficmanager.net\\@evil.example/',
    'https://smba.infra.gov.teams.microsoft.us/gcch',
    'smba.trafficmanager.net',
    'javascript:alert(1)',
  ].map(
    (url) =>
      [
        'ServiceUrlNotAllowed',
        `the signed service ${url}`,
        { ...claimed({ serviceurl: url }), ...clicked({ serviceUrl: url }) },
      ] as const,
  ),
  [
    'OtherRecipient',
    'another bot in its body',
    clicked({ recipient: { id: '28:00000000-0000-4000-8000-000000000000' } }),
  ],
  ['OtherRecipient', 'a person in its body', clicked({ recipient: { id: '29:1kXt' } })],
  ['OtherRecipient', 'nobody in its body', clicked({ recipient: undefined })],
  ['TenantMissing', 'no tenant', clicked({ channelData: {} })],
  ['TenantMissing', 'no tenant of the conversation', clicked({ conversation: { id: channelID } })],
  [
    'TenantNotAllowed',
    'a foreign tenant',
    clicked({ channelData: { tenant: { id: 'a0' } }, conversation: { id: channelID, tenantId: 'a0' } }),
  ],
  ['TenantNotAllowed', 'a foreign tenant of the sender', clicked({ channelData: { tenant: { id: 'a0' } } })],
  [
    'TenantNotAllowed',
    'a foreign tenant of the conversation',
    clicked({ conversation: { id: channelID, tenantId: 'a0' } }),
  ],
  ['TypeNotAllowed', 'a reaction', clicked({ type: 'messageReaction' })],
  ['TypeNotAllowed', 'an event', clicked({ type: 'event', name: 'tokens/response' })],
  ['TypeNotAllowed', 'the sign-in of a card', clicked({ name: 'signin/verifyState' })],
  ['TypeNotAllowed', 'the fetching of a dialog', clicked({ name: 'task/fetch' })],
  ['TypeNotAllowed', 'an invoke without a name', clicked({ name: undefined })],
  ['NotUnderstood', 'a click without a handle', clicked({ value: action({}, { handle: undefined }) })],
  ['NotUnderstood', 'a click without a verb', clicked({ value: action({ verb: undefined }) })],
  ['NotUnderstood', 'a click of the old kind', clicked({ value: action({ type: 'Action.Submit' }) })],
  ['NotByHand', 'the refresh of a card', clicked({ value: { ...action(), trigger: 'automatic' } })],
  ['PersonUnknown', 'a click of nobody', clicked({ from: { id: '29:1kXt', name: 'Alice Kim' } })],
  ['PersonUnknown', 'a click of a name', clicked({ from: { aadObjectId: 'alice@example.com' } })],
  [
    'PersonUnknown',
    'a click of an id with a slash',
    clicked({ from: { aadObjectId: '5e3f1c2a-6a6b-4e0a-9c5d-0b7a1f9d8e21/x' } }),
  ],
  [
    'OtherConversation',
    'a card that was forwarded to a chat',
    clicked({ conversation: { id: '19:chat@unq.gbl.spaces', tenantId: tenantID } }),
  ],
  [
    'OtherConversation',
    'a card that was copied to another channel',
    clicked({ conversation: { id: '19:zz@thread.tacv2;messageid=1', tenantId: tenantID } }),
  ],
  [
    'OtherConversation',
    'a channel whose id begins as ours',
    clicked({ conversation: { id: `${channelID}x`, tenantId: tenantID } }),
  ],
  ['Stale', 'a click of six minutes ago', { make: () => click(at(-6 * minute)) }],
  ['Stale', 'a click in six minutes', { make: () => click(at(6 * minute)) }],
  ['Stale', 'a click without a time', clicked({ timestamp: undefined })],
  ['Stale', 'a click at no time', clicked({ timestamp: 'now' })],
]

describe('what is forged or broken is refused under its name', () => {
  test.each(forgeries)('%s: %s', async (refusal, _what, { token, make = click }) => {
    const rig = makeInboundRig()
    expect(await refusalOf(rig, rig.request(make(rig.time()), token?.(rig)))).toBe(refusal)
  })

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another scheme', 'Basic YTpi'],
    ['a scheme alone', 'Bearer'],
    ['two tokens', 'Bearer a b'],
    ['two headers in one', 'Bearer a, Bearer b'],
    ['a line break', 'Bearer a\nb'],
  ])('NoBearer: %s', async (_what, authorization) => {
    const rig = makeInboundRig()
    expect(await refusalOf(rig, { ...rig.request(click(rig.time())), header: () => authorization })).toBe('NoBearer')
  })

  test.each([
    [
      'KeyNotEndorsed',
      'a key for the web chat alone',
      (rig: InboundRig) => rig.issuer.publish([connectorKey], ['webchat']),
    ],
    ['KeyNotEndorsed', 'a key without endorsements', (rig: InboundRig) => rig.issuer.publish([connectorKey])],
    [
      'KeysUnavailable',
      'an issuer that is down',
      (rig: InboundRig) => rig.issuer.lie(rig.issuer.metadataURL, 'Unreachable'),
    ],
    [
      'KeysUnavailable',
      'an issuer with a huge set of keys',
      (rig: InboundRig) => rig.issuer.lie(rig.issuer.keysURL, 'TooLarge'),
    ],
  ])('%s: %s', async (refusal, _what, prepare) => {
    const rig = makeInboundRig()
    prepare(rig)
    expect(await refusalOf(rig, rig.request(click(rig.time())))).toBe(refusal)
  })

  test('Replayed: the same click again, which comes with the click so that the true state can be told', async () => {
    const rig = makeInboundRig()
    const request = rig.request(click(rig.time()))
    expect(await refusalOf(rig, request)).toBe('taken')
    expect(await rig.judge(request)).toMatchObject({ refusal: 'Replayed', activity: { event: { kind: 'CardClick' } } })
  })

  test('Replayed: under the id of another click, from somebody else or with another button', async () => {
    const rig = makeInboundRig()
    const time = rig.time()
    expect(await refusalOf(rig, rig.request(click(time)))).toBe('taken')
    const others = [
      click(time, { from: { aadObjectId: '00000000-0000-4000-8000-0000000000b0' } }),
      click(time, { value: action({ verb: 'deny' }) }),
    ]
    for (const other of others) {
      expect(await rig.judge(rig.request(other))).toMatchObject({ refusal: 'Replayed', late: { arrival: 'Used' } })
    }
    expect(await rig.judge(rig.request(click(time)))).toMatchObject({ late: { arrival: 'Again' } })
  })

  test('CrowdedOut: a body for which there was no room, once there is a token', async () => {
    const rig = makeInboundRig()
    const request = { ...rig.request(new Uint8Array()), crowdedOut: true }
    expect(await refusalOf(rig, request)).toBe('CrowdedOut')
    expect(await refusalOf(rig, { ...request, header: () => undefined })).toBe('NoBearer')
  })

  test('but a click that could not be dealt with may come again', async () => {
    const rig = makeInboundRig()
    const request = rig.request(click(rig.time()))
    const first = await rig.judge(request)
    if ('forget' in first) first.forget()
    expect(await refusalOf(rig, request)).toBe('taken')
  })

  test('and a forged click does not use up the id of the true one', async () => {
    const rig = makeInboundRig()
    const forged = click(rig.time(), { from: { aadObjectId: 'x' } })
    expect(await refusalOf(rig, rig.request(forged))).toBe('PersonUnknown')
    expect(await refusalOf(rig, rig.request(click(rig.time())))).toBe('taken')
  })

  test('without any channel nothing is taken', async () => {
    const rig = makeInboundRig([])
    expect(await refusalOf(rig, rig.request(click(rig.time())))).toBe('WrongAudience')
  })

  test('a bot of one tenant may not speak for the tenant of another bot', async () => {
    const other = { ...ourChannel, name: 'other', appID: '11111111-1111-4111-8111-111111111111', tenantID: 'a0' }
    const rig = makeInboundRig([ourChannel, other])
    const foreign = click(rig.time(), {
      channelData: { tenant: { id: 'a0' } },
      conversation: { id: channelID, tenantId: 'a0' },
    })
    expect(await refusalOf(rig, rig.request(foreign))).toBe('TenantNotAllowed')
  })

  test('every refusal of the list was seen in these tests', () => {
    const seen = new Set<string>([
      ...forgeries.map(([refusal]) => refusal),
      'NoBearer',
      'CrowdedOut',
      'KeyNotEndorsed',
      'KeysUnavailable',
      'Replayed',
    ])
    expect([...seen].toSorted()).toEqual(Object.keys(inboundRefusals).toSorted())
  })
})

describe('whatever is done to a true click', () => {
  test('a change of its body is refused or is the same click', async () => {
    const rig = makeInboundRig()
    const token = mint(connectorKey, { claims: rig.claims() })
    const text = JSON.stringify(click(rig.time()))
    const watched = ['"from"', '"conversation"', '"recipient"', '"channelData"', '"serviceUrl"', '"value"']
    expect(watched.every((name) => text.includes(name))).toBe(true)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('"', '{', '}', ',', ':', 'x', '\\', '0'),
        async (place, put) => {
          const changed = text.slice(0, place) + put + text.slice(place + 1)
          const read = await rig.judge(rig.request(Buffer.from(changed), token))
          if ('refusal' in read) return
          read.forget()
          expect(read.channels).toEqual([ourChannel])
          expect(read.activity.tenantIDs).toEqual([tenantID, tenantID])
          expect(read.activity.conversation.id).toBe(channelID)
          expect(read.activity.recipientID).toBe(`28:${appID}`)
        },
      ),
      { numRuns: scaled(1_000, 50_000) },
    )
  })
})
