import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { choosePort } from '../../cluster/port.ts'
import { deployment } from '../../demo/objects.ts'
import { respond } from '../../src/webhook/respond.ts'
import { admissionPath, makeServer } from '../../src/webhook/server.ts'
import { localhostCertificate, localhostKey } from '../fake/localhost-cert.ts'
import { scaled } from '../scale.ts'
import { nextSecond, until } from '../until.ts'
import { startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate

beforeAll(async () => {
  gate = await startGate()
  await gate.apply(approvalFor('jobs-and-pods', ['', 'batch'], ['jobs', 'pods']))
}, 120_000)

afterAll(async () => {
  await gate.stop()
}, 30_000)

const minutes = 300_000
/** How often what must never happen twice is tried. */
const times = Array.from({ length: scaled(2, 30) }, (_, index) => index + 1)

function approvalFor(name: string, apiGroups: readonly string[], resources: readonly string[]): object {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups, apiVersions: ['*'], resources, operations: ['CREATE', 'DELETE'] }],
        namespaceSelector: { matchLabels: { env: 'prod' } },
      },
      effect: 'RequireApproval',
    },
  }
}

function job(name: string): object {
  const containers = [{ name: 'main', image: 'registry.example/main:1' }]
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'prod' },
    spec: { ttlSecondsAfterFinished: 0, template: { spec: { restartPolicy: 'Never', containers } } },
  }
}

const inProd = ['-n', 'prod'] as const
const ofProd = (kind: string, name: string, field: string): Promise<string> =>
  gate.admin(['get', kind, name, ...inProd, '-o', `jsonpath=${field}`])

describe('one approval, one effect: the same command again asks again', () => {
  test.each(times)(
    'scale 3 to 0, after somebody has scaled back to 3 (%d)',
    async (run) => {
      const name = `scaled-${run}`
      await gate.apply(deployment(name, { replicas: 3 }))
      const command = ['scale', 'deployment', name, ...inProd, '--replicas=0']
      expect(await gate.answered(command, 'Approve')).toMatchObject({ code: 0 })
      await gate.admin(['scale', 'deployment', name, ...inProd, '--replicas=3'])
      expect(await gate.answered(command, 'Deny', { comment: 'no' })).toMatchObject({ code: 1 })
      expect(await ofProd('deployment', name, '{.spec.replicas}')).toBe('3')
    },
    minutes,
  )

  test.each(times)(
    'rollout restart, twice in a row (%d)',
    async (run) => {
      const name = `restarted-${run}`
      await gate.apply(deployment(name))
      const command = ['rollout', 'restart', `deployment/${name}`, ...inProd]
      expect(await gate.answered(command, 'Approve')).toMatchObject({ code: 0 })
      const once = await ofProd('deployment', name, '{.metadata.generation}')
      // Within the second of the first one, kubectl itself says no and asks nobody.
      await nextSecond()
      expect(await gate.answered(command, 'Deny', { comment: 'no' })).toMatchObject({ code: 1 })
      expect(await ofProd('deployment', name, '{.metadata.generation}')).toBe(once)
    },
    minutes,
  )

  test.each(times)(
    'delete, after somebody has made another of the same name (%d)',
    async (run) => {
      const name = `deleted-${run}`
      await gate.apply(deployment(name))
      const command = ['delete', 'deployment', name, ...inProd, '--wait=false']
      expect(await gate.answered(command, 'Approve')).toMatchObject({ code: 0 })
      await until(
        'it is gone',
        async () => (await gate.admin(['get', 'deployment', name, ...inProd, '--ignore-not-found'])) === '',
      )
      await gate.apply(deployment(name))
      expect(await gate.answered(command, 'Deny', { comment: 'no' })).toMatchObject({ code: 1 })
      expect(await ofProd('deployment', name, '{.metadata.name}')).toBe(name)
    },
    minutes,
  )

  test.each(times)(
    'create a Job that is gone as soon as it is done (%d)',
    async (run) => {
      const name = `job-${run}`
      const input = JSON.stringify(job(name))
      expect(await gate.answered(['create', '-f', '-'], 'Approve', { input })).toMatchObject({ code: 0 })
      await gate.admin(['delete', 'job', name, ...inProd, '--cascade=foreground'])
      expect(await gate.answered(['create', '-f', '-'], 'Deny', { input, comment: 'no' })).toMatchObject({ code: 1 })
      expect(await gate.admin(['get', 'job', name, ...inProd, '--ignore-not-found'])).toBe('')
    },
    minutes,
  )
})

