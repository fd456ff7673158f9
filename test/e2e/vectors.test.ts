import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import { recordScenario } from '../vectors/run-scenario.ts'
import { scenarios } from '../vectors/scenarios.ts'
import { setStage, startRecordingPlane } from '../vectors/stage.ts'
import type { Stage } from '../vectors/stage.ts'
import { groupDigests } from '../vectors/vector-action.ts'

let plane: ControlPlane
let stage: Stage

beforeAll(async () => {
  plane = await startRecordingPlane(process.env)
  stage = await setStage(plane)
}, 60_000)

afterAll(async () => {
  await stage.close()
  await plane.stop()
}, 60_000)

/** One or two of every family of variation; the whole list is recorded in `test/vectors`. */
const representative = [
  'pod-create-generate-name',
  'pod-delete-force',
  'job-create-own-labels',
  'service-create-loadbalancer-local',
  'service-to-nodeport',
  'configmap-apply-server-side-after-client-side',
  'deployment-apply-update',
  'deployment-rollout-restart',
  'deployment-set-image-under-controller-writes',
  'deployment-set-image-conflict-while-held',
  'csr-approve',
  'exec',
  'node-drain',
  'serviceaccount-token',
  'widget-patch-exact-number',
  'exec-pod-reborn-meanwhile',
]

test.each(representative)(
  '%s, sent afresh to a real API server, has one digest for each action',
  async (name) => {
    const scenario = scenarios.find((one) => one.name === name)
    if (scenario === undefined) throw new Error(`no scenario ${name}`)
    const file = await recordScenario(stage, scenario, () => undefined)
    const digests = groupDigests(file)
    expect(digests.map((same) => same.length)).toEqual(file.meta.same.map(() => 1))
    expect(new Set(digests.flat()).size).toBe(file.meta.same.length)
  },
  60_000,
)
