import { describe, expect, test } from '@jest/globals'
import { resultHash } from '../../src/domain/digest.ts'
import type { HmacKey } from '../../src/domain/digest.ts'
import type { Json } from '../../src/domain/json.ts'
import type { RequestedAction } from '../../src/domain/kinds.ts'
import { sighting, targetOf } from '../../src/domain/outcome.ts'
import type { Looking, Observation } from '../../src/domain/outcome.ts'
import { formatPath } from '../../src/domain/path.ts'
import type { Path } from '../../src/domain/path.ts'
import { claim, request } from '../make-request.ts'

const key: HmacKey = { id: 'd-1', secret: new Uint8Array(32).fill(7) }

function actionWith(changes: Partial<RequestedAction>): RequestedAction {
  const [action] = request().spec.actions
  if (action === undefined) throw new Error('a request has an action')
  return { ...action, targetUID: 'u-1', ...changes }
}

const resource = (name: string, subresource = '', group = 'apps') => ({
  group,
  version: 'v1',
  resource: name,
  subresource,
})

describe('what is read to see what became of an action', () => {
  test.each<[string, Partial<RequestedAction>, string]>([
    ['the object of a delete', {}, 'apps/v1 deployments prod/web'],
    ['the object of a create', { operation: 'Create' }, 'apps/v1 deployments prod/web'],
    [
      'the scale of a scale',
      { operation: 'Update', resource: resource('deployments', 'scale') },
      'apps/v1 deployments prod/web scale',
    ],
    [
      'the object of a status write',
      { operation: 'Update', resource: resource('deployments', 'status') },
      'apps/v1 deployments prod/web',
    ],
    [
      'the pod of an eviction',
      { operation: 'Create', resource: resource('pods', 'eviction', '') },
      '/v1 pods prod/web',
    ],
    ['nothing for an exec', { operation: 'Connect', resource: resource('pods', 'exec', '') }, 'nothing'],
    ['nothing for a token', { operation: 'Create', resource: resource('serviceaccounts', 'token', '') }, 'nothing'],
    ['nothing for a generated name', { operation: 'Create', generateName: 'web-' }, 'nothing'],
    ['nothing for a Secret', { resource: resource('secrets', '', '') }, 'nothing'],
    [
      'the object of a kind that is called secrets elsewhere',
      { resource: resource('secrets', '', 'example.com') },
      'example.com/v1 secrets prod/web',
    ],
  ])('is %s', (_what, changes, read) => {
    const target = targetOf(actionWith(changes))
    const place = target && [
      `${target.group}/${target.version}`,
      target.resource,
      `${target.namespace}/${target.name}`,
      target.subresource,
    ]
    expect(place?.join(' ').trim() ?? 'nothing').toBe(read)
  })

  test('an object outside of namespaces is read there', () => {
    const { namespace: _namespace, ...action } = actionWith({ resource: resource('nodes', '', '') })
    expect(targetOf(action)).toMatchObject({ namespace: '' })
  })
})

const live = (metadata: { readonly [key: string]: Json }, spec: Json = {}): Observation => ({
  metadata: { uid: 'u-1', ...metadata },
  spec,
})

const replicas: Path = ['spec', 'replicas']
const scaling: Partial<RequestedAction> = {
  operation: 'Update',
  paths: [formatPath(replicas)],
  pathCount: 1,
  resultHash: resultHash({ spec: { replicas: 3 } }, [replicas], key),
}
const restart: Path = ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']
const restarting: Partial<RequestedAction> = {
  operation: 'Update',
  paths: [formatPath(restart)],
  pathCount: 1,
  resultHash: resultHash({}, [restart], key),
}
const byGeneration = { claims: [claim({ generation: 4 })] }
const byVersion = { claims: [claim({ resourceVersion: '77' })] }
const made = { claims: [claim({ objectUID: 'u-0' }), claim({ objectUID: 'u-1' })] }

