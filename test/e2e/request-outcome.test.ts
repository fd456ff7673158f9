import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { resultHash } from '../../src/domain/digest.ts'
import type { ApprovalRequest, Claim, RequestedAction } from '../../src/domain/kinds.ts'
import { parsePath } from '../../src/domain/path.ts'
import { mergePatch } from '../crds/api-client.ts'
import { makeAccounts, records, startInstalled } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'
import {
  ask,
  bindApprovers,
  claim,
  digestKey,
  executed,
  isDecided,
  startLoop,
  untilRequest,
  vote,
} from './request-loop-rig.ts'
import type { Loop } from './request-loop-rig.ts'

jest.setTimeout(60_000)

let stage: Stage
let loop: Loop
beforeAll(async () => {
  stage = await startInstalled(process.env)
  await bindApprovers(stage, ['alice'])
  await makeAccounts(stage, ['prod/app'])
  loop = await startLoop(stage, 'operator-a')
}, 60_000)
afterAll(async () => {
  await loop.stop()
  await stage.stop()
}, 60_000)

const deployments = '/apis/apps/v1/namespaces/prod/deployments'
const admin = (method: string, path: string, body?: object) =>
  stage.admin.must({ method, path, body, ...(method === 'PATCH' ? { type: mergePatch } : {}) })

type Made = { readonly uid: string; readonly generation: number; readonly resourceVersion: string }

async function makeDeployment(name: string): Promise<Made> {
  const labels = { app: name }
  const spec = {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  }
  const made = await admin('POST', deployments, { metadata: { name }, spec })
  return Object(made).metadata
}

/** Asks, gets the approval and claims it, as if the agent's command had just been let through. */
async function letThrough(name: string, action: Partial<RequestedAction>, claimed: Partial<Claim>): Promise<void> {
  const of = await ask(stage, name, { action })
  await vote(stage, 'alice', { of, says: 'Approve' })
  await untilRequest(stage, name, isDecided)
  await claim(stage, name, claimed)
}

const is = (wanted: string) => (request: ApprovalRequest) => executed(request) === wanted

const scaling = (made: Made, name: string, replicas: number): Partial<RequestedAction> => {
  const path = parsePath('spec.replicas')
  if (path === undefined) throw new Error('no path')
  return {
    operation: 'Update',
    name,
    targetUID: made.uid,
    paths: ['spec.replicas'],
    pathCount: 1,
    resultHash: resultHash({ spec: { replicas } }, [path], digestKey),
  }
}

describe('what became of an approval', () => {
  test('a delete is executed when the object is gone', async () => {
    const { uid } = await makeDeployment('gone')
    await letThrough('apr-delete', { name: 'gone', targetUID: uid }, { objectUID: uid })
    await admin('DELETE', `${deployments}/gone`)
    await untilRequest(stage, 'apr-delete', is('True Executed'))
  })

  test('a delete that did not happen within the lease is not observed, and uses the approval up', async () => {
    const { uid } = await makeDeployment('stays')
    await letThrough('apr-stays', { name: 'stays', targetUID: uid }, { objectUID: uid })
    const { status } = await untilRequest(stage, 'apr-stays', is('False NotObserved'))
    expect(status?.grant).toMatchObject({ rearmed: 0, claims: [{ objectUID: uid }] })
  })

  test('a create is executed when the live object is the one that was let through', async () => {
    const { uid } = await makeDeployment('made')
    await letThrough('apr-create', { operation: 'Create', name: 'made' }, { objectUID: uid })
    await untilRequest(stage, 'apr-create', is('True Executed'))
  })

  test('an update is executed when the approved values are seen', async () => {
    const made = await makeDeployment('scaled')
    await letThrough('apr-scaled', scaling(made, 'scaled', 3), { objectUID: made.uid, generation: made.generation })
    await admin('PATCH', `${deployments}/scaled`, { spec: { replicas: 3 } })
    await untilRequest(stage, 'apr-scaled', is('True Executed'))
  })

  test('an update that was not made is given back once, and then is used up', async () => {
    const made = await makeDeployment('kept')
    const guard = { objectUID: made.uid, generation: made.generation }
    await letThrough('apr-kept', scaling(made, 'kept', 3), guard)
    const back = await untilRequest(stage, 'apr-kept', ({ status }) => status?.grant?.rearmed === 1)
    expect(executed(back)).toBe('False NotObserved')
    await claim(stage, 'apr-kept', guard)
    await untilRequest(stage, 'apr-kept', is('Unknown Released'))
    const used = await untilRequest(stage, 'apr-kept', is('False NotObserved'))
    expect(used.status?.grant).toMatchObject({ rearmed: 1, claims: [{}, {}] })
  })

  test('an update is not given back when somebody else has changed the target meanwhile', async () => {
    const made = await makeDeployment('moved')
    await letThrough('apr-moved', scaling(made, 'moved', 3), { objectUID: made.uid, generation: made.generation })
    await admin('PATCH', `${deployments}/moved`, { spec: { replicas: 5 } })
    const { status } = await untilRequest(stage, 'apr-moved', is('False NotObserved'))
    expect(status?.grant?.rearmed).toBe(0)
  })

  test.each([
    [
      'an exec',
      'apr-exec',
      { operation: 'Connect', resource: { group: '', version: 'v1', resource: 'pods', subresource: 'exec' } },
    ],
    ['a Secret', 'apr-secret', { resource: { group: '', version: 'v1', resource: 'secrets', subresource: '' } }],
    [
      'a kind that we may not read',
      'apr-hidden',
      { resource: { group: '', version: 'v1', resource: 'configmaps', subresource: '' } },
    ],
    [
      'a kind that is not served',
      'apr-unserved',
      { resource: { group: 'example.com', version: 'v1', resource: 'widgets', subresource: '' } },
    ],
  ] as const)('%s is unobservable', async (...[, name, action]) => {
    await letThrough(name, action, {})
    await untilRequest(stage, name, is('Unknown Unobservable'))
  })

  test('an approval that nobody used is said to have ended unused', async () => {
    const of = await ask(stage, 'apr-unused', { grantSeconds: 1 })
    await vote(stage, 'alice', { of, says: 'Approve' })
    await untilRequest(stage, 'apr-unused', is('False NeverUsed'))
  })

  test('is told by Events on the request and on its target', async () => {
    const events = async (namespace: string): Promise<readonly string[]> => {
      const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`
      const { items } = Object(await admin('GET', path))
      return items.map((one: { metadata: { name: string }; reason: string }) => `${one.metadata.name} ${one.reason}`)
    }
    expect(await events(records)).toEqual(
      expect.arrayContaining([
        'apr-scaled.requested-requested Requested',
        'apr-scaled.decided-approved Approved',
        'apr-scaled.outcome-executed Executed',
      ]),
    )
    await until('the last of them is told', async () => (await events('prod')).join().includes('apr-scaled.outcome'))
    expect(await events('prod')).toContain('apr-scaled.outcome-executed.target Executed')
  })
})
