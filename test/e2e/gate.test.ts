import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { deployment } from '../../demo/objects.ts'
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

const withImage = (name: string, image = 'registry.example/api:1'): string =>
  JSON.stringify(deployment(name, { replicas: 1, container: { image } }))

describe('an unmodified kubectl of an agent waits for a person and succeeds', () => {
  /** In this order: each works on what the one before has left. */
  const commands: readonly (readonly [what: string, args: readonly string[], input?: string])[] = [
    ['create', ['create', 'deployment', 'made', '-n', 'prod', '--image=registry.example/made:1']],
    ['create -f', ['create', '-f', '-'], withImage('api')],
    ['apply', ['apply', '-f', '-'], withImage('api', 'registry.example/api:2')],
    ['apply --server-side', ['apply', '--server-side', '--force-conflicts', '-f', '-'], withImage('ssa')],
    ['patch', ['patch', 'deployment', 'api', '-n', 'prod', '-p', '{"spec":{"minReadySeconds":3}}']],
    ['replace', ['replace', '-f', '-'], withImage('api', 'registry.example/api:3')],
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
