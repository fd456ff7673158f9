import { describe, expect, test } from '@jest/globals'
import type { Answer } from '../../src/app/answer.ts'
import type { ClaimOutcome } from '../../src/app/ports.ts'
import { deployment, imageA, imageB } from '../make.ts'
import type { Request } from '../make.ts'
import { group, member, policy, resourceRule } from '../make-request.ts'
import { makeRig } from './gate-rig.ts'
import type { RigOptions } from './gate-rig.ts'

const asks = policy('image-changes')
const update: Request = { object: deployment({ image: imageB }), oldObject: deployment({ image: imageA }) }
const remove: Request = { operation: 'DELETE', object: null, oldObject: deployment({ metadata: { uid: 'target-1' } }) }
const exec: Request = {
  operation: 'CONNECT',
  resource: { group: '', version: 'v1', resource: 'pods' },
  subResource: 'exec',
  kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
  name: 'psql-0',
  object: { kind: 'PodExecOptions', apiVersion: 'v1', container: 'psql', command: ['psql', '-c', 'select 1'] },
  oldObject: null,
}
const execPolicy = policy('exec', {
  matchConstraints: { resourceRules: [resourceRule({ apiGroups: [''], resources: ['pods/*'] })] },
})

/** What an answer comes to: kind, and reason or state word. */
function gist(answer: Answer): string {
  if (answer.kind === 'Refuse') return `403 ${answer.refusal.reason}`
  return answer.kind === 'AskAgain' ? `429 after ${answer.afterSeconds} s` : answer.kind
}

describe('what no policy wants a person for', () => {
  test('passes at once, without a promise and without a record', () => {
    const rig = makeRig({
      policies: [policy('others', { matchConstraints: { resourceRules: [resourceRule({ resources: ['pods'] })] } })],
    })
    expect(rig.send(update)).toEqual({ kind: 'Allow', warnings: [], annotations: { decision: 'Allowed' } })
    expect(rig.requests()).toEqual([])
  })

  test('passes with a warning where a policy only warns', () => {
    const rig = makeRig({ policies: [policy('image-changes', { effect: 'Warn' })] })
    expect(rig.send(update)).toMatchObject({
      kind: 'Allow',
      warnings: [expect.stringContaining('image-changes (Warn)')],
    })
  })

  test('passes when it changes nothing, as GitOps tools do all day', () => {
    const rig = makeRig({ policies: [asks] })
    expect(rig.send({ object: deployment(), oldObject: deployment() })).toMatchObject({ kind: 'Allow' })
    expect(rig.requests()).toEqual([])
  })
})

describe('what is refused without asking anybody', () => {
  const people = [group('approvers', { people: [member('alice'), member('bob')] })]
  const rows: readonly (readonly [string, string, Parameters<typeof makeRig>[0], Request])[] = [
    ['what a policy denies', 'PolicyDenied', { policies: [policy('never', { effect: 'Deny' })] }, update],
    [
      'what a broken policy matches',
      'PolicyError',
      { policies: [policy('broken', { fault: 'no such key: track' })] },
      update,
    ],
    [
      'a paused agent',
      'AgentPaused',
      { policies: [asks], agent: { paused: { by: 'Bo Lind', time: 0, comment: 'stop' } } },
      update,
    ],
    ['a deletecollection', 'NameObjects', { policies: [asks] }, { ...remove, name: '' }],
    [
      'an exec with a terminal',
      'InteractiveExec',
      { policies: [execPolicy] },
      { ...exec, object: { command: ['sh'], stdin: true, tty: true } },
    ],
    [
      'an agent without the reason that is asked for',
      'ReasonRequired',
      { policies: [policy('why', { approval: { justification: 'Required' } })] },
      update,
    ],
    [
      'what nobody may approve but its owner',
      'NoEligibleApprover',
      { policies: [asks], groups: [group('approvers', { people: [member('bo')] })], agent: { owner: 'bo' } },
      update,
    ],
    [
      'whoever acts as the agent',
      'ImpersonatedAgent',
      { policies: [asks], groups: people },
      { ...update, userInfo: { username: 'system:serviceaccount:agents:bot' } },
    ],
  ]

  test.each(rows)('%s: %s', async (_what, reason, options, command) => {
    const rig = makeRig(options)
    const answer = await rig.send(command)
    expect(gist(answer)).toBe(`403 ${reason}`)
    expect(answer).toMatchObject({ annotations: { decision: 'Refused', reason } })
    expect(rig.requests()).toEqual([])
  })

  test('nothing is answered from a memory that is too old', () => {
    expect(makeRig({ staleMs: 90_001 }).send(update)).toEqual({ kind: 'Unavailable', afterSeconds: 1 })
  })
})

