import { describe, expect, test } from '@jest/globals'
import type { ApprovalRequest, ApprovalRequestStatus, ApprovalVote, Verdict } from '../../src/domain/kinds.ts'
import { voteRefusals } from '../../src/domain/vote-refusals.ts'
import { claim } from '../make-request.ts'
import { example, makeRig } from './people-rig.ts'
import type { RigOptions } from './people-rig.ts'

const pending = example('pending')
const name = pending.metadata.name

function judgedAs(vote: ApprovalVote, refusal?: string) {
  const { verdict } = vote.spec
  const counted = refusal === undefined
  const judged = {
    name: vote.metadata.name,
    uid: 'vote-uid',
    person: 'alice',
    verdict,
    time: '2026-11-21T10:50:01Z',
    counted,
  }
  return refusal === undefined ? judged : { ...judged, refusal }
}

function withStatus(request: ApprovalRequest, status: ApprovalRequestStatus): ApprovalRequest {
  return { ...request, status: { ...request.status, ...status } }
}

/** An operator that judges at the third look, and adds what follows. */
function judging(follows: ApprovalRequestStatus = {}, refusal?: string): NonNullable<RigOptions['operator']> {
  return (request, vote, looks) =>
    looks < 3 ? request : withStatus(request, { votes: [judgedAs(vote, refusal)], ...follows })
}

const decidedAs = (decision: 'Approved' | 'Denied' | 'ChangesRequested', more: ApprovalRequestStatus = {}) => ({
  decision,
  decidedBy: 'alice',
  decisionTime: '2026-11-21T10:50:01Z',
  ...more,
})
const grant = { expirationTime: '2026-11-21T11:10:01Z', claims: [], rearmed: 0 }
const approved = decidedAs('Approved', { grant })

describe('the vote that is sent', () => {
  test('says who one is, what was shown and what one thinks of it', async () => {
    const rig = makeRig({ me: { username: 'alice@example.com', uid: 'u-1', groups: ['sre', 'system:authenticated'] } })
    await rig.run('deny', name, '-m', 'not before the canary is green', '--timeout', '1')
    expect(rig.votes).toEqual([
      {
        apiVersion: 'countersign.dev/v1alpha1',
        kind: 'ApprovalVote',
        metadata: {
          name: 'apv-3n8vr2kdhm6tq4wz9xcb-gggggggggg',
          namespace: 'countersign-system',
          labels: { 'countersign.dev/request': name },
        },
        spec: {
          requestRef: { name, uid: pending.metadata.uid },
          digest: pending.spec.actions[0]?.digest,
          verdict: 'Deny',
          comment: 'not before the canary is green',
          voter: {
            kind: 'KubernetesUser',
            username: 'alice@example.com',
            uid: 'u-1',
            groups: ['sre', 'system:authenticated'],
          },
        },
      },
    ])
  })

  test.each<[string, Verdict]>([
    ['approve', 'Approve'],
    ['deny', 'Deny'],
    ['changes', 'RequestChanges'],
    ['comment', 'Comment'],
    ['revoke', 'Revoke'],
    ['pause', 'Pause'],
  ])('%s is the verdict %s', async (word, verdict) => {
    const rig = makeRig()
    await rig.run(word, name, '-m', 'words', '--yes', '--timeout', '1')
    expect(rig.votes.map(({ spec }) => spec.verdict)).toEqual([verdict])
  })

  test('leaves out a uid and groups that there are none of', async () => {
    const rig = makeRig({ me: { username: 'alice', uid: '', groups: [] } })
    await rig.run('approve', name, '--yes', '--timeout', '1')
    expect(rig.votes[0]?.spec.voter).toEqual({ kind: 'KubernetesUser', username: 'alice' })
    expect(rig.votes[0]?.spec).not.toHaveProperty('comment')
  })

  test('names as many groups as it holds, those of people first', async () => {
    const teams = Array.from({ length: 70 }, (_value, index) => `team-${index}`)
    const rig = makeRig({
      me: { username: 'alice', uid: '', groups: ['system:authenticated', 'g'.repeat(257), ...teams] },
    })
    await rig.run('approve', name, '--yes', '--timeout', '1')
    expect(rig.votes[0]?.spec.voter.groups).toEqual(teams.slice(0, 64))
  })
})

