import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startGate } from './gate-stage.ts'
import type { Answered, Gate } from './gate-stage.ts'

let gate: Gate

beforeAll(async () => {
  gate = await startGate()
}, 120_000)

afterAll(async () => {
  await gate.stop()
}, 30_000)

const minutes = 120_000

function manifest(kind: string, name: string, more: object = {}): string {
  return JSON.stringify({ apiVersion: 'apps/v1', kind, metadata: { name, namespace: 'prod' }, ...more })
}

function deployment(name: string, image = 'registry.example/api:1'): string {
  return manifest('Deployment', name, {
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } },
    },
  })
}

describe('an unmodified kubectl of an agent waits for a person and succeeds', () => {
  /** In this order: each works on what the one before has left. */
  const commands: readonly (readonly [what: string, args: readonly string[], input?: string])[] = [
    ['create', ['create', 'deployment', 'made', '-n', 'prod', '--image=registry.example/made:1']],
    ['create -f', ['create', '-f', '-'], deployment('api')],
    ['apply', ['apply', '-f', '-'], deployment('api', 'registry.example/api:2')],
    ['apply --server-side', ['apply', '--server-side', '--force-conflicts', '-f', '-'], deployment('ssa')],
    ['patch', ['patch', 'deployment', 'api', '-n', 'prod', '-p', '{"spec":{"minReadySeconds":3}}']],
    ['replace', ['replace', '-f', '-'], deployment('api', 'registry.example/api:3')],
    ['scale', ['scale', 'deployment', 'api', '-n', 'prod', '--replicas=2']],
    ['set image', ['set', 'image', 'deployment/api', '-n', 'prod', 'main=registry.example/api:4']],
    ['rollout restart', ['rollout', 'restart', 'deployment/api', '-n', 'prod']],
    ['label', ['label', 'deployment', 'api', '-n', 'prod', 'tier=gold']],
    ['annotate', ['annotate', 'deployment', 'api', '-n', 'prod', 'note=hello']],
    ['delete', ['delete', 'deployment', 'api', '-n', 'prod', '--wait=false']],
    ['force delete', ['delete', 'deployment', 'made', '-n', 'prod', '--grace-period=0', '--force', '--wait=false']],
  ]

  test.each(commands.map(([what, args, input]) => ({ what, args, answering: input === undefined ? {} : { input } })))(
    '$what',
    async ({ args, answering }) => {
      const answered = await gate.answered(args, 'Approve', answering)
      expect(answered).toMatchObject({ code: 0 })
      expect(answered.stderr).toContain(`countersign: approved by alice`)
      await settled(answered)
    },
    minutes,
  )
})

/** One request, used once, with the outcome seen. */
async function settled({ request }: Answered): Promise<void> {
  const { status } = await gate.request(request.metadata.name)
  expect(status).toMatchObject({ decision: 'Approved' })
  expect(status?.grant?.claims.length).toBeGreaterThanOrEqual(1)
}
