import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { CommandResult } from '../../cluster/command.ts'
import { scaled } from '../scale.ts'
import { until } from '../until.ts'
import {
  agentCalls,
  clear,
  counted,
  createConfigMap,
  decided,
  gateConfigMaps,
  ourWords,
  settledText,
} from './gate-probe.ts'
import { startGate } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

let gate: Gate

jest.setTimeout(120_000)

/** Config maps of a namespace `<name>` are gated by a policy `<name>` that differs from the default in these fields. */
const policies: Readonly<Record<string, object>> = {
  notes: {},
  patient: { wait: { mode: 'Immediate' } },
}

beforeAll(async () => {
  gate = await startGate({ config: { webhook: { holdSeconds: 2, patienceSeconds: 3 } } })
  await gateConfigMaps(gate, policies)
})

beforeEach(async () => {
  await clear(gate)
})

afterAll(async () => {
  await gate.stop()
})

function refused({ code, stderr }: CommandResult): object {
  return { code, words: ourWords(stderr) }
}

const trailer = (fields: string): string => `[countersign v1 ${fields}]`
const cited = 'request=countersign-system/apr-NAME digest=DIGEST'

describe('what an agent reads while nobody has answered', () => {
  test('its patience is spent: how to wait, and what each answer means', async () => {
    const { result, calls } = await counted(gate, () => gate.agent(createConfigMap('notes', 'waits')))
    expect(refused(result)).toEqual({
      code: 1,
      words:
        'WAITING, not denied: a person must approve "create ConfigMap notes/waits" (policy notes). approvers was asked and ' +
        'can answer until HH:MMZ. 1) Run: kubectl wait -n countersign-system apr/apr-NAME --for=condition=Decided ' +
        '--timeout=45s -o jsonpath={.status.decision} ; "timed out" means nobody has answered yet: run it again. ' +
        '2) Approved: run the SAME command again within 20 min (after helm install: helm upgrade --install). Any other ' +
        'word: stop and tell your user. A changed or split command asks again from zero. ' +
        trailer(`state=Pending ${cited} retry=15s`),
    })
    expect(settledText(result.stderr)).toContain(
      'Warning: countersign: waiting for a person; request apr-NAME in namespace countersign-system',
    )
    expect(calls).toBeLessThanOrEqual(11)
  })

  test('the wait that it is told to run ends with the decision, and the same command succeeds at once', async () => {
    const { stderr } = await gate.agent(createConfigMap('notes', 'advice'))
    const advice = /Run: kubectl (wait .*?) ; "timed out"/.exec(stderr)?.[1]?.split(' ') ?? []
    const [request] = await gate.waiting()
    if (request === undefined) throw new Error('nothing waits')
    const wait = gate.agent(advice)
    await gate.vote('alice', 'Approve', { request })
    expect(await wait).toMatchObject({ code: 0, stdout: 'Approved' })
    const { result, calls } = await counted(gate, () => gate.agent(createConfigMap('notes', 'advice')))
    expect(result).toMatchObject({ code: 0 })
    expect(calls).toBe(1)
  })

  test('a reason for programs stands beside the words', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'raw' } }
    const sent = { method: 'POST', path: '/api/v1/namespaces/notes/configmaps', body }
    const first = await agentCalls(gate, sent)
    expect(first).toMatchObject({ code: 429, retryAfter: '1' })
    expect(first.body).toMatchObject({ reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } })
    expect(ourWords(first.body.message ?? '')).toBe(
      'WAITING, not denied: a person is being asked to approve "create ConfigMap notes/raw" (policy notes). Send exactly ' +
        'the same request again after 1 s and it waits on; kubectl, helm and client-go do so by themselves. Python, ' +
        'JavaScript, curl: read kubectl get -n countersign-system apr/apr-NAME -o jsonpath={.status.decision} every 15 s ' +
        `and send the same request again once it says Approved. ${trailer(`state=Pending ${cited} retry=1s`)}`,
    )
    let last = first
    await until('its patience is spent', async () => {
      last = await agentCalls(gate, sent)
      return last.code === 403
    })
    expect(last.body).toMatchObject({ reason: 'ApprovalPending' })
    expect(await gate.waiting()).toHaveLength(1)
  })

  test('all objects of one command are asked for within one patience, and pass at once when it is run again', async () => {
    const folder = path.join(gate.plane.folder, 'two')
    await mkdir(folder)
    for (const name of ['one', 'two']) {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'notes' } }
      await writeFile(path.join(folder, `${name}.json`), JSON.stringify(object))
    }
    const first = await gate.agent(['apply', '-f', folder])
    const open = await gate.waiting(2)
    expect(first.code).toBe(1)
    expect(settledText(first.stderr)).toContain(
      'WAITING, not denied: "create ConfigMap notes/two" needs approval too. 2 of your requests wait. Wait for all: ' +
        'kubectl wait -n countersign-system apr -l countersign.dev/run=b-RUN --for=condition=Decided --timeout=45s ; then ' +
        `run the same command once. ${trailer(`state=Pending ${cited} run=b-RUN retry=15s`)}`,
    )
    expect(open).toHaveLength(2)
    const wait = gate.agent(/Wait for all: kubectl (wait .*?) ; then/.exec(first.stderr)?.[1]?.split(' ') ?? [])
    for (const request of open) await gate.vote('alice', 'Approve', { request })
    expect(await wait).toMatchObject({ code: 0 })
    const { result, calls } = await counted(gate, () => gate.agent(['apply', '-f', folder]))
    expect(result).toMatchObject({ code: 0, stdout: 'configmap/one created\nconfigmap/two created\n' })
    expect(calls).toBe(2)
  })

  test('a loop of re-runs opens one request and costs one call each', async () => {
    const runs = scaled(30, 100)
    await gate.agent(createConfigMap('patient', 'loop'))
    const before = (await gate.requests()).length
    const { calls } = await counted(gate, async () => {
      for (let round = 0; round < runs; round += 1) await gate.agent(createConfigMap('patient', 'loop'))
    })
    expect(calls).toBe(runs)
    expect(await gate.requests()).toHaveLength(before)
  })
})