describe('a dry run', () => {
  test('is let through with a warning of what the real command waits for, and writes nothing', async () => {
    const rig = makeRig({ policies: [asks] })
    const answer = await rig.send({ ...update, dryRun: true })
    expect(answer).toMatchObject({
      kind: 'Allow',
      warnings: ['countersign: DRY RUN; the real command waits for 1 approval from approvers (image-changes)'],
      annotations: { decision: 'Preview' },
    })
    expect(rig.requests()).toEqual([])
  })

  test('tells a refusal beforehand', async () => {
    const rig = makeRig({ policies: [asks], groups: [group('approvers', { people: [] })] })
    const answer = await rig.send({ ...update, dryRun: true })
    expect(answer).toMatchObject({
      warnings: [expect.stringContaining('would be refused: NoEligibleApprover')],
      annotations: { decision: 'Preview', reason: 'NoEligibleApprover' },
    })
  })

  test('of a token is refused, since it would mint one', async () => {
    const tokens = resourceRule({ apiGroups: [''], resources: ['serviceaccounts/token'] })
    const rig = makeRig({ policies: [policy('tokens', { matchConstraints: { resourceRules: [tokens] } })] })
    const answer = await rig.send({
      operation: 'CREATE',
      resource: { group: '', version: 'v1', resource: 'serviceaccounts' },
      subResource: 'token',
      kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
      name: 'ci',
      object: { kind: 'TokenRequest', spec: { audiences: ['x'] } },
      oldObject: null,
      dryRun: true,
    })
    expect(gist(answer)).toBe('403 DryRunNotPossible')
    expect(answer).toMatchObject({ annotations: { decision: 'Refused', reason: 'DryRunNotPossible' } })
  })
})

