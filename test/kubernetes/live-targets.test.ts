import { describe, expect, test } from '@jest/globals'
import { JsonNumber } from '../../src/domain/json.ts'
import { ApiError } from '../../src/kubernetes/api-error.ts'
import { readTarget } from '../../src/kubernetes/live-targets.ts'
import type { Target } from '../../src/domain/outcome.ts'
import type { Call, Reply } from '../../src/kubernetes/transport.ts'
import { failureOf } from './objects-rig.ts'

const web: Target = {
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  namespace: 'prod',
  name: 'web',
  subresource: '',
}

type Answer = string | { readonly status: number; readonly name?: string }

/** A transport with one answer. */
function answering(answer: Answer, calls: Call[] = []) {
  return {
    call: (call: Call): Promise<Reply> => {
      calls.push(call)
      if (typeof answer === 'string') return Promise.resolve({ status: 200, text: answer, date: undefined })
      const details = answer.name === undefined ? {} : { details: { name: answer.name, causes: [] } }
      return Promise.reject(new ApiError({ asked: 'GET', status: answer.status, reason: 'Refused', ...details }))
    },
  }
}

describe('a live read of a target', () => {
  test.each<[string, Partial<Target>, string]>([
    ['an object', {}, '/apis/apps/v1/namespaces/prod/deployments/web'],
    ['a subresource', { subresource: 'scale' }, '/apis/apps/v1/namespaces/prod/deployments/web/scale'],
    ['an object of the core group', { group: '', resource: 'pods' }, '/api/v1/namespaces/prod/pods/web'],
    ['an object outside of namespaces', { group: '', resource: 'nodes', namespace: '' }, '/api/v1/nodes/web'],
    [
      'a name with a colon',
      { namespace: '', resource: 'clusterroles', name: 'system:node' },
      '/apis/apps/v1/clusterroles/system%3Anode',
    ],
  ])('asks for %s where it is served', async (_what, changes, path) => {
    const calls: Call[] = []
    await readTarget(answering('{}', calls), { ...web, ...changes })
    expect(calls).toMatchObject([{ method: 'GET', path }])
  })

  test('keeps numbers that JavaScript cannot hold', async () => {
    const live = await readTarget(answering('{"spec":{"big":9007199254740993}}'), web)
    expect(live).toMatchObject({ spec: { big: new JsonNumber('9007199254740993') } })
  })

  test.each<[string, Answer, string]>([
    ['that the object is not there', { status: 404, name: 'web' }, 'NotFound'],
    ['that nothing is served there', { status: 404 }, 'NoSuchResource'],
    ['that it cannot be read there', { status: 405 }, 'NoSuchResource'],
    ['that we may not read it', { status: 403, name: 'web' }, 'NotAllowed'],
  ])('tells %s', async (_what, answer, word) => {
    expect(await readTarget(answering(answer), web)).toBe(word)
  })

  test.each<[string, Answer, string]>([
    ['there is no usable answer', { status: 500 }, 'Refused'],
    ['two keys have the same name', '{"a":1,"a":2}', 'UnreadableReply'],
    ['it is no object', '[]', 'UnreadableReply'],
  ])('fails when %s', async (_what, answer, reason) => {
    expect(await failureOf(readTarget(answering(answer), web))).toMatchObject({ reason })
  })

  test('never leaves the path by a name', async () => {
    await expect(readTarget(answering('{}'), { ...web, name: '..' })).rejects.toThrow('not a path segment')
  })
})