describe('before a vote is sent', () => {
  test('approve shows exactly what is approved, and asks', async () => {
    const rig = makeRig({ answers: ['y'], operator: judging(approved) })
    const { code, err } = await rig.run('approve', name)
    const shown = (await makeRig().run('show', name)).out
    expect(shown.startsWith(err)).toBe(true)
    expect(rig.questions).toEqual(['Approve: update Deployment prod/web (replicas, image)? [y/N] '])
    expect([code, rig.votes.length]).toEqual([0, 1])
  })

  test.each([['n'], [''], ['yess'], [undefined]])('the answer %j is no', async (answer) => {
    const rig = makeRig({ answers: answer === undefined ? [] : [answer] })
    const { code, err } = await rig.run('approve', name)
    expect([code, rig.votes]).toEqual([1, []])
    expect(err.endsWith('Not approved; no vote was sent.\n')).toBe(true)
  })

  test.each(['deny', 'changes', 'comment', 'pause'])('%s asks for the reason on a terminal', async (word) => {
    const rig = makeRig({ answers: ['because of this'] })
    await rig.run(word, name, '--timeout', '1')
    expect(rig.questions).toEqual(['Reason (the agent and the other approvers read it): '])
    expect(rig.votes[0]?.spec.comment).toBe('because of this')
  })

  test.each(['deny', 'changes', 'comment', 'pause'])('%s without a reason sends nothing', async (word) => {
    const asked = makeRig({ answers: [' '] })
    expect(await asked.run(word, name)).toMatchObject({ code: 1, err: expect.stringContaining('No reason was given') })
    const unasked = makeRig()
    expect(await unasked.run(word, name)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`${word} needs a reason: add -m`),
    })
    expect([...asked.votes, ...unasked.votes]).toEqual([])
  })

  test('approve asks for a reason too where the policy wants one always', async () => {
    const requirements = { ...pending.spec.requirements, comment: 'Always' } as const
    const rig = makeRig({ requests: [{ ...pending, spec: { ...pending.spec, requirements } }], answers: ['fine', 'y'] })
    await rig.run('approve', name, '--timeout', '1')
    expect(rig.votes[0]?.spec.comment).toBe('fine')
  })

  test('a reason of more than 1024 characters is refused', async () => {
    const rig = makeRig()
    expect(await rig.run('deny', name, '-m', 'x'.repeat(1025))).toMatchObject({ code: 2 })
    await rig.run('deny', name, '-m', '\u{1f600}'.repeat(1024), '--timeout', '1')
    expect(rig.votes).toHaveLength(1)
  })

  test.each(['approve', 'deny', 'changes', 'pause'])(
    '%s of what is decided says who decided it, and sends nothing',
    async (word) => {
      const denied = example('denied')
      const rig = makeRig({ requests: [denied] })
      expect(await rig.run(word, denied.metadata.name, '--yes', '-m', 'x')).toEqual({
        code: 1,
        out: '',
        err: `${denied.metadata.name} is decided: DENIED by Dana Roe 10:41Z · TAKEN BACK by Dana Roe 10:44Z\nYou changed nothing; no vote was sent.\n`,
      })
      expect(rig.votes).toEqual([])
    },
  )
})

