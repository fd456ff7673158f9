import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { CommandResult } from '../../cluster/command.ts'
import { approving, outcomeOf, settledText } from './gate-probe.ts'
import { startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate
let chart: string

const minutes = 120_000

/** Two objects that need a person, and one that does not. */
const deploymentTemplate = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-NAME
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Release.Name }}-NAME } }
  template:
    metadata: { labels: { app: {{ .Release.Name }}-NAME } }
    spec:
      containers:
        - { name: main, image: registry.example/NAME:{{ .Values.tag }} }
`
const files: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
  'values.yaml': 'replicas: 1\ntag: "1"\n',
  'templates/front.yaml': deploymentTemplate.replaceAll('NAME', 'front'),
  'templates/back.yaml': deploymentTemplate.replaceAll('NAME', 'back'),
  'templates/settings.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: { name: '{{ .Release.Name }}-settings' }
data: { tag: '{{ .Values.tag }}' }
`,
}

beforeAll(async () => {
  gate = await startGate()
  chart = path.join(gate.plane.folder, 'shop')
  await mkdir(path.join(chart, 'templates'), { recursive: true })
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(path.join(chart, name), content)))
}, 600_000)

afterAll(async () => {
  await gate.stop()
}, 30_000)

function helm(...args: readonly string[]): Promise<CommandResult> {
  const { plane, agentKubeconfig: kubeconfig } = gate
  return plane.helm([...args, '-n', 'prod'], { kubeconfig, timeoutMs: minutes })
}

async function live(name: string): Promise<unknown> {
  const { spec } = JSON.parse(await gate.admin(['get', 'deployment', '-n', 'prod', name, '-o', 'json']))
  return { replicas: spec.replicas, image: spec.template.spec.containers[0].image }
}

describe('helm of an agent, unmodified', () => {
  test(
    'an install waits for a person for each gated object, and succeeds',
    async () => {
      const { code, stderr, asked } = await approving(gate, () => helm('install', 'shop', chart))
      expect({ code, stderr }).toMatchObject({ code: 0 })
      expect(asked.map(({ spec }) => spec.summary).toSorted()).toEqual([
        'create Deployment prod/shop-back',
        'create Deployment prod/shop-front',
      ])
      for (const { metadata } of asked) expect(await outcomeOf(gate, metadata.name)).toBe('Executed')
      expect(await live('shop-front')).toEqual({ replicas: 1, image: 'registry.example/front:1' })
      expect(await live('shop-back')).toEqual({ replicas: 1, image: 'registry.example/back:1' })
      const settings = await gate.admin([
        'get',
        'configmap',
        '-n',
        'prod',
        'shop-settings',
        '-o',
        'jsonpath={.data.tag}',
      ])
      expect(settings).toBe('1')
    },
    minutes,
  )

  test(
    'an upgrade waits for a person for each object that it changes, and succeeds',
    async () => {
      const upgrade = () => helm('upgrade', 'shop', chart, '--set', 'tag=2,replicas=2')
      const { code, stderr, asked } = await approving(gate, upgrade)
      expect({ code, stderr }).toMatchObject({ code: 0 })
      expect(asked).toHaveLength(2)
      for (const { metadata, spec } of asked) {
        expect(spec.actions[0]?.operation).toBe('Update')
        expect((await gate.request(metadata.name)).status?.grant?.claims).toHaveLength(1)
      }
      expect(await live('shop-front')).toEqual({ replicas: 2, image: 'registry.example/front:2' })
      expect(await live('shop-back')).toEqual({ replicas: 2, image: 'registry.example/back:2' })
    },
    minutes,
  )

  test(
    'both objects are asked for within one patience, and the install that ran out of it succeeds when it is run again',
    async () => {
      const first = await helm('install', 'late', chart)
      expect(first.code).toBe(1)
      expect(first.stderr).toContain('WAITING, not denied')
      const open = await gate.waiting(2)
      expect(open.map(({ spec }) => spec.summary).toSorted()).toEqual([
        'create Deployment prod/late-back',
        'create Deployment prod/late-front',
      ])
      for (const request of open) await gate.vote('bob', 'Approve', { request })
      const again = await approving(gate, () => helm('upgrade', '--install', 'late', chart))
      expect(again).toMatchObject({ code: 0, asked: [] })
      expect(await live('late-front')).toEqual({ replicas: 1, image: 'registry.example/front:1' })
    },
    minutes,
  )

  test(
    'a denied install fails with the words of the person, and leaves the object out',
    async () => {
      const command = helm('install', 'no', chart)
      const [request] = await gate.waiting()
      if (request === undefined) throw new Error('nothing waits')
      await gate.vote('alice', 'Deny', { request, comment: 'not before the canary is green' })
      const [other] = await gate.waiting().catch(() => [])
      if (other !== undefined) await gate.vote('alice', 'Deny', { request: other, comment: 'neither' })
      const { code, stderr } = await command
      expect(code).toBe(1)
      expect(settledText(stderr)).toMatch(
        /denied the request: DENIED by alice at HH:MMZ: "not before the canary is green"\. Action: create Deployment prod\/no-/,
      )
      expect(await gate.admin(['get', 'deployment', '-n', 'prod', '-o', 'name'])).not.toContain('/no-')
    },
    minutes,
  )
})