describe('what an agent reads of a decision', () => {
  test('denied, and denied again without asking anybody', async () => {
    const comment = 'not before the canary is green'
    const answered = await gate.answered(createConfigMap('notes', 'denied'), 'Deny', { comment })
    expect(refused(answered)).toEqual({
      code: 1,
      words:
        'DENIED by alice at HH:MMZ: "not before the canary is green". Action: create ConfigMap notes/denied (policy notes). ' +
        "Nothing was changed. This is a person's answer: stop. Do not retry, rephrase or split it, and do not reach the " +
        'same effect through another object, tool or account; repeats ask nobody and are shown to the approvers. Tell your ' +
        'user what you wanted, who denied it and the words above. If those words ask for a different change, make that ' +
        `one: it is a new request. ${trailer(`state=Denied ${cited} retry=never`)}`,
    })
    const before = await gate.requests()
    let last = await counted(gate, () => gate.agent(createConfigMap('notes', 'denied')))
    expect(ourWords(last.result.stderr)).toMatch(/^DENIED by alice/)
    await until('the denial is no news any more', async () => {
      last = await counted(gate, () => gate.agent(createConfigMap('notes', 'denied')))
      return !ourWords(last.result.stderr).startsWith('DENIED')
    })
    const { result, calls } = last
    expect(refused(result)).toEqual({
      code: 1,
      words:
        'ALREADY DENIED by alice at HH:MMZ: "not before the canary is green". Action: create ConfigMap notes/denied. ' +
        'Nothing was changed and nobody was asked this time. Stop and tell your user; another attempt changes nothing, ' +
        `only a person can. ${trailer(`state=Denied ${cited} repeat=true retry=never`)}`,
    })
    expect(calls).toBe(1)
    expect(await gate.requests()).toHaveLength(before.length)
    expect(await reasonOf('notes', 'denied')).toBe('ApprovalDenied')
  })

  test('changes requested', async () => {
    const answered = await gate.answered(createConfigMap('notes', 'changed'), 'RequestChanges', {
      comment: 'keep 2 replicas',
    })
    expect(refused(answered)).toEqual({
      code: 1,
      words:
        'CHANGES REQUESTED by alice at HH:MMZ: "keep 2 replicas". Action: create ConfigMap notes/changed (policy notes). ' +
        'Nothing was changed. Make the change as asked and run the changed command: it opens a new request that shows the ' +
        'approver the difference from this one. If you cannot, or the words are unclear, stop and ask your user. ' +
        trailer(`${cited} state=ChangesRequested retry=changed`),
    })
    expect(await reasonOf('notes', 'changed')).toBe('ChangesRequested')
  })

  test('taken back before it was used', async () => {
    await gate.agent(createConfigMap('patient', 'revoked'))
    const [request] = await gate.waiting()
    if (request === undefined) throw new Error('nothing waits')
    await gate.vote('alice', 'Approve', { request })
    await decided(gate, request.metadata.name)
    await gate.vote('alice', 'Revoke', { request, comment: 'wrong cluster, sorry' })
    await until(
      'it is taken back',
      async () => (await gate.request(request.metadata.name)).status?.grant?.revoked !== undefined,
    )
    const { result, calls } = await counted(gate, () => gate.agent(createConfigMap('patient', 'revoked')))
    expect(refused(result)).toEqual({
      code: 1,
      words:
        'TAKEN BACK: alice approved "create ConfigMap patient/revoked" at HH:MMZ and took it back at HH:MMZ, before it was ' +
        'used: "wrong cluster, sorry". Nothing was changed. Treat it as a denial: stop and tell your user. ' +
        trailer(`state=Denied ${cited} revoked=true retry=never`),
    })
    expect(calls).toBe(1)
    expect(await reasonOf('patient', 'revoked')).toBe('ApprovalRevoked')
  })
})

/** The reason of the same creation when it is sent without a client in between. */
async function reasonOf(namespace: string, name: string): Promise<string | undefined> {
  const collection = `/api/v1/namespaces/${namespace}/configmaps`
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' } }
  const answer = await agentCalls(gate, { method: 'POST', path: `${collection}?fieldManager=kubectl-create`, body })
  expect(answer.code).toBe(403)
  return answer.body.reason
}
