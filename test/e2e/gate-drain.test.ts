import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { until } from '../until.ts'
import { agentCalls, approving, counted, ourWords, outcomeOf } from './gate-probe.ts'
import { makeLab, makePod } from './gate-pods.ts'
import { startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate

jest.setTimeout(120_000)

beforeAll(async () => {
  gate = await startGate()
  await makeLab(gate, 'worker-1')
})

afterAll(async () => {
  await gate.stop()
})

async function claimsOf(name: string): Promise<number | undefined> {
  return (await gate.request(name)).status?.grant?.claims.length
}

describe('kubectl drain', () => {
  test('a disruption budget that blocks for a while costs one approval for each pod, and the drain ends', async () => {
    const place = { namespace: 'lab', node: 'worker-1', app: 'db' }
    await makePod(gate, { ...place, name: 'db-0' })
    await makePod(gate, { ...place, name: 'db-1' })
    await gate.apply(budget)
    const allowed = ['get', 'pdb', '-n', 'lab', 'all', '-o', 'jsonpath={.status.currentHealthy}']
    await until('the budget counts its pods', async () => (await gate.admin(allowed)) === '2')
    await gate.admin(['cordon', 'worker-1'])
    const drain = ['drain', 'worker-1', '--force', '--pod-selector=app=db', '--timeout=60s']
    const drained = counted(gate, () => approving(gate, () => gate.agent(drain)))
    await until('every pod has its approval, used', async () => {
      const requests = (await gate.requests()).filter(({ spec }) => spec.summary.startsWith('evict Pod lab/'))
      return requests.length === 2 && requests.every(({ status }) => (status?.grant?.claims.length ?? 0) > 0)
    })
    expect(await gate.admin(['get', 'pods', '-n', 'lab', '-l', 'app=db', '-o', 'name'])).toBe('pod/db-0\npod/db-1\n')
    await gate.admin(['delete', 'pdb', '-n', 'lab', 'all'])
    await kubeletEnds()
    const { result, calls } = await drained
    expect({ code: result.code, stderr: result.stderr }).toMatchObject({ code: 0 })
    expect(result.asked).toHaveLength(2)
    expect(calls).toBeLessThanOrEqual(2 * 5)
    for (const { metadata } of result.asked) expect(await claimsOf(metadata.name)).toBe(1)
  })

  test('a denied eviction ends at once with the words', async () => {
    const drain = ['drain', 'worker-1', '--force', '--pod-selector=app=box', '--timeout=30s']
    const { result, calls } = await counted(gate, () =>
      gate.answered(drain, 'Deny', { comment: 'not in office hours' }),
    )
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('"not in office hours". Action: evict Pod lab/box')
    expect(calls).toBeLessThanOrEqual(2)
  })
})

/** What a kubelet does: an evicted pod is gone after a while. */
async function kubeletEnds(): Promise<void> {
  const deleted = new Set<string>()
  await until(
    'the pods are evicted',
    async () => {
      const { items } = JSON.parse(await gate.admin(['get', 'pods', '-n', 'lab', '-l', 'app=db', '-o', 'json']))
      for (const { metadata } of items) {
        if (metadata.deletionTimestamp === undefined || deleted.has(metadata.name)) continue
        deleted.add(metadata.name)
        await gate.admin(['delete', 'pod', '-n', 'lab', metadata.name, '--grace-period=0', '--force', '--wait=false'])
      }
      return items.length === 0
    },
    60_000,
  )
}

const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'all', namespace: 'lab' },
  spec: { minAvailable: 2, selector: { matchLabels: { app: 'db' } } },
}

describe('what is not an ordinary write', () => {
  test('a token is minted once for one approval, and nobody may know what became of it', async () => {
    const mint = { method: 'POST', path: '/api/v1/namespaces/agents/serviceaccounts/bot/token' }
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
    await gate.admin(['label', 'namespace', 'agents', 'case=lab', '--overwrite'])
    await until('the namespace is known', async () => {
      const { body: answer } = await agentCalls(gate, { ...mint, path: `${mint.path}?dryRun=All`, body })
      return answer.reason === 'DryRunNotPossible'
    })
    const made = await gate.answered(['create', 'token', '-n', 'agents', 'bot'], 'Approve')
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ey[\w-]+\./) })
    expect(await claimsOf(made.request.metadata.name)).toBe(1)
    expect(await outcomeOf(gate, made.request.metadata.name)).toBe('Unobservable')
    const again = await gate.answered(['create', 'token', '-n', 'agents', 'bot'], 'Deny', { comment: 'one is enough' })
    expect(again.request.metadata.name).toBe(`${made.request.metadata.name}-2`)
    expect(again).toMatchObject({ code: 1, stdout: '' })
  })

  test('a debugging container is added as it was approved', async () => {
    const image = 'registry.example/debug:1'
    const debug = ['debug', '-n', 'lab', 'box', `--image=${image}`, '--container=dbg', '--attach=false', '--', 'id']
    const { code, request } = await gate.answered(debug, 'Approve')
    expect(code).toBe(0)
    expect(await claimsOf(request.metadata.name)).toBe(1)
    const { spec } = JSON.parse(await gate.admin(['get', 'pod', '-n', 'lab', 'box', '-o', 'json']))
    expect(spec.ephemeralContainers).toMatchObject([{ name: 'dbg', image, command: ['id'] }])
  })

  test('an object with a generated name is made once for one approval', async () => {
    const input = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'job-', namespace: 'lab' },
      data: { a: '1' },
    })
    const { code, stdout, request } = await gate.answered(['create', '-f', '-'], 'Approve', { input })
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^configmap\/job-\w{5} created\n$/),
    })
    const second = await gate.answered(['create', '-f', '-'], 'Deny', { input, comment: 'one is enough' })
    expect(second.request.metadata.name).toBe(`${request.metadata.name}-2`)
    expect(second.code).toBe(1)
    const names = (await gate.admin(['get', 'configmap', '-n', 'lab', '-o', 'name'])).split('\n')
    expect(names.filter((name) => name.startsWith('configmap/job-'))).toEqual([stdout.replace(' created\n', '')])
  })

  test('a deletecollection of gated objects deletes none of them', async () => {
    const all = '/apis/apps/v1/namespaces/prod/deployments'
    const { code, stderr } = await gate.agent(['delete', '--raw', all])
    expect(code).toBe(1)
    expect(ourWords(stderr)).toMatch(/^NOT ASKED: "delete Deployments in prod by selector/)
    expect(await gate.admin(['get', 'deployments', '-n', 'prod', '-o', 'name'])).toBe('deployment.apps/web\n')
  })
})
