import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ClaimOutcome, RequestDraft } from '../../src/app/ports.ts'
import { requestName } from '../../src/domain/digest.ts'
import type { Digest } from '../../src/domain/digest.ts'
import type { ApprovalRequest, Claim } from '../../src/domain/kinds.ts'
import type { Masked } from '../../src/domain/mask.ts'
import { connectionFrom } from '../../src/kubernetes/credentials.ts'
import { approvalRequests } from '../../src/kubernetes/kinds.ts'
import { mintedConnection } from '../../src/kubernetes/minted-token.ts'
import type { Objects } from '../../src/kubernetes/objects.ts'
import { makeOperatorRequests, makeWebhookRequests } from '../../src/kubernetes/requests.ts'
import type { Transport } from '../../src/kubernetes/transport.ts'
import {
  approval,
  asMasked,
  denial,
  grantOf,
  makeClaim,
  makeSpec,
  namespace,
  pending,
} from '../kubernetes/requests-make.ts'
import { scaled } from '../scale.ts'
import { startRealApi } from './real-api.ts'
import type { RealApi } from './real-api.ts'

/** A round is some 20 writes that contend for one object: half a second on two free cores. */
const rounds = scaled(20, 200)
/** A request holds 16 claims; so many rounds are played on one, each on the claims of those before. */
const roundsEach = 12
const writers = 16
const claimers = 4

let api: RealApi

beforeAll(async () => {
  api = await startRealApi(['crds/approvalrequests.yaml'])
  await api.plane.kubectl(['create', 'namespace', namespace])
}, 60_000)

afterAll(() => api.stop(), 60_000)

type Ports = Parameters<typeof makeWebhookRequests>[0]

/** Each of them with connections of its own, as in processes of their own. */
type Crowd = { readonly operator: Ports; readonly writers: readonly Ports[]; readonly claimers: readonly Ports[] }

function makeCrowd(): Crowd {
  const some = (size: number): readonly Ports[] =>
    Array.from({ length: size }, () => ({ objects: api.connect().objects, namespace }))
  return { operator: { objects: api.connect().objects, namespace }, writers: some(writers), claimers: some(claimers) }
}

async function openApproved(ports: Ports, round: number): Promise<ApprovalRequest> {
  const digest: Digest = `sha256:${createHash('sha256').update(String(round)).digest('hex')}`
  const draft = asMasked({ name: requestName(digest), spec: makeSpec(digest) })
  const { request } = await makeWebhookRequests(ports).open(draft)
  const operator = makeOperatorRequests(ports)
  const messages = Array.from({ length: writers }, (_value, writer) => ({ channel: 'teams', ref: String(writer) }))
  expect(await operator.note(request, asMasked({ ...pending, messages }))).toBe('Stored')
  expect(await operator.decide(request, asMasked(approval))).toBe('Stored')
  return read(ports, request.metadata.name)
}

/** One note, as the operator writes it while it sends and redraws cards. */
async function makeNote(ports: Ports, on: ApprovalRequest, writer: number): Promise<string> {
  const text = `${writer} ${on.metadata.resourceVersion}`
  const message = { channel: 'teams', ref: String(writer), rendered: text }
  const note = { context: { effects: [text] }, progress: text, messages: [message] }
  return makeOperatorRequests(ports).note(on, asMasked(note))
}

async function read(ports: Ports, name: string): Promise<ApprovalRequest> {
  const live = await ports.objects.get(approvalRequests, { namespace, name })
  if (live === 'NotFound') throw new Error('the request is gone')
  return live.object
}

type Round = {
  readonly seen: readonly Claim[]
  readonly noted: readonly string[]
  readonly outcomes: readonly ClaimOutcome[]
  readonly stored: readonly Claim[]
}