describe('after a vote was sent, its true effect is told', () => {
  test.each(Object.keys(voteRefusals))('refused as %s: why, and what to do', async (refusal) => {
    const rig = makeRig({ operator: judging({}, refusal) })
    const { code, out } = await rig.run('approve', name, '--yes')
    expect(code).toBe(1)
    expect(out).toContain(`(${refusal}). ${Object(voteRefusals)[refusal]} `)
    expect(out).toMatch(/\. [A-Z][^.]+\.\n$/)
  })

  test.each([
    ['TooTired', 'TooTired'],
    ['constructor', 'constructor'],
    ['Odd\u202e', 'Odd\\u{202e}'],
  ])('the refusal %j, which this version does not know, is told as it is', async (refusal, shown) => {
    const { out } = await makeRig({ operator: judging({}, refusal) }).run('approve', name, '--yes')
    expect(out).toBe(`Your vote does not count (${shown}). ${shown}\n`)
  })

  test('one of two approvals', async () => {
    const stages = [{ name: 'approvers', approverGroupRefs: [{ name: 'sre' }], quorum: 2 }]
    const request = { ...pending, spec: { ...pending.spec, requirements: { ...pending.spec.requirements, stages } } }
    const progress = { stages: [{ name: 'approvers', approvals: 1, required: 2 }], progress: '1/2' }
    const rig = makeRig({ requests: [request], operator: judging(progress) })
    expect(await rig.run('approve', name, '--yes')).toMatchObject({
      code: 0,
      out: 'Your vote counts: 1 of 2 approvals.\n',
    })
  })

  test('the last approval: the agent waits, and is released', async () => {
    const operator: RigOptions['operator'] = (request, vote, looks) => {
      if (looks < 3) return request
      const votes = [judgedAs(vote)]
      // Judged first, decided then, used last.
      if (looks < 5) return withStatus(request, { votes, stages: [{ name: 'approvers', approvals: 1, required: 1 }] })
      const used = looks < 7 ? grant : { ...grant, claims: [claim()] }
      return withStatus(request, { votes, ...decidedAs('Approved', { grant: used }) })
    }
    expect(await makeRig({ operator }).run('approve', name, '--yes')).toMatchObject({
      code: 0,
      out: 'Your vote counts. APPROVED by alice 10:50Z · waiting for the agent, valid until 11:10Z\nThe agent is waiting: released.\n',
    })
  })

  test('the last approval: the agent is gone, and is told until when it may come back', async () => {
    expect((await makeRig({ operator: judging(approved) }).run('approve', name, '--yes')).out).toContain(
      'Approved; the agent has until 11:10Z to run its command again.\n',
    )
  })

  test.each<[string, ApprovalRequestStatus, string]>([
    ['deny', decidedAs('Denied'), 'Your vote counts. DENIED by alice 10:50Z\nThe agent reads your words.\n'],
    [
      'changes',
      decidedAs('ChangesRequested'),
      'Your vote counts. CHANGES REQUESTED by alice 10:50Z\nThe agent reads your words.\n',
    ],
    [
      'pause',
      decidedAs('Denied'),
      'Your vote counts. DENIED by alice 10:50Z\nagents/bot is paused until somebody resumes it: kubectl countersign resume agents/bot\n',
    ],
    ['comment', {}, 'Your comment is recorded. The agent and the other approvers read it.\n'],
  ])('%s', async (word, follows, out) => {
    const rig = makeRig({ operator: judging(follows) })
    expect(await rig.run(word, name, '-m', 'words')).toMatchObject({ code: 0, out })
  })

  test.each<[string, Partial<RigOptions>]>([
    ['there is no such agent', { agents: [] }],
    ['nobody has paused it', { fails: { isPaused: () => Promise.resolve(false) } }],
  ])('pause, but %s: that is said, with exit code 3', async (_what, options) => {
    const { code, out } = await makeRig({ operator: judging(decidedAs('Denied')), ...options }).run(
      'pause',
      name,
      '-m',
      'x',
    )
    expect([code, out]).toEqual([3, expect.stringContaining('DENIED by alice 10:50Z\nBut agents/bot is not paused')])
  })

  test('revoke waits until the approval is taken back', async () => {
    const used = { ...example('approved'), status: approved }
    const operator: RigOptions['operator'] = (request, vote, looks) => {
      const revoked = looks < 4 ? {} : { revoked: { by: 'alice', time: '2026-11-21T10:50:02Z' } }
      return withStatus(request, { votes: [judgedAs(vote)], grant: { ...grant, ...revoked } })
    }
    const { code, out } = await makeRig({ requests: [used], operator }).run('revoke', used.metadata.name)
    expect([code, out]).toEqual([0, 'Your vote counts. APPROVED by alice 10:50Z · TAKEN BACK by alice 10:50Z\n'])
  })

  test('an approval that counted when somebody else denied at the same moment has failed', async () => {
    const { code, out } = await makeRig({ operator: judging({ ...decidedAs('Denied'), decidedBy: 'Bo Lind' }) }).run(
      'approve',
      name,
      '--yes',
    )
    expect([code, out]).toEqual([1, 'Your vote counts. DENIED by Bo Lind 10:50Z\n'])
  })

  test('nobody judges it: the vote stands, exit code 3, after the time that was given', async () => {
    const rig = makeRig()
    const { code, out } = await rig.run('approve', name, '--yes', '--timeout', '5s')
    expect(code).toBe(3)
    expect(out).toMatch(
      /^Recorded as apv-.* nobody has judged it within 5 s\.\nYour vote stands\. See .* watch apr-3n8vr2kdhm6tq4wz9xcb\n$/,
    )
  })

  test("a vote of somebody else is not taken for one's own", async () => {
    const operator: RigOptions['operator'] = (request, vote) =>
      withStatus(request, { votes: [{ ...judgedAs(vote), uid: 'another' }] })
    expect((await makeRig({ operator }).run('approve', name, '--yes', '--timeout', '1')).code).toBe(3)
  })

  test('with -o the vote is for programs, and the words go to standard error', async () => {
    const { out, err } = await makeRig({ operator: judging(approved) }).run('approve', name, '--yes', '-o', 'name')
    expect(out).toBe('approvalvote.countersign.dev/apv-3n8vr2kdhm6tq4wz9xcb-gggggggggg\n')
    expect(err).toContain('Your vote counts.')
  })
})

