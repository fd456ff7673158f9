import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { makeAccounts, records, startInstalled } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'
import { ask, bindApprovers, isDecided, ours, read, startLoop, untilRequest, vote } from './request-loop-rig.ts'
import type { Loop } from './request-loop-rig.ts'

jest.setTimeout(60_000)

let stage: Stage
const loops: Loop[] = []
beforeAll(async () => {
  stage = await startInstalled(process.env)
  await bindApprovers(stage, ['alice', 'bob'])
  await makeAccounts(stage, ['agents/bot'])
}, 60_000)
afterAll(async () => {
  await Promise.all(loops.map((loop) => loop.stop()))
  await stage.stop()
}, 60_000)

async function start(instance: string, config: object = {}): Promise<Loop> {
  const loop = await startLoop(stage, instance, config)
  loops.push(loop)
  return loop
}

const names = async (kind: string): Promise<readonly string[]> => {
  const { items } = Object(await stage.admin.must({ method: 'GET', path: `${ours}/${kind}` }))
  return items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
}

describe('the request loop', () => {
  test('takes up what happened while no replica ran', async () => {
    const approved = await ask(stage, 'apr-away')
    await vote(stage, 'alice', { of: approved, says: 'Approve' })
    await ask(stage, 'apr-passed', { openSeconds: 0 })
    const loop = await start('operator-a')
    expect((await untilRequest(stage, 'apr-away', isDecided)).status?.decision).toBe('Approved')
    expect((await untilRequest(stage, 'apr-passed', isDecided)).status?.decision).toBe('Expired')
    await loop.stop()
  })

  test('notes late votes of a time when no replica ran, and goes by a Revoke among them', async () => {
    const of = await read(stage, 'apr-away')
    await vote(stage, 'bob', { of, says: 'Deny', comment: 'too late' })
    await vote(stage, 'bob', { of, says: 'Revoke' })
    const loop = await start('operator-b')
    const { status } = await untilRequest(stage, 'apr-away', (one) => one.status?.votes?.length === 3)
    expect(status?.grant?.revoked?.by).toBe('bob')
    expect(status?.votes?.map(({ refusal }) => refusal ?? 'counted').toSorted()).toEqual([
      'AlreadyDecided',
      'counted',
      'counted',
    ])
    await loop.stop()
  })

  test('links the attempts of one action', async () => {
    const loop = await start('operator-c')
    const previous = await ask(stage, 'apr-chain', { openSeconds: 0 })
    await untilRequest(stage, 'apr-chain', isDecided)
    const { name, uid = '' } = previous.metadata
    await ask(stage, 'apr-chain-2', { attempt: { number: 2, previous: { name, uid } } })
    await untilRequest(stage, 'apr-chain', ({ status }) => status?.latestAttempt === 'apr-chain-2')
    await loop.stop()
  })

  test('takes away what has been kept long enough, votes and diff with it, and leaves what is open', async () => {
    const configMap = {
      metadata: { name: 'diff-long', namespace: records, labels: { 'countersign.dev/diff': 'true' } },
      data: { diff: 'all of it' },
    }
    const webhook = await stage.as(`${records}/countersign-webhook`)
    await webhook.must({ method: 'POST', path: `/api/v1/namespaces/${records}/configmaps`, body: configMap })
    const diff = { text: 'some of it', totalLines: 900, truncated: true, fullRef: { name: 'diff-long' } }
    const of = await ask(stage, 'apr-long', { action: { diff } })
    await vote(stage, 'alice', { of, says: 'Deny', comment: 'no' })
    const loop = await start('operator-d', { retentionDays: 2 / 86_400 })
    await untilRequest(stage, 'apr-long', isDecided)
    const gone = ['apr-away', 'apr-passed', 'apr-long']
    await until('what is over is gone', async () => {
      const all = await names('approvalrequests')
      return gone.every((name) => !all.includes(name))
    })
    expect(await names('approvalvotes')).toEqual([])
    expect(await names('approvalrequests')).toEqual(['apr-chain', 'apr-chain-2'])
    const path = `/api/v1/namespaces/${records}/configmaps/diff-long`
    await until('its diff is gone', async () => (await stage.admin.send({ method: 'GET', path })).code === 404)
    expect(loop.lines.filter((line) => line.startsWith('NotPruned'))).toEqual([])
    await loop.stop()
  })
})