/** All write and all claim at once on what all have seen: half of the notes are sent before the claims, half after. */
async function playRound(crowd: Crowd, name: string, round: number): Promise<Round> {
  const seen = await read(crowd.operator, name)
  const note = (ports: Ports, writer: number): Promise<string> => makeNote(ports, seen, writer)
  const claim = (ports: Ports, index: number): Promise<ClaimOutcome> =>
    makeWebhookRequests(ports).claim(grantOf(seen), { ...makeClaim(`${round}-${index}`), digest: digestOf(seen) })
  const half = writers / 2
  const before = crowd.writers.slice(0, half).map(note)
  const claiming = crowd.claimers.map(claim)
  const after = crowd.writers.slice(half).map((ports, index) => note(ports, half + index))
  const [outcomes, noted] = await Promise.all([Promise.all(claiming), Promise.all([...before, ...after])])
  return { seen: claimsOf(seen), noted, outcomes, stored: claimsOf(await read(crowd.operator, name)) }
}

function claimsOf(request: ApprovalRequest): readonly Claim[] {
  return request.status?.grant?.claims ?? []
}

function digestOf(request: ApprovalRequest): string {
  return request.spec.actions[0]?.digest ?? ''
}

describe(`${claimers} claim a grant at once while ${writers} write notes on its request`, () => {
  test(
    `in each of ${rounds} rounds one gets it, at its first try, and it is the one that is stored`,
    async () => {
      const crowd = makeCrowd()
      let name = ''
      for (let round = 0; round < rounds; round += 1) {
        if (round % roundsEach === 0) name = (await openApproved(crowd.operator, round)).metadata.name
        const { seen, noted, outcomes, stored } = await playRound(crowd, name, round)
        const won = outcomes.flatMap((one, index) => (one.outcome === 'Claimed' ? [{ index, tries: one.tries }] : []))
        expect(won).toEqual([{ index: expect.any(Number), tries: 1 }])
        expect(stored.slice(0, -1)).toEqual(seen)
        expect(stored.at(-1)?.admissionUID).toBe(`${round}-${won[0]?.index}`)
        expect(outcomes.filter((one) => one.outcome === 'Lost')).toHaveLength(claimers - 1)
        expect(noted).toEqual(Array.from({ length: writers }, () => 'Stored'))
      }
    },
    scaled(300_000, 3_600_000),
  )
})