describe('an approval that did not come to its effect', () => {
  test(
    'under many writers of labels a patch is stored, under one claim',
    async () => {
      await gate.apply(deployment('busy'))
      const ended = new AbortController()
      const writing = (async () => {
        for (let count = 0; !ended.signal.aborted; count += 1) {
          await gate.admin(['label', 'deployment', 'busy', ...inProd, '--overwrite', `count=${count}`])
        }
      })()
      const answered = await gate.answered(
        ['set', 'image', 'deployment/busy', ...inProd, 'main=registry.example/main:2'],
        'Approve',
      )
      ended.abort()
      await writing
      expect(answered).toMatchObject({ code: 0 })
      expect((await gate.request(answered.request.metadata.name)).status?.grant?.claims).toHaveLength(1)
      expect(await ofProd('deployment', 'busy', '{..image}')).toBe('registry.example/main:2')
    },
    minutes,
  )

  test(
    'a PUT that meets a newer version is a conflict; sent again it passes on the same approval',
    async () => {
      await gate.apply(deployment('put'))
      const read = JSON.parse(await gate.admin(['get', 'deployment', 'put', ...inProd, '-o', 'json']))
      const changed = { ...read, spec: { ...read.spec, minReadySeconds: 7 } }
      const before = (await gate.requests()).length
      const held = gate.agent(['replace', '-f', '-'], { input: JSON.stringify(changed) })
      const [request] = (await gate.waiting(1)).slice(-1)
      if (request === undefined) throw new Error('nothing waits')
      await gate.admin(['label', 'deployment', 'put', ...inProd, 'by=somebody'])
      await gate.vote('alice', 'Approve', { request })
      const conflict = await held
      expect(conflict).toMatchObject({ code: 1 })
      expect(conflict.stderr).toContain('the object has been modified')
      const { resourceVersion: _old, ...metadata } = {
        ...read.metadata,
        labels: { ...read.metadata.labels, by: 'somebody' },
      }
      const again = await gate.agent(['replace', '-f', '-'], { input: JSON.stringify({ ...changed, metadata }) })
      expect([again.code, (await gate.requests()).length - before]).toEqual([0, 1])
      expect(await ofProd('deployment', 'put', '{.spec.minReadySeconds}')).toBe('7')
    },
    minutes,
  )

  test(
    'a quota that refuses has the last word; the next try asks again',
    async () => {
      const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'prod' } }
      await gate.apply({ ...quota, spec: { hard: { 'count/jobs.batch': '0' } } })
      await until('the quota counts', async () => (await ofProd('quota', 'few', '{.status.hard}')) !== '')
      const input = JSON.stringify(job('refused'))
      const refused = await gate.answered(['create', '-f', '-'], 'Approve', { input })
      expect(refused.stderr).toContain('exceeded quota')
      await gate.admin(['delete', 'quota', 'few', ...inProd])
      const again = await gate.answered(['create', '-f', '-'], 'Approve', { input })
      expect(again).toMatchObject({ code: 0 })
      expect(again.stderr).toContain('this repeat is a new request')
    },
    minutes,
  )

  test(
    'another webhook that refuses has its way',
    async () => {
      const port = await choosePort()
      const limits = { bodyBytes: 1e6, keepAliveMs: 120_000, headersMs: 125_000 }
      const refusal = { reason: 'Unreviewable', message: 'not on a Friday' } as const
      const server = makeServer(
        { certificate: localhostCertificate, key: localhostKey },
        {
          limits,
          answer: ({ body }) => {
            const { uid } = JSON.parse(new TextDecoder().decode(body)).request
            return respond(uid, { kind: 'Refuse', refusal, warnings: [], annotations: {} })
          },
        },
      )
      await server.listen({ host: '127.0.0.1', port })
      try {
        await gate.apply(anotherWebhook(port))
        await until('it is asked', async () => {
          const tried = await gate.plane.kubectl([
            'create',
            'cronjob',
            'probe',
            ...inProd,
            '--image=x',
            '--schedule=* * * * *',
          ])
          return tried.stderr.includes('not on a Friday')
        })
        const input = JSON.stringify(job('friday'))
        const refused = await gate.answered(['create', '-f', '-'], 'Approve', { input })
        expect(refused).toMatchObject({ code: 1 })
        expect(refused.stderr).toContain('not on a Friday')
        expect(await gate.admin(['get', 'job', 'friday', ...inProd, '--ignore-not-found'])).toBe('')
      } finally {
        await gate.admin(['delete', 'validatingwebhookconfiguration', 'another'])
        await server.close()
      }
    },
    minutes,
  )

  test(
    'an agent that was killed while it waited finds its approval when it runs the command again',
    async () => {
      await gate.apply(deployment('killed'))
      const command = ['delete', 'deployment', 'killed', ...inProd, '--wait=false']
      const killing = new AbortController()
      const killed = gate.agent(command, { signal: killing.signal }).catch(() => undefined)
      const [request] = (await gate.waiting(1)).slice(-1)
      if (request === undefined) throw new Error('nothing waits')
      killing.abort()
      await killed
      await gate.vote('alice', 'Approve', { request })
      const before = (await gate.requests()).length
      const again = await gate.agent(command)
      expect([again.code, (await gate.requests()).length - before]).toEqual([0, 0])
    },
    minutes,
  )
})

function anotherWebhook(port: number): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'another' },
    webhooks: [
      {
        name: 'another.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig: {
          url: `https://127.0.0.1:${port}${admissionPath}`,
          caBundle: Buffer.from(localhostCertificate).toString('base64'),
        },
        rules: [{ apiGroups: ['batch'], apiVersions: ['*'], operations: ['CREATE'], resources: ['*'] }],
      },
    ],
  }
}
