import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Fact } from '../../src/app/fact.ts'
import type { Http } from '../../src/app/http.ts'
import type { RingKey } from '../../src/app/key-ring.ts'
import { clouds } from '../../src/clouds.ts'
import type { Component, Surroundings } from '../../src/compose/component.ts'
import { makeGateway } from '../../src/compose/gateway.ts'
import { readConfig } from '../../src/config-read.ts'
import { cardHandle } from '../../src/domain/card-handle.ts'
import type { ApprovalVoteSpec } from '../../src/domain/kinds.ts'
import { messageRef } from '../../src/teams/message-ref.ts'
import { makeKeyCraft } from '../../src/tokens/key-craft.ts'
import { verifyingKeys } from '../../src/tokens/verify.ts'
import { voteFault } from '../../src/tokens/vote.ts'
import { makeTokenIssuer, mint } from '../fake/token-issuer.ts'
import { startRig } from '../kubernetes/objects-rig.ts'
import type { Rig } from '../kubernetes/objects-rig.ts'
import { request } from '../make-request.ts'
import { action, appID, channelID, click, installation, message, serviceURL, tenantID } from '../teams/activities.ts'
import { connectorKey } from '../teams/inbound-rig.ts'
import { until } from '../until.ts'

const namespace = 'countersign-system'
const group = '/apis/countersign.dev/v1alpha1'
const secrets = '/api/v1/secrets'
const craft = makeKeyCraft(new Set())
const issuer = makeTokenIssuer()
issuer.publish([connectorKey], ['msteams'])

/** The fake issuer behind the port by which the gateway fetches keys. */
const http: Http = async ({ url }) => {
  const read = await issuer.fetchJson(url)
  if ('fault' in read) return { failure: 'Broken' }
  return { status: 200, header: () => undefined, body: Buffer.from(JSON.stringify(read.value)) }
}

let rig: Rig
let gateway: Component
let port = 0
let facts: Fact[]
let lines: string[]

beforeEach(async () => {
  rig = await startRig()
  ;[port, facts, lines] = [0, [], []]
  gateway = makeGateway(surroundings(), { http, tabFolder: 'no-such-folder' })
  await gateway.start()
})

afterEach(async () => {
  await stopped()
  await rig.stop()
})

/** Its end takes time, which passes only here. */
async function stopped(): Promise<void> {
  let over = false
  const end = gateway.stop().then(() => (over = true))
  await until('it has ended', async () => {
    if (!over) await rig.clock.advance(100)
    return over
  })
  await end
}

function surroundings(): Surroundings {
  const file = {
    components: ['gateway'],
    gateway: { listen: { host: '127.0.0.1', port: 0 }, drainSeconds: 0 },
    microsoft: { botMetadataURL: issuer.metadataURL },
  }
  const read = readConfig({ file, env: {} })
  if ('problems' in read) throw new Error(read.problems.join())
  const log =
    (level: string) =>
    (event: string, ...rest: readonly unknown[]) => {
      lines.push(`${level} ${event} ${JSON.stringify(rest)}`)
      if (event === 'GatewayListening') port = (rest[0] as { port: number }).port
    }
  return {
    config: read.config,
    timers: rig.clock,
    now: rig.clock.now,
    earliest: rig.clock.now,
    random: () => 0,
    transport: rig.connect(),
    objects: rig.objects,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    measure: (fact) => void facts.push(fact),
    instance: 'i1',
    version: '1',
  }
}

function secret(name: string, data: Readonly<Record<string, string>>): void {
  rig.api.objects.create(
    { collection: secrets, namespace },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data },
  )
}

type Keys = { readonly handle: RingKey; readonly verifying: ReturnType<typeof verifyingKeys> }

/** Keys as the operator makes them: the gateway's is vouched for by the evidence key. */
async function fillSecrets(isPublished = true): Promise<Keys> {
  const [evidence, signing, handle] = [
    craft.generate('evidence', 0),
    craft.generate('gateway', 0),
    craft.generate('handle', 0),
  ]
  const first = craft.publicHalf(evidence, 'evidence')
  const key = craft.publicHalf(signing, 'gateway')
  const introduced = await craft.introduce({ key, by: evidence, time: 0 })
  const trust = isPublished ? [first, introduced] : [first]
  secret('countersign-gateway-key', craft.ringData('gateway', { current: signing.id, keys: [signing] }))
  secret('countersign-handle', craft.ringData('handle', { current: handle.id, keys: [handle] }))
  secret('countersign-trust', craft.trustData(trust))
  return { handle, verifying: verifyingKeys(trust) }
}