describe('the store and the rules of the schema', () => {
  let ports: Ports & { readonly objects: Objects }
  let count = 0

  beforeAll(() => {
    ports = { objects: api.connect().objects, namespace }
  })

  /** A new request of its own for each test, as it is stored. */
  function draft(): Masked<RequestDraft> {
    count += 1
    const digest: Digest = `sha256:${createHash('sha256').update(`store ${count}`).digest('hex')}`
    return asMasked({ name: requestName(digest), spec: makeSpec(digest) })
  }

  const open = async (): Promise<ApprovalRequest> => (await makeWebhookRequests(ports).open(draft())).request

  test('what is opened comes back word for word, whoever is first', async () => {
    const one = draft()
    const webhook = makeWebhookRequests(ports)
    const opened = await Promise.all([webhook.open(one), webhook.open(one), webhook.open(one)])
    expect(new Set(opened.map(({ request }) => request.metadata.uid)).size).toBe(1)
    expect(opened[0].request.spec).toEqual(one.spec)
    expect(Math.abs((opened[0].date ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  test('of two who decide at once, with or without a status before, one does', async () => {
    const operator = makeOperatorRequests(ports)
    for (const prepare of [() => 'Stored', (on: ApprovalRequest) => operator.note(on, asMasked(pending))]) {
      const request = await open()
      expect(await prepare(request)).toBe('Stored')
      const outcomes = await Promise.all([approval, denial].map((one) => operator.decide(request, asMasked(one))))
      expect(outcomes.toSorted()).toEqual(['AlreadyDecided', 'Stored'])
      const { status } = await read(ports, request.metadata.name)
      const { decision, record, grant } = outcomes[0] === 'Stored' ? { ...approval } : { ...denial, grant: undefined }
      expect([status?.decision, status?.record, status?.grant]).toEqual([decision, record, grant])
    }
  })

  test('a decision that breaks a rule is Invalid', async () => {
    const { grant: _grant, ...without } = approval
    expect(await makeOperatorRequests(ports).decide(await open(), asMasked(without))).toBe('Invalid')
  })

  test('a vote is noted once, and stays as it was noted', async () => {
    const operator = makeOperatorRequests(ports)
    const request = await open()
    const vote = {
      name: 'v',
      uid: 'u',
      person: 'alice',
      verdict: 'Comment',
      time: approval.decisionTime,
      counted: false,
    } as const
    expect(await operator.note(request, asMasked({ votes: [vote] }))).toBe('Stored')
    expect(await operator.note(request, asMasked({ votes: [vote] }))).toBe('Stored')
    expect(await operator.note(request, asMasked({ votes: [{ ...vote, counted: true }] }))).toBe('Stored')
    expect((await read(ports, request.metadata.name)).status?.votes).toEqual([vote])
  })

  test('a revoked grant cannot be claimed, and a claimed one cannot be revoked', async () => {
    const approved = await openApproved(ports, -1)
    const grant = grantOf(approved)
    const claim = { ...makeClaim('a'), digest: digestOf(approved) }
    const revoked = { by: 'alice', time: approval.decisionTime }
    const change = { status: { grant: { revoked } } }
    const { name } = approved.metadata
    expect(
      await ports.objects.merge(approvalRequests, { namespace, name, subresource: 'status', change }),
    ).toMatchObject({
      object: { status: { grant: { revoked } } },
    })
    expect(await makeWebhookRequests(ports).claim(grant, claim)).toMatchObject({ outcome: 'Lost' })
    const other = await openApproved(ports, -2)
    expect(await makeWebhookRequests(ports).claim(grantOf(other), claim)).toMatchObject({
      outcome: 'Claimed',
      tries: 1,
    })
    const late = { namespace, name: other.metadata.name, subresource: 'status', change }
    expect(await ports.objects.merge(approvalRequests, late)).toBe('Invalid')
  })

  test('a field that the schema does not know is Invalid and not pruned', async () => {
    const { name } = (await open()).metadata
    const operations = [{ op: 'add', path: '/status', value: { unheardOf: 1 } } as const]
    expect(await ports.objects.patch(approvalRequests, { namespace, name, subresource: 'status', operations })).toBe(
      'Invalid',
    )
  })

  test('a kind that is not served is an error, and no missing object', async () => {
    const missing = ports.objects.get({ ...approvalRequests, plural: 'approvalrequestz' }, { namespace, name: 'a' })
    await expect(missing).rejects.toMatchObject({ status: 404 })
  })
})

describe('the identity of a component outside of a cluster', () => {
  test('is that of its service account, by tokens that the kubeconfig mints', async () => {
    await api.plane.kubectl(['create', 'serviceaccount', 'countersign-webhook', '--namespace', namespace])
    const source = { kind: 'Kubeconfig', file: api.plane.adminKubeconfig } as const
    const bootstrap = await connectionFrom(source, api.timers)
    const asAdmin = api.transport(bootstrap)
    const account = { namespace, name: 'countersign-webhook' }
    const failed = (error: unknown): never => {
      throw error
    }
    const ports = { bootstrap: { connection: bootstrap, transport: asAdmin }, timers: api.timers, failed }
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    const whoAmI = async (transport: Transport): Promise<unknown> => {
      const reply = await transport.call({ method: 'POST', path, body: JSON.stringify(review) })
      return JSON.parse(reply.text)
    }
    expect(await whoAmI(asAdmin)).toMatchObject({ status: { userInfo: { username: 'admin' } } })
    const asWebhook = api.transport(mintedConnection(ports, account))
    const username = `system:serviceaccount:${namespace}:countersign-webhook`
    expect(await whoAmI(asWebhook)).toMatchObject({ status: { userInfo: { username } } })
  })
})