describe('agents are paused and resumed', () => {
  test.each(['agents/bot', 'agents.bot', 'agid/agents.bot'])('%s is agents.bot', async (agent) => {
    const rig = makeRig()
    expect((await rig.run('pause', agent, '-m', 'deleting too much')).code).toBe(0)
    expect((await rig.run('resume', agent)).out).toBe('agents.bot is not paused any more.\n')
    expect(rig.pauses).toEqual([
      { agent: 'agents.bot', pause: { by: 'alice', time: '2026-11-21T10:50:00Z', reason: 'deleting too much' } },
      { agent: 'agents.bot', pause: undefined },
    ])
    expect(rig.votes).toEqual([])
  })

  test('an agent that is not there is a failure', async () => {
    const { code, err } = await makeRig().run('pause', 'agents/none')
    expect([code, err]).toEqual([
      1,
      'there is no agent agents.none; kubectl get agid -n countersign-system lists them\n',
    ])
  })
})

describe('what goes wrong is told in words, and ends with 1', () => {
  const failing = (error: object) => makeRig({ fails: { undecided: () => Promise.reject(error) } }).run('get')

  test.each([
    [401, 'Log in, and try again.'],
    [403, 'need the Role countersign-approvers'],
    [404, 'Is Countersign installed in this cluster?'],
    [0, 'could not be reached'],
  ])('status %d', async (status, words) => {
    const error = Object.assign(new Error(`GET x: ${status}`), { name: 'ApiError', status })
    expect(await failing(error)).toMatchObject({ code: 1, out: '', err: expect.stringContaining(words) })
  })

  test('of an error that is not ours only the class is told', async () => {
    const { err } = await failing(new TypeError('with a Bearer abc'))
    expect(err).toBe('something unexpected happened (TypeError)\n')
  })
})