/** A channel, and a request that has a card in it. Returns the uid of the request. */
function fillObjects(): string {
  const kind = { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApprovalChannel' }
  const teams = { cloud: 'Public', tenantID, appID, channelID, credentialsSecretRef: { name: 'countersign-teams' } }
  const channel = { ...kind, metadata: { name: 'teams' }, spec: { type: 'Teams', notify: 'Stage', teams } }
  rig.api.objects.create({ collection: `${group}/approvalchannels`, namespace: '' }, channel)
  const { uid: _uid, creationTimestamp: _time, ...metadata } = request().metadata
  const stored = rig.api.objects.create(
    { collection: `${group}/approvalrequests`, namespace },
    { ...request(), metadata },
  )
  const ref = messageRef({ conversationID: channelID, messageID: '1611183467424' })
  setStatus({ messages: [{ channel: 'teams', ref }] })
  return stored.metadata.uid
}

const requestKey = { collection: `${group}/approvalrequests`, namespace, name: request().metadata.name }

function setStatus(status: object): void {
  const before = rig.api.objects.get(requestKey)
  const next = { ...before, status: { ...Object(before['status']), ...status } }
  rig.api.objects.replace(requestKey, next, { part: 'status' })
}

const isReady = (): boolean => gateway.checks().every(({ ok }) => ok)
const time = (): string => new Date(rig.clock.now()).toISOString()

async function post(activity: unknown): Promise<{ status: number; body: string }> {
  const seconds = rig.clock.now() / 1000
  const claims = { iss: clouds.Public.botIssuer, aud: appID, serviceurl: serviceURL, exp: seconds + 3_600 }
  const headers = { authorization: `Bearer ${mint(connectorKey, { claims })}` }
  const answer = await fetch(`http://127.0.0.1:${port}/api/messages`, {
    method: 'POST',
    headers,
    body: JSON.stringify(activity),
  })
  return { status: answer.status, body: await answer.text() }
}

const votes = () => rig.api.objects.all(`${group}/approvalvotes`)

describe('the gateway', () => {
  test('listens at once, says "not now" until it knows enough, and which of it is missing', async () => {
    expect(await post(click(time()))).toMatchObject({ status: 503 })
    const missing = gateway.checks().filter(({ ok }) => !ok)
    expect(missing.map(({ name }) => name)).toEqual(expect.arrayContaining(['trust', 'gateway-key', 'handle-key']))
    await fillSecrets()
    fillObjects()
    await until('it is ready', isReady)
    expect(Object.keys(gateway.gauges().silentSeconds ?? {})).toEqual([
      'approvalrequests',
      'approvalchannels',
      'approvergroups',
    ])
  })

  test('signs nothing with a key of which nobody else knows yet', async () => {
    await fillSecrets(false)
    fillObjects()
    await until('all but one is known', () => gateway.checks().filter(({ ok }) => !ok).length === 1)
    expect(gateway.checks().filter(({ ok }) => !ok)).toMatchObject([{ name: 'gateway-key' }])
    expect(await post(click(time()))).toMatchObject({ status: 503 })
  })

  test('brings a click as a signed vote, waits for the decision, and answers with the card as it is then', async () => {
    const keys = await fillSecrets()
    const uid = fillObjects()
    await until('it is ready', isReady)
    const key = { id: keys.handle.id, secret: keys.handle.secret?.export() as Uint8Array }
    const value = action({}, { handle: cardHandle(key, { requestUID: uid, channel: 'teams' }) })
    const answer = post(click(time(), { value }))
    await until('there is a vote', () => votes().length === 1)
    const [cast] = votes()
    const spec = cast?.['spec'] as ApprovalVoteSpec
    expect(await voteFault(keys.verifying, spec)).toBeUndefined()
    const noted = { name: cast?.metadata.name, uid: cast?.metadata.uid, person: 'Alice Kim', verdict: 'Approve' }
    const decided = { decision: 'Approved', decisionTime: time().replace('.000', ''), decidedBy: 'Alice Kim' }
    setStatus({ votes: [{ ...noted, time: time(), counted: true }], ...decided })
    const { status, body } = await answer
    expect([status, JSON.parse(body)]).toMatchObject([200, { type: 'application/vnd.microsoft.card.adaptive' }])
    expect(body).toContain('APPROVED by Alice Kim')
    expect(facts).toContainEqual(expect.objectContaining({ fact: 'Clicked', from: 'Teams', outcome: 'Counted' }))
    expect(lines.filter((line) => line.includes('Clicked'))).toHaveLength(1)
  })

  test('notes where the bot was installed and who wrote to it, in the status of the channel', async () => {
    await fillSecrets()
    fillObjects()
    await until('it is ready', isReady)
    expect(await post(installation(time()))).toMatchObject({ status: 200 })
    expect(await post(message(time()))).toMatchObject({ status: 200 })
    const channel = rig.api.objects.get({ collection: `${group}/approvalchannels`, namespace: '', name: 'teams' })
    expect(channel['status']).toMatchObject({
      conversations: [{ conversationID: channelID, serviceURL }],
      greetings: [{ conversationID: 'a:1pL6i0' }],
    })
  })

  test('writes nothing for what is forged, and counts it', async () => {
    await fillSecrets()
    fillObjects()
    await until('it is ready', isReady)
    expect(await post(click(time(), { conversation: { id: '19:x', tenantId: tenantID } }))).toMatchObject({
      status: 200,
    })
    expect(await post(click(time(), { channelId: 'webchat' }))).toMatchObject({ status: 403, body: '' })
    expect(facts.flatMap((fact) => (fact.fact === 'InboundRefused' ? [fact.reason] : []))).toEqual([
      'OtherConversation',
      'OtherChannel',
    ])
    expect(votes()).toEqual([])
  })

  test('ends when it is told to, and answers nobody any more', async () => {
    await stopped()
    await expect(post(click(time()))).rejects.toThrow('fetch failed')
    expect(rig.api.watches()).toEqual([])
  })
})
