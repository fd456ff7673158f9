import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startCountersign } from '../../demo/countersign.ts'
import { until } from '../until.ts'
import { shortTimes, startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate

beforeAll(async () => {
  gate = await startGate({ config: { ...shortTimes, webhook: { ...shortTimes.webhook, staleSeconds: 4 } } })
}, 120_000)

afterAll(async () => {
  await gate.stop()
}, 30_000)

const minutes = 180_000

async function readiness(): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`http://127.0.0.1:${gate.countersign.healthPort}/readyz`)
  return { status: answer.status, text: await answer.text() }
}

/** Something happens to everything that answers rest on, as it does in a cluster that is used. */
async function stir(count: number): Promise<void> {
  const note = `test/stirred=${count}`
  await gate.admin(['annotate', '--overwrite', 'ns/agents', 'apol/workloads', 'apg/approvers', note])
  await gate.admin(['annotate', '--overwrite', '-n', 'countersign-system', 'agid/agents.bot', note])
}

async function stirUntil(isSo: () => Promise<boolean>): Promise<void> {
  let count = 0
  await until(
    'it came to that while things happened',
    async () => {
      await stir((count += 1)).catch(() => undefined)
      return isSo()
    },
    90_000,
  )
}

test(
  'while the API server is away it is unready, says why, and is back by itself; then commands wait as before',
  async () => {
    await stirUntil(async () => (await readiness()).status === 200)
    await gate.plane.apiServer.kill('SIGKILL')
    const silent = /\[-\]webhook\/watch-approvalpolicies failed: nothing was heard for \d+ s/
    await until('it says that it hears nothing', async () => silent.test((await readiness()).text), 30_000)
    expect((await readiness()).status).toBe(503)
    expect((await fetch(`http://127.0.0.1:${gate.countersign.healthPort}/livez`)).status).toBe(200)
    await gate.plane.apiServer.start()
    await stirUntil(async () => (await readiness()).status === 200)
    const stirring = new AbortController()
    const busy = (async () => {
      for (let count = 0; !stirring.signal.aborted; count += 1) await stir(count)
    })()
    const answered = await gate.answered(['scale', 'deployment', 'web', '-n', 'prod', '--replicas=1'], 'Approve')
    stirring.abort()
    await busy
    expect(answered).toMatchObject({ code: 0 })
  },
  minutes,
)

test(
  'on CRDs that are older than it needs it does not start, and says what to do',
  async () => {
    await gate.admin([
      'annotate',
      '--overwrite',
      'crd/approvalrequests.countersign.dev',
      'countersign.dev/schema-revision=0',
    ])
    const failed = await startCountersign(gate.plane, { name: 'too-new' }).catch((error: unknown) => String(error))
    expect(failed).toMatch(/approvalrequests\.countersign\.dev has schema revision 0, and 1 is needed: apply the CRDs/)
    const log = await readFile(`${gate.plane.folder}/too-new/node.log`, 'utf8')
    expect(log).not.toContain('"event":"Started"')
  },
  minutes,
)
