import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Surroundings } from '../../src/compose/component.ts'
import { makeDelivery } from '../../src/compose/delivery.ts'
import type { Delivery } from '../../src/compose/delivery.ts'
import { deliveryPorts } from '../../src/compose/delivery-ports.ts'
import { makeRequestLoop } from '../../src/compose/request-loop.ts'
import type { RequestLoop } from '../../src/compose/request-loop.ts'
import { configSchema } from '../../src/config.ts'
import type { AppCredentials } from '../../src/app/access-token.ts'
import type { ApprovalChannelStatus, ApprovalRequestStatus, Condition, Conversation } from '../../src/domain/kinds.ts'
import { makeBotConnector } from '../fake/bot-connector.ts'
import type { BotConnector } from '../fake/bot-connector.ts'
import { startRig } from '../kubernetes/objects-rig.ts'
import type { Rig } from '../kubernetes/objects-rig.ts'
import { closedStatus, group, member, request, time } from '../make-request.ts'
import { until } from '../until.ts'

type Key = { readonly collection: string; readonly namespace: string }

const ours = '/apis/countersign.dev/v1alpha1'
const namespace = 'countersign-system'
const requests = { collection: `${ours}/approvalrequests`, namespace }
const channels = { collection: `${ours}/approvalchannels`, namespace: '' }
const secrets = { collection: '/api/v1/secrets', namespace }
const tenantID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'

let rig: Rig
let service: BotConnector
let loop: RequestLoop
let delivery: Delivery
let signedIn: AppCredentials[]
const cutOff = new AbortController().signal

beforeEach(async () => {
  rig = await startRig()
  service = makeBotConnector(rig.clock)
  service.members = [{ id: '29:alice', aadObjectId: 'alice-oid', name: 'Alice' }]
  signedIn = []
  const around = aroundOf(rig)
  loop = makeRequestLoop(around, {
    sign: () => undefined,
    verifying: () => new Map(),
    hmacKey: () => undefined,
    isAgent: () => false,
    leads: () => true,
    evidence: () => undefined,
    changed: (name) => delivery.changed(name),
  })
  delivery = makeDelivery(around, {
    ...deliveryPorts(around, loop),
    http: service.http,
    tokenOf: (_teams, credentials) => {
      signedIn.push(credentials)
      return { get: () => Promise.resolve({ token: 'good' }), forget: () => undefined }
    },
    handleKey: () => ({ id: 'h-1', secret: new Uint8Array(32).fill(7) }),
  })
  create({ collection: `${ours}/approvergroups`, namespace: '' }, group('approvers', { people: [member('alice')] }))
  await loop.start()
  await until('the loop knows all', () => loop.checks().every(({ ok }) => ok))
})

afterEach(async () => {
  await delivery.term.end(AbortSignal.abort())
  await loop.stop()
  await rig.stop()
})

function aroundOf({ clock, objects, connect }: Rig): Surroundings {
  const quiet = (): undefined => undefined
  return {
    config: configSchema.parse({}),
    timers: clock,
    now: clock.now,
    earliest: clock.now,
    random: () => 0.5,
    transport: connect(),
    objects,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    measure: quiet,
    instance: 'one',
    version: 'test',
  }
}

function create(key: Key, object: object): void {
  rig.api.objects.create(key, JSON.parse(JSON.stringify(object)))
}

function open(name: string, status?: ApprovalRequestStatus): void {
  const { metadata, ...rest } = request({ expirationTime: time(rig.clock.now() + 900_000) })
  create(requests, {
    ...rest,
    metadata: { ...metadata, name, uid: undefined, creationTimestamp: time(rig.clock.now()) },
  })
  if (status !== undefined) rig.api.objects.replace({ ...requests, name }, { status }, { part: 'status' })
}

const place: Conversation = {
  conversationID: '19:a@thread.tacv2',
  serviceURL: 'https://smba.trafficmanager.net/teams/',
  tenantID,
  teamID: '19:team@thread.tacv2',
  name: 'Platform > Approvals',
}

function makeChannel(name = 'teams'): void {
  const teams = { cloud: 'Public', tenantID, appID: 'app', credentialsSecretRef: { name: 'countersign-teams' } }
  create(channels, {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalChannel',
    metadata: { name },
    spec: { type: 'Teams', notify: 'Stage', teams },
  })
  rig.api.objects.replace({ ...channels, name }, { status: { conversations: [place] } }, { part: 'status' })
}

function makeSecret(secret = 's3cret'): void {
  create(secrets, {
    metadata: { name: 'countersign-teams' },
    data: { clientSecret: Buffer.from(secret).toString('base64') },
  })
}

const statusOf = (key: Key, name: string): ApprovalRequestStatus & ApprovalChannelStatus =>
  Object(rig.api.objects.get({ ...key, name })['status'] ?? {})

const condition = (key: typeof requests, name: string, type: string): string => {
  const found = statusOf(key, name).conditions?.find((one) => one.type === type)
  return found === undefined ? 'none' : `${found.status} ${found.reason}`
}

