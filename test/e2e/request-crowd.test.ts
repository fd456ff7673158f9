import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { startInstalled } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { scaled } from '../scale.ts'
import { until } from '../until.ts'
import { ask, bindApprovers, isDecided, ours, startLoop, vote } from './request-loop-rig.ts'
import type { Loop } from './request-loop-rig.ts'

jest.setTimeout(300_000)

const people = Array.from({ length: 8 }, (_value, index) => `person-${index}`)

let stage: Stage
let loops: readonly Loop[]
beforeAll(async () => {
  const users = people.map((name) => ({ name, groups: ['approvers'] }))
  stage = await startInstalled(process.env, { users })
  await bindApprovers(stage, people)
  loops = await Promise.all([startLoop(stage, 'operator-a'), startLoop(stage, 'operator-b')])
}, 60_000)
afterAll(async () => {
  await Promise.all(loops.map((loop) => loop.stop()))
  await stage.stop()
}, 60_000)

const list = async (): Promise<readonly ApprovalRequest[]> =>
  Object(await stage.admin.must({ method: 'GET', path: `${ours}/approvalrequests` })).items

describe('two replicas of the request loop', () => {
  test('give every request one decision and one line of evidence, however many vote at once', async () => {
    const count = scaled(20, 200)
    const names = Array.from({ length: count }, (_value, index) => `apr-crowd${index}`)
    const requests: ApprovalRequest[] = []
    for (const name of names) requests.push(await ask(stage, name, { openSeconds: 600 }))
    await Promise.all(
      people.map(async (who, index) => {
        const says = index % 2 === 0 ? 'Approve' : 'Deny'
        for (const of of requests) await vote(stage, who, { of, says, comment: 'my word' })
      }),
    )
    const isShown = ({ status }: ApprovalRequest): boolean => status?.votes?.length === people.length
    await until(
      'all are decided, and show every vote',
      async () => {
        const all = await list()
        return all.length === count && all.every((one) => isDecided(one) && isShown(one))
      },
      200_000,
    )
    const settled = await list()
    const perRequest = settled.map(({ metadata, status }) => ({
      // Both may have signed the same text in the same second, and then told the same line.
      lines: new Set(loops.flatMap(({ evidence }) => evidence.filter((line) => line.includes(`"${metadata.name}\\"`))))
        .size,
      counted: (status?.votes ?? []).filter(({ counted }) => counted).length,
    }))
    expect(perRequest).toEqual(settled.map(() => ({ lines: 1, counted: 1 })))
    expect(loops.flatMap(({ lines }) => lines.filter((line) => line.includes('StatusRefused')))).toEqual([])
  })
})
