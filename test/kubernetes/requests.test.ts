import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import { ResponseDiffers } from '../../src/kubernetes/response-differs.ts'
import type { Fault } from '../fake/api-server-faults.ts'
import { failureOf } from './objects-rig.ts'
import { digest, makeDraft, makeSpec, name, namespace } from './requests-make.ts'
import { collection, startRequestsRig } from './requests-rig.ts'
import type { RequestsRig } from './requests-rig.ts'

const otherDigest = `sha256:${'ff'.repeat(32)}` as const

let rig: RequestsRig

beforeEach(async () => {
  rig = await startRequestsRig()
})

afterEach(() => rig.stop())

function stored(): readonly string[] {
  return rig.api.objects.all(collection).map((object) => object.metadata.name)
}

/** The name of the newest attempt, with N for that of the chain. */
async function newest(known?: number): Promise<string | undefined> {
  return (await rig.webhook.latest({ digest, known }))?.request.metadata.name.replace(name, 'N')
}

describe('opening a request', () => {
  test('creates it under its name, with what was drafted', async () => {
    const opened = await rig.webhook.open(makeDraft())
    expect(opened.request).toMatchObject({
      metadata: { name, namespace, labels: makeDraft().labels },
      spec: makeSpec(),
    })
    expect(opened.date).toEqual(expect.any(Number))
    expect(rig.asked()).toEqual(['create'])
  })

  test('finds the one that is already there, whoever opened it with which words', async () => {
    const uid = rig.store({ spec: { ...makeSpec(), summary: 'other words' } })
    const opened = await rig.webhook.open(makeDraft())
    expect(opened.request).toMatchObject({ metadata: { uid }, spec: { summary: 'other words' } })
    expect(stored()).toEqual([name])
  })

  test('two at the same moment get one request', async () => {
    const [one, other] = await Promise.all([rig.webhook.open(makeDraft()), rig.webhook.open(makeDraft())])
    expect(one.request.metadata.uid).toBe(other.request.metadata.uid)
  })

  test('a request for another action under that name is an alarm, not the answer', async () => {
    rig.store({ spec: makeSpec(otherDigest) })
    const failure = await failureOf(rig.webhook.open(makeDraft()))
    expect(failure).toBeInstanceOf(ResponseDiffers)
    expect(failure).toMatchObject({ paths: ['/spec/actions/0/digest'] })
  })

  test.each<[string, Fault]>([
    ['lost', { do: 'resetAfter' }],
    ['cut off', { do: 'truncate' }],
  ])('the answer is %s although it was created: it is found, not created twice', async (_what, fault) => {
    rig.api.faults.next(fault, { verb: 'create' })
    expect((await rig.webhook.open(makeDraft())).request.metadata.name).toBe(name)
    expect(rig.asked()).toEqual(['create', 'get N'])
  })

  test.each<[string, Fault]>([
    ['the connection breaks', { do: 'resetBefore' }],
    ['the server fails', { do: 'refuse', status: 500 }],
  ])('%s before it was created: it is created at the second try', async (_what, fault) => {
    rig.api.faults.next(fault, { verb: 'create' })
    expect((await rig.webhook.open(makeDraft())).request.metadata.name).toBe(name)
    expect(rig.asked()).toEqual(['create', 'get N', 'create'])
  })

  test('it vanishes between the create and the look: it is created anew', async () => {
    rig.api.faults.next({ do: 'refuse', status: 409, reason: 'AlreadyExists' }, { verb: 'create' })
    expect((await rig.webhook.open(makeDraft())).request.metadata.name).toBe(name)
    expect(rig.asked()).toEqual(['create', 'get N', 'create'])
  })

  test('no answer three times is the error of the last one', async () => {
    rig.api.faults.next({ do: 'refuse', status: 500 }, { verb: 'create' }, 3)
    expect(await failureOf(rig.webhook.open(makeDraft()))).toMatchObject({ status: 500, outcomeUnknown: true })
  })

  test.each<[string, Fault, Readonly<Record<string, unknown>>]>([
    ['by RBAC', { do: 'refuse', status: 403, reason: 'Forbidden' }, { status: 403 }],
    [
      'by the schema',
      { do: 'refuse', status: 422, reason: 'Invalid' },
      { message: `the API server refuses to create ${name}: Invalid` },
    ],
  ])('a refusal %s is an error at once', async (_what, fault, expected) => {
    rig.api.faults.next(fault, { verb: 'create' })
    expect(await failureOf(rig.webhook.open(makeDraft()))).toMatchObject(expected)
    expect(rig.asked()).toEqual(['create'])
  })

  test('a weaker requirement written by somebody on the way is an alarm', async () => {
    const weaker = { ...makeSpec().requirements, comment: 'Optional' }
    rig.api.faults.next({
      do: 'mutate',
      change: (sent) => ({ ...sent, spec: { ...makeSpec(), requirements: weaker } }),
    })
    const failure = await failureOf(rig.webhook.open(makeDraft()))
    expect(failure).toMatchObject({ name: 'ResponseDiffers', paths: ['/spec/requirements/comment'] })
  })

  test('giving up ends it', async () => {
    rig.api.faults.next({ do: 'hang' })
    const giving = new AbortController()
    const opening = failureOf(rig.webhook.open(makeDraft(), giving.signal))
    giving.abort()
    expect(await opening).toMatchObject({ status: 0, reason: 'Canceled' })
  })
})