const becomes = (what: string, key: typeof requests, name: string, type: string): Promise<void> =>
  until(`${type} of ${name} is ${what}`, async () => {
    await rig.clock.advance(200)
    return condition(key, name, type) === what
  })

test('a channel is ready once its Secret is there, and what was open then gets its card', async () => {
  makeChannel()
  open('apr-a')
  delivery.term.begin()
  await becomes('False CredentialsMissing', channels, 'teams', 'Ready')
  makeSecret()
  await becomes('True Installed', channels, 'teams', 'Ready')
  await becomes('True Delivered', requests, 'apr-a', 'Notified')
  expect(service.seen(place.conversationID)).toMatchObject([{ rung: ['29:alice'] }])
  expect(statusOf(requests, 'apr-a').messages).toMatchObject([{ channel: 'teams' }])
  expect(signedIn).toContainEqual({ kind: 'ClientSecret', secret: 's3cret' })
  await until('its status tells how it does', async () => {
    await rig.clock.advance(5_000)
    return statusOf(channels, 'teams').delivered === '1/1'
  })
  expect(statusOf(channels, 'teams')).toMatchObject({ target: 'Platform > Approvals', conversations: [place] })
  const events = rig.api.requests.filter(({ method, path }) => method === 'POST' && path.includes('/events'))
  expect(events.some(({ path }) => path.includes('/namespaces/default/'))).toBe(true)
})

test('a request that no channel takes is said to be undelivered, and pending again once it is out', async () => {
  makeChannel()
  open('apr-a')
  delivery.term.begin()
  await becomes('False Pending', requests, 'apr-a', 'Decided')
  await rig.clock.advance(60_000)
  await becomes('False Undelivered', requests, 'apr-a', 'Decided')
  makeSecret()
  await becomes('True Delivered', requests, 'apr-a', 'Notified')
  await becomes('False Pending', requests, 'apr-a', 'Decided')
})

test('where there is no channel, that is said', async () => {
  open('apr-a')
  delivery.term.begin()
  await becomes('False Pending', requests, 'apr-a', 'Decided')
  await rig.clock.advance(60_000)
  await becomes('False NoChannel', requests, 'apr-a', 'Decided')
})

test('a request that was closed while nobody led gets its card drawn anew, once', async () => {
  makeChannel()
  makeSecret()
  open('apr-a')
  delivery.term.begin()
  await becomes('True Delivered', requests, 'apr-a', 'Notified')
  await delivery.term.end(cutOff)
  const { messages = [], conditions = [] } = statusOf(requests, 'apr-a')
  const decided: readonly Condition[] = [
    ...conditions.filter((one) => one.type !== 'Decided'),
    { type: 'Decided', status: 'True', reason: 'Denied', message: '', lastTransitionTime: time(rig.clock.now()) },
  ]
  rig.api.objects.replace(
    { ...requests, name: 'apr-a' },
    { status: closedStatus('Denied', { messages, conditions: decided, decidedBy: 'Dana Roe' }) },
    { part: 'status' },
  )
  await rig.clock.advance(1_000)
  expect(service.seen()).toHaveLength(1)
  delivery.term.begin()
  await becomes('True Concluded', requests, 'apr-a', 'Notified')
  expect(service.seen().map(({ shown }) => shown.includes('DENIED by Dana Roe'))).toEqual([true, true])
  const calls = service.calls.filter(({ method }) => method !== 'GET').length
  await delivery.term.end(cutOff)
  delivery.term.begin()
  await becomes('True Installed', channels, 'teams', 'Ready')
  await rig.clock.advance(5_000)
  expect(service.calls.filter(({ method }) => method !== 'GET')).toHaveLength(calls)
})

test('nothing is sent to a channel that is gone, nor by a replica that does not lead', async () => {
  makeSecret()
  makeChannel()
  open('apr-a')
  await rig.clock.advance(5_000)
  expect(service.calls).toEqual([])
  delivery.term.begin()
  await becomes('True Delivered', requests, 'apr-a', 'Notified')
  rig.api.objects.delete({ ...channels, name: 'teams' })
  await until('it is forgotten', () => Object.keys(delivery.gauges().channelReady ?? {}).length === 0)
  open('apr-b')
  await becomes('False Pending', requests, 'apr-b', 'Decided')
  await rig.clock.advance(30_000)
  expect(service.seen()).toHaveLength(1)
  expect(delivery.gauges()).toMatchObject({ queueDepth: { cards: 0 } })
})

test('a term ends although the service hangs, since elections wait for that', async () => {
  makeSecret()
  makeChannel()
  delivery.term.begin()
  await becomes('True Installed', channels, 'teams', 'Ready')
  service.fault = () => ({ do: 'Hang' })
  const calls = service.calls.length
  open('apr-a')
  await until('its card is on the way', async () => {
    await rig.clock.advance(200)
    return service.calls.length > calls
  })
  let ended = false
  void delivery.term.end(AbortSignal.abort()).then(() => {
    ended = true
  })
  await until('the term has ended', () => ended, 2_000)
  expect(service.calls).toHaveLength(calls + 1)
})
