import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Records } from '../../src/cli/records.ts'
import { makePeopleRecords } from '../../src/compose/people-records.ts'
import { makeObjects } from '../../src/kubernetes/objects.ts'
import { request, vote } from '../make-request.ts'
import { failureOf, startRig } from '../kubernetes/objects-rig.ts'
import type { Rig } from '../kubernetes/objects-rig.ts'

const collection = '/apis/countersign.dev/v1alpha1'
const namespace = 'countersign-system'

let rig: Rig
let records: Records

beforeEach(async () => {
  rig = await startRig()
  const transport = rig.connect()
  records = makePeopleRecords({ transport, objects: makeObjects({ transport, fieldManager: 'test' }) })
})

afterEach(() => rig.stop())

function store(plural: string, object: object): void {
  rig.api.objects.create({ collection: `${collection}/${plural}`, namespace }, object as never)
}

describe('a vote is cast once', () => {
  const { uid: _uid, creationTimestamp: _time, ...metadata } = vote('Approve').metadata
  const made = { ...vote('Approve'), metadata }
  const stored = () => rig.api.requests.filter(({ method }) => method === 'POST').length

  test('and comes back as it is stored', async () => {
    const cast = await records.cast(made)
    expect(cast).toMatchObject({ metadata: { name: 'apv-1', namespace }, spec: made.spec })
    expect(cast.metadata.uid).not.toBe('')
  })

  test('also when the answer to it is lost', async () => {
    rig.api.faults.next({ do: 'resetAfter' }, { verb: 'create' })
    expect(await records.cast(made)).toMatchObject({ metadata: { name: 'apv-1' }, spec: made.spec })
    expect(stored()).toBe(1)
  })

  test('and not at all when it was not stored: that is an error', async () => {
    rig.api.faults.next({ do: 'resetBefore' }, { verb: 'create' })
    expect(await failureOf(records.cast(made))).toMatchObject({ name: 'ApiError', outcomeUnknown: true })
  })

  test.each([
    [403, 'Forbidden'],
    [422, 'Invalid'],
  ])('a refusal with %d is an error with that status', async (status, reason) => {
    rig.api.faults.next({ do: 'refuse', status, reason }, { verb: 'create' })
    expect(await failureOf(records.cast(made))).toMatchObject({ name: 'ApiError', status, reason })
  })

  test('what is stored differently from what was said is an error', async () => {
    rig.api.faults.next(
      { do: 'mutate', change: (sent) => ({ ...sent, spec: { ...Object(sent)['spec'], verdict: 'Deny' } }) },
      { verb: 'create' },
    )
    expect(await failureOf(records.cast(made))).toMatchObject({ name: 'ResponseDiffers' })
  })
})

describe('who one is', () => {
  const answer = (userInfo: object) =>
    rig.api.faults.next({ do: 'answer', status: 201, text: JSON.stringify({ status: { userInfo } }) })

  test('is what the API server says', async () => {
    answer({ username: 'alice', uid: 'u-1', groups: ['sre'], extra: { a: ['b'] } })
    expect(await records.me()).toEqual({ username: 'alice', uid: 'u-1', groups: ['sre'] })
    expect(rig.api.requests.at(-1)).toMatchObject({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    })
  })

  test('may have no uid and no groups', async () => {
    answer({ username: 'alice' })
    expect(await records.me()).toEqual({ username: 'alice', uid: '', groups: [] })
  })

  test('is an error where nobody is named', async () => {
    answer({})
    expect(await failureOf(records.me())).toMatchObject({ name: 'ApiError' })
  })
})

describe('what is read', () => {
  test('undecided requests are asked for by the field that says so', async () => {
    store('approvalrequests', request())
    await records.undecided()
    expect(rig.api.requests.at(-1)?.query).toMatchObject({ fieldSelector: 'status.decision=' })
    expect((await records.all()).map(({ metadata }) => metadata.name)).toEqual([request().metadata.name])
  })

  test('what is not there is undefined', async () => {
    expect(await records.find('apr-none')).toBeUndefined()
    expect(await records.fullText('diff-none')).toBeUndefined()
    expect(await records.setPause('agents.none', undefined)).toBeUndefined()
    expect(await records.isPaused('agents.none')).toBeUndefined()
  })
})

test('a pause is written, and taken away whole', async () => {
  const metadata = { name: 'agents.bot', namespace }
  store('agentidentities', {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'AgentIdentity',
    metadata,
    spec: { subject: {} },
  })
  const paused = await records.setPause('agents.bot', { by: 'alice', reason: 'stop' })
  expect(paused?.spec.paused).toEqual({ by: 'alice', reason: 'stop' })
  expect(await records.isPaused('agents.bot')).toBe(true)
  const resumed = await records.setPause('agents.bot', undefined)
  expect(resumed?.spec).toEqual({ subject: {} })
  expect(await records.isPaused('agents.bot')).toBe(false)
})