describe('the newest attempt', () => {
  test('of an action that was never asked for is none', async () => {
    expect(await newest()).toBeUndefined()
    expect(rig.asked()).toEqual(['get N'])
  })

  test('is found by asking for the next one until there is none', async () => {
    for (const number of [1, 2, 3]) rig.store({ number })
    expect(await newest()).toBe('N-3')
    expect(rig.asked()).toEqual(['get N', 'get N-2', 'get N-3', 'get N-4'])
  })

  test('is looked for from the one that is known', async () => {
    for (const number of [1, 2, 3]) rig.store({ number })
    expect(await newest(3)).toBe('N-3')
    expect(rig.asked()).toEqual(['get N-3', 'get N-4'])
  })

  test('is looked for from the first one when the known one is gone', async () => {
    rig.store()
    expect(await newest(3)).toBe('N')
    expect(rig.asked()).toEqual(['get N-3', 'get N', 'get N-2'])
  })

  test('the hint in the status saves the way', async () => {
    for (const number of [1, 2, 3, 4, 5])
      rig.store({ number, status: number === 1 ? { latestAttempt: `${name}-5` } : {} })
    expect(await newest()).toBe('N-5')
    expect(rig.asked()).toEqual(['get N', 'get N-5', 'get N-6'])
  })

  test('a hint to what is gone is followed in vain, and no harm', async () => {
    for (const number of [1, 2]) rig.store({ number, status: number === 1 ? { latestAttempt: `${name}-5` } : {} })
    expect(await newest()).toBe('N-2')
    expect(rig.asked()).toEqual(['get N', 'get N-5', 'get N-2', 'get N-3'])
  })

  test.each(['apr-other-7', `${name}-07`, `${name}-1e3`, `${name}-`, `${name}-99999999999999999999`, '', `${name}x-7`])(
    'the hint %j is none',
    async (latestAttempt) => {
      rig.store({ status: { latestAttempt } })
      expect(await newest()).toBe('N')
      expect(rig.asked()).toEqual(['get N', 'get N-2'])
    },
  )

  test('of another action under that name is an alarm', async () => {
    rig.store({ spec: makeSpec(otherDigest) })
    expect(await failureOf(rig.webhook.latest({ digest }))).toBeInstanceOf(ResponseDiffers)
  })

  test('is not "none" when the kind itself is not served', async () => {
    rig.api.faults.next({ do: 'answer', status: 404, text: '404 page not found' })
    expect(await failureOf(rig.webhook.latest({ digest }))).toBeInstanceOf(ApiError)
  })
})