describe('what is seen', () => {
  test.each<[string, Partial<RequestedAction>, Partial<Looking>, Observation, string]>([
    ['of a delete when the object is gone', {}, {}, 'NotFound', 'Executed'],
    ['of a delete when the object is going', {}, {}, live({ deletionTimestamp: '2026-11-21T10:30:00Z' }), 'Executed'],
    ['of a delete when another object has the name', {}, {}, live({ uid: 'u-2' }), 'Executed'],
    ['of a delete when the object is there', {}, {}, live({}), 'Absent'],
    [
      'of an eviction when the pod is there',
      { operation: 'Create', resource: resource('pods', 'eviction', '') },
      {},
      live({}),
      'Absent',
    ],
    [
      'of a create when the object is one that was let through',
      { operation: 'Create' },
      { grant: made },
      live({}),
      'Executed',
    ],
    [
      'of a create when another object has the name',
      { operation: 'Create' },
      { grant: made },
      live({ uid: 'u-2' }),
      'Absent',
    ],
    ['of a create when there is no object', { operation: 'Create' }, { grant: made }, 'NotFound', 'Absent'],
    ['of a create whose claims name no object', { operation: 'Create' }, {}, live({}), 'Unobservable'],
    [
      'of an update when the guard stands',
      scaling,
      { grant: byGeneration },
      live({ generation: 4 }, { replicas: 1 }),
      'Absent',
    ],
    [
      'of an update of metadata when the guard stands',
      scaling,
      { grant: byVersion },
      live({ resourceVersion: '77' }),
      'Absent',
    ],
    [
      'of an update when the values are those',
      scaling,
      { grant: byGeneration },
      live({ generation: 5 }, { replicas: 3 }),
      'Executed',
    ],
    [
      'of an update when the values are others',
      scaling,
      { grant: byGeneration },
      live({ generation: 5 }, { replicas: 5 }),
      'Moved',
    ],
    ['of an update when the target is gone', scaling, { grant: byGeneration }, 'NotFound', 'Moved'],
    [
      'of an update when another object has the name',
      scaling,
      { grant: byGeneration },
      live({ uid: 'u-2' }, { replicas: 3 }),
      'Moved',
    ],
    [
      'of an update without its key',
      scaling,
      { grant: byGeneration, key: undefined },
      live({ generation: 5 }, { replicas: 3 }),
      'Unobservable',
    ],
    [
      'of an update of more paths than are listed',
      { ...scaling, pathCount: 65 },
      { grant: byGeneration },
      live({ generation: 5 }, { replicas: 3 }),
      'Unobservable',
    ],
    [
      'of an update that changes who owns fields alone',
      { ...scaling, paths: [], pathCount: 0 },
      { grant: byGeneration },
      live({ generation: 5 }),
      'Unobservable',
    ],
    ['of a delete that may not be looked at', {}, {}, 'NotAllowed', 'Unobservable'],
    ['of a kind that is not served', {}, {}, 'NoSuchResource', 'Unobservable'],
    ['of what cannot be compared', {}, {}, 'Unreadable', 'Unobservable'],
  ])('%s', (_what, changes, looking, observed, seen) => {
    const about = { action: actionWith(changes), grant: { claims: [claim()] }, key, ...looking }
    expect(sighting(about, observed)).toBe(seen)
  })

  test('of a restart that was sent again with another time is not called missing', () => {
    const template = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-21T10:31:00Z' } } }
    const about = { action: actionWith(restarting), grant: byGeneration, key }
    expect(sighting(about, live({ generation: 5 }, { template }))).toBe('Unobservable')
  })

  test('of an update by a path that was written as nobody can read it back is unobservable', () => {
    const action = actionWith({ ...scaling, paths: ['spec.[replicas'] })
    expect(sighting({ action, grant: byGeneration, key }, live({ generation: 5 }, { replicas: 3 }))).toBe(
      'Unobservable',
    )
  })
})