describe('a gated command', () => {
  test('opens one request with a masked diff, is held, and is asked to send again', async () => {
    const rig = makeRig({ policies: [asks] })
    const answer = rig.send(update)
    await heldBy(rig, 1)
    expect(rig.requests()).toMatchObject([
      { spec: { summary: 'update Deployment prod/web (image)', attempt: { number: 1 } } },
    ])
    rig.endHolds()
    expect(gist(await answer)).toBe('429 after 1 s')
    expect(rig.held()).toBe(0)
  })

  test('sent again by the client meets its request, and is let through when a person approves', async () => {
    const rig = makeRig({ policies: [asks] })
    const first = rig.send(update)
    await heldBy(rig, 1)
    rig.endHolds()
    await first
    const second = rig.send(update)
    await heldBy(rig, 1)
    rig.decide('Approve', 'watch it')
    expect(await second).toMatchObject({
      kind: 'Allow',
      warnings: [expect.stringContaining('approved by alice'), expect.stringContaining('wrote: "watch it"')],
    })
    expect(rig.requests()).toMatchObject([{ status: { grant: { claims: [{ admissionUID: 'call-2' }] } } }])
  })

  test('is refused in the words of the person who denied; a repeat asks nobody', async () => {
    const rig = makeRig({ policies: [asks] })
    const answer = rig.send(update)
    await heldBy(rig, 1)
    rig.decide('Deny', 'not before the canary is green')
    expect(await answer).toMatchObject({
      refusal: {
        reason: 'ApprovalDenied',
        message: expect.stringMatching(/^DENIED by alice .*"not before the canary is green"/),
      },
    })
    rig.pass(11_000)
    expect(await rig.send(update)).toMatchObject({ refusal: { message: expect.stringMatching(/^ALREADY DENIED/) } })
    expect(rig.requests()).toHaveLength(1)
  })

  test('denied between two sendings of its client reads the denial as the news that it is', async () => {
    const rig = makeRig({ policies: [asks] })
    const first = rig.send(update)
    await heldBy(rig, 1)
    rig.endHolds()
    await first
    rig.decide('Deny', 'no')
    rig.pass(1_000)
    expect(await rig.send(update)).toMatchObject({ refusal: { message: expect.stringMatching(/^DENIED by alice/) } })
  })

  test('is told how to come back when its patience is spent', async () => {
    const rig = makeRig({ policies: [asks] })
    const first = rig.send(update)
    await heldBy(rig, 1)
    rig.endHolds()
    await first
    rig.pass(46_000)
    const last = rig.send(update)
    await heldBy(rig, 1)
    rig.endHolds()
    expect(await last).toMatchObject({
      refusal: { reason: 'ApprovalPending', message: expect.stringMatching(/^WAITING, not denied/) },
    })
  })

  test('is told why it is asked for again together with how to come back', async () => {
    const rig = makeRig({ policies: [asks], agent: { wait: { mode: 'Immediate' } } })
    await rig.send(update)
    rig.decide('Approve')
    rig.pass(21 * 60_000)
    expect(await rig.send(update)).toMatchObject({
      refusal: { reason: 'ApprovalPending' },
      warnings: [expect.stringContaining('lapsed unused'), expect.stringContaining('waiting for a person')],
    })
  })

  test('with another field changed after the approval is another request; the old grant stays unused', async () => {
    const rig = makeRig({ policies: [asks] })
    const first = rig.send(update)
    await heldBy(rig, 1)
    rig.endHolds()
    await first
    rig.decide('Approve')
    const other = rig.send({ ...update, object: deployment({ image: imageB, spec: { replicas: 9 } }) })
    await heldBy(rig, 1)
    expect(rig.requests()).toHaveLength(2)
    expect(rig.requests()[0]?.status?.grant?.claims).toEqual([])
    rig.endHolds()
    await other
  })

  test('whose stored decision was rewritten is not released', async () => {
    const rig = makeRig({ policies: [asks] })
    const first = rig.send(update)
    await heldBy(rig, 1)
    rig.decide('Deny')
    await first
    const [request] = rig.requests()
    if (request?.status === undefined) throw new Error('it was decided')
    rig.change({
      ...request,
      status: {
        ...request.status,
        decision: 'Approved',
        grant: { expirationTime: '2030-01-01T00:00:00Z', claims: [], rearmed: 0 },
      },
    })
    expect(gist(await rig.send(update))).toBe('403 RecordUnavailable')
    expect(rig.alarms).toEqual([`DecisionNotSigned ${rig.requests()[0]?.metadata.name}`])
    expect(rig.requests()[0]?.status?.grant?.claims).toEqual([])
  })

  test('whose caller has gone away claims nothing', async () => {
    const rig = makeRig({ policies: [asks] })
    const caller = new AbortController()
    const answer = rig.send(update, { gone: caller.signal })
    await heldBy(rig, 1)
    caller.abort()
    rig.decide('Approve')
    await answer
    expect(rig.requests()[0]?.status?.grant?.claims).toEqual([])
  })

  test('approved while the policies changed is asked to send again and is judged anew', async () => {
    const rig = makeRig({ policies: [asks] })
    const answer = rig.send(update)
    await heldBy(rig, 1)
    rig.policiesChanged()
    rig.decide('Approve')
    expect(gist(await answer)).toBe('429 after 1 s')
    expect(rig.requests()[0]?.status?.grant?.claims).toEqual([])
  })

  test('approved although the policies changed before its hold began is judged anew too', async () => {
    const rig = makeRig({ policies: [asks] })
    const answer = rig.send(update)
    rig.policiesChanged()
    await heldBy(rig, 1)
    rig.decide('Approve')
    expect(gist(await answer)).toBe('429 after 1 s')
    expect(rig.requests()[0]?.status?.grant?.claims).toEqual([])
  })

  test('that does not wait, and was denied while its agent was paused, is told of the denial and never of an approval', async () => {
    const rig = makeRig({ policies: [execPolicy], liveUID: 'pod-1' })
    const answer = rig.send(exec)
    await heldBy(rig, 1)
    rig.policiesChanged()
    rig.decide('Deny', 'stop it')
    expect(gist(await answer)).toBe('403 ApprovalDenied')
  })

  test('approved long before is not released to a caller who has gone, nor when it is too late to be heard', async () => {
    const rig = makeRig({ policies: [asks] })
    const first = rig.send(update)
    await heldBy(rig, 1)
    rig.endHolds()
    await first
    rig.decide('Approve')
    expect(gist(await rig.send(update, { gone: AbortSignal.abort() }))).toBe('Unavailable')
    expect(gist(await rig.send(update, { leftMs: 1_999 }))).toBe('429 after 1 s')
    expect(rig.requests()[0]?.status?.grant?.claims).toEqual([])
    expect(gist(await rig.send(update, { leftMs: 2_000 }))).toBe('Allow')
  })

  test('whose watch never told of the decision finds it by a read when its hold is over', async () => {
    const rig = makeRig({ policies: [asks] })
    const answer = rig.send(update)
    await heldBy(rig, 1)
    rig.deafen()
    rig.decide('Approve')
    rig.endHolds()
    expect(gist(await answer)).toBe('Allow')
  })

  test('of an agent that calls too fast is told to wait, before anything is read or written', async () => {
    const rig = makeRig({ policies: [asks], mayCall: false })
    expect(await rig.send(update)).toMatchObject({
      kind: 'AskAgain',
      afterSeconds: 5,
      message: expect.stringMatching(/^WAITING, not denied: too many calls/),
    })
    expect(rig.requests()).toEqual([])
  })

  test('of an agent of whom nothing is known yet asks nobody: nobody could be kept from approving his own', async () => {
    const rig = makeRig({ policies: [asks], agent: { identity: undefined } })
    expect(await rig.send(update)).toMatchObject({
      kind: 'AskAgain',
      message: expect.stringMatching(/^WAITING, not denied: agents\/bot is new here/),
    })
    const once = makeRig({ policies: [execPolicy], agent: { identity: undefined, wait: { mode: 'Immediate' } } })
    expect(gist(await once.send(exec))).toBe('403 ApprovalPending')
    expect([...rig.requests(), ...once.requests()]).toEqual([])
  })

  test('approved under a former key is found after the keys have changed', async () => {
    const rig = makeRig({ policies: [asks] })
    const first = rig.send(update)
    await heldBy(rig, 1)
    rig.endHolds()
    await first
    rig.decide('Approve')
    rig.rotate()
    expect(gist(await rig.send(update))).toBe('Allow')
    expect(rig.requests()).toHaveLength(1)
  })

  test('on a part of an object that could not be read says so in its request', async () => {
    const rig = makeRig({ policies: [execPolicy] })
    const answer = rig.send(exec)
    await heldBy(rig, 1)
    expect(rig.requests()).toMatchObject([{ spec: { actions: [{ targetChecked: false }] } }])
    rig.endHolds()
    await answer
  })

  describe('whose object has changed since its approval was used', () => {
    const moved = { ...update, oldObject: deployment({ image: imageA, metadata: { generation: 9 } }) }

    test('is asked to send again until it is known what the use has done', async () => {
      const rig = makeRig({ policies: [asks] })
      const answer = rig.send(update)
      await heldBy(rig, 1)
      rig.decide('Approve')
      await answer
      expect(await rig.send(moved)).toMatchObject({
        kind: 'AskAgain',
        afterSeconds: 1,
        message: expect.stringMatching(
          /^APPROVED, last use not settled: .* \[countersign v1 state=Approved .*retry=1s\]$/,
        ),
      })
      expect(rig.requests()).toMatchObject([{ status: { grant: { claims: [{ admissionUID: 'call-1' }] } } }])
    })

    test('is told to come back, by a final answer, where it does not wait', async () => {
      const rig = makeRig({ policies: [asks], agent: { wait: { mode: 'Immediate' } } })
      expect(gist(await rig.send(update))).toBe('403 ApprovalPending')
      rig.decide('Approve')
      expect(gist(await rig.send(update))).toBe('Allow')
      expect(await rig.send(moved)).toMatchObject({
        refusal: {
          reason: 'ApprovalReady',
          message: expect.stringMatching(/^APPROVED, last use not settled: .* retry=15s\]$/),
        },
      })
    })
  })

  describe('whose grant others always take first', () => {
    async function overtaken(options: RigOptions): Promise<Answer> {
      const rig = makeRig({ policies: [asks], ...options })
      const first = rig.send(update)
      await until(() => rig.requests().length === 1)
      rig.endHolds()
      await first
      rig.decide('Approve')
      const lost = (): Promise<ClaimOutcome> => {
        const [request] = rig.requests()
        return Promise.resolve({ outcome: 'Lost', live: request && { request, date: undefined } })
      }
      Object.assign(rig.ports.requests, { claim: lost })
      return rig.send(update)
    }

    test('is asked to send again, in words that say why', async () => {
      expect(await overtaken({})).toMatchObject({
        kind: 'AskAgain',
        afterSeconds: 1,
        message: expect.stringMatching(/^WAITING, not denied: other calls of the same action .* retry=1s\]$/),
      })
    })

    test('is refused where it does not wait', async () => {
      expect(gist(await overtaken({ agent: { wait: { mode: 'Immediate' } } }))).toBe('403 RecordUnavailable')
    })
  })

  test('on a Namespace is asked about as what lives in none', async () => {
    const namespaces = resourceRule({ apiGroups: [''], resources: ['namespaces'] })
    const rig = makeRig({ policies: [policy('namespaces', { matchConstraints: { resourceRules: [namespaces] } })] })
    const answer = rig.send({
      ...remove,
      resource: { group: '', version: 'v1', resource: 'namespaces' },
      kind: { group: '', version: 'v1', kind: 'Namespace' },
      name: 'annex',
      namespace: 'annex',
      oldObject: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'annex', uid: 'namespace-1' } },
    })
    await heldBy(rig, 1)
    const [request] = rig.requests()
    expect(request?.spec).toMatchObject({ summary: 'delete Namespace annex', actions: [{ name: 'annex' }] })
    expect(request?.spec.actions[0]).not.toHaveProperty('namespace')
    rig.endHolds()
    await answer
  })

  test('a delete that the API server sends twice needs one approval while its target lives', async () => {
    const rig = makeRig({ policies: [asks], liveUID: 'target-1' })
    const answer = rig.send(remove)
    await heldBy(rig, 1)
    rig.decide('Approve')
    expect(gist(await answer)).toBe('Allow')
    expect(gist(await rig.send(remove))).toBe('Allow')
    expect(rig.requests()[0]?.status?.grant?.claims).toHaveLength(1)
  })

  test('an exec is held once; its twin gets an answer at once, from the same request', async () => {
    const rig = makeRig({ policies: [execPolicy], liveUID: 'pod-1' })
    const first = rig.send(exec)
    await heldBy(rig, 1)
    expect(gist(await rig.send(exec))).toBe('403 ApprovalPending')
    rig.endHolds()
    expect(gist(await first)).toBe('403 ApprovalPending')
    expect(rig.requests()).toHaveLength(1)
  })

  test('an agent with as many requests open as it may have is not asked for', async () => {
    const rig = makeRig({ policies: [asks] })
    for (const replicas of [1, 2, 3]) {
      const answer = rig.send({ ...update, object: deployment({ spec: { replicas: 10 + replicas } }) })
      await until(() => rig.requests().length === replicas)
      rig.endHolds()
      await answer
    }
    expect(gist(await rig.send(update))).toBe('403 TooManyPending')
  })
})

type Rig = ReturnType<typeof makeRig>

async function heldBy(rig: Rig, calls: number): Promise<void> {
  await until(() => rig.held() === calls)
}

async function until(state: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !state(); turn += 1) await new Promise((resolve) => setImmediate(resolve))
  if (!state()) throw new Error('it never came to that')
}