describe('usage', () => {
  test.each([
    [[]],
    [['aprove', name]],
    [['approve']],
    [['get', '-o', 'xml']],
    [['approve', name, '--timeout', 'soon']],
    [['approve', name, 'another']],
  ])('%j is wrong: exit code 2', async (args) => {
    const { code, out, err } = await makeRig().run(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).not.toBe('')
  })

  test('--help has examples and exit codes', async () => {
    const { code, out } = await makeRig().run('--help')
    expect(code).toBe(0)
    expect(out).toMatch(/Examples:[^]*Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 recorded/)
  })
})

describe('watch', () => {
  test('prints one request as it changes, and ends when it is decided', async () => {
    const states: readonly ApprovalRequestStatus[] = [
      {},
      {},
      { stages: [{ name: 'approvers', approvals: 1, required: 1 }] },
      approved,
    ]
    let looks = -1
    const find = () => {
      looks += 1
      return Promise.resolve(withStatus(pending, states[Math.max(0, looks - 1)] ?? {}))
    }
    const { code, out } = await makeRig({ fails: { find } }).run('watch', name)
    expect(code).toBe(0)
    const line = `${name}  agents/bot  update Deployment prod/web (replicas, image)  Medium  `
    expect(out).toBe(
      [
        `10:50:00Z  ${line}WAITING until 11:05Z, 0 of 1 approval`,
        `10:50:02Z  ${line}WAITING until 11:05Z, 1 of 1 approval`,
        `10:50:03Z  ${line}APPROVED by alice 10:50Z · waiting for the agent, valid until 11:10Z`,
        '',
      ].join('\n'),
    )
  })

  test('prints every request that comes, changes and is decided, until interrupted', async () => {
    const later = { ...pending, metadata: { ...pending.metadata, name: 'apr-w4tch8kq2wt9hd4nc7rv' } }
    const denied = withStatus(pending, decidedAs('Denied'))
    const lists = [[pending], [pending], [pending, later], [later], [later]]
    let looks = 0
    const interrupted = new AbortController()
    const undecided = () => {
      const list = lists[looks] ?? []
      looks += 1
      if (looks === lists.length) interrupted.abort()
      return Promise.resolve(list)
    }
    const rig = makeRig({ fails: { undecided, find: () => Promise.resolve(denied) }, until: interrupted.signal })
    const { code, out } = await rig.run('watch')
    expect(code).toBe(0)
    expect(out.split('\n').map((line) => line.replace(/  agents\/bot .* Medium/, ''))).toEqual([
      `10:50:00Z  ${name}  WAITING until 11:05Z, 0 of 1 approval`,
      '10:50:02Z  apr-w4tch8kq2wt9hd4nc7rv  WAITING until 11:05Z, 0 of 1 approval',
      `10:50:03Z  ${name}  DENIED by alice 10:50Z`,
      '',
    ])
  })

  test('tells of votes that do not count', async () => {
    const [vote] = [
      { name: 'apv-1', uid: 'u', person: 'bob', verdict: 'Approve', time: '2026-11-21T10:50:00Z' } as const,
    ]
    const refused = withStatus(pending, { votes: [{ ...vote, counted: false, refusal: 'NotInGroup' }] })
    const states = [refused, refused, withStatus(refused, decidedAs('Denied'))]
    const find = () => Promise.resolve(states.shift() ?? refused)
    const { out } = await makeRig({ fails: { find } }).run('watch', name)
    expect(out).toContain('WAITING until 11:05Z, 0 of 1 approval, 1 vote does not count\n')
  })

  test('with -o prints each for programs', async () => {
    const denied = withStatus(pending, decidedAs('Denied'))
    const { out } = await makeRig({ fails: { find: () => Promise.resolve(denied) } }).run('watch', name, '-o', 'name')
    expect(out).toBe(`approvalrequest.countersign.dev/${name}\n`)
  })
})
