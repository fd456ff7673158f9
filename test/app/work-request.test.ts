import { describe, expect, test } from '@jest/globals'
import type { Announcement } from '../../src/app/announce.ts'
import type { LoopPorts } from '../../src/app/loop-ports.ts'
import type { MembershipAnswer } from '../../src/app/memberships.ts'
import { workRequest } from '../../src/app/work-request.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import type {
  ApprovalRequest,
  ApprovalRequestStatus,
  ApprovalVote,
  Condition,
  NotedVote,
  RequestedAction,
} from '../../src/domain/kinds.ts'
import {
  approvedStatus,
  at,
  claim,
  entra,
  group,
  kubernetes,
  member,
  request,
  stageOf,
  time,
  vote,
} from '../make-request.ts'

const people = [member('alice', ['entra', 'kubernetes']), member('bob')]
const approvers = approversOf([group('approvers', { people })], () => new Set())

type World = LoopPorts & {
  /** What was done, in order. */
  readonly deeds: readonly string[]
  readonly told: readonly Announcement[]
}

function world(now: number, changes: Partial<LoopPorts> = {}): World {
  const deeds: string[] = []
  const told: Announcement[] = []
  const stored = (deed: string, value: unknown): Promise<'Stored'> => {
    deeds.push(`${deed} ${JSON.stringify(value)}`)
    return Promise.resolve('Stored')
  }
  const log = (event: string): void => void deeds.push(`log ${event}`)
  return {
    deeds,
    told,
    requests: {
      decide: (_seen, decided) => stored('decide', decided),
      note: (seen, note) => stored(`note ${seen.metadata.name}`, note),
      revoke: (_seen, revoked) => stored('revoke', revoked),
      rearm: (_seen, note) => stored('rearm', note),
    },
    sign: (payload) => Promise.resolve({ keyID: 'e-1', protected: 'e30', payload, signature: 'c2ln' }),
    isTrustedVote: () => Promise.resolve(true),
    approvers: () => approvers,
    groups: () => [],
    askMemberships: () => Promise.resolve('NoTenant'),
    isAgent: () => false,
    live: () => Promise.resolve(undefined),
    read: () => Promise.resolve(undefined),
    readTarget: () => Promise.resolve('NotFound'),
    readAround: () => Promise.resolve('NotFound'),
    readList: () => Promise.resolve(undefined),
    alike: () => Promise.resolve([]),
    hmacKey: () => undefined,
    pause: (identities) => {
      deeds.push(`pause ${identities.join(' ')}`)
      return Promise.resolve('Paused')
    },
    announce: (announcement) => told.push(announcement),
    evidence: (line) => deeds.push(`evidence ${line}`),
    log: { debug: log, info: log, warn: log, error: log },
    measure: () => undefined,
    now: () => now,
    earliest: () => now,
    times: { leaseMs: 45_000, callMs: 34_000 },
    graceMs: 2_000,
    ...changes,
  }
}

function asked(status?: ApprovalRequestStatus, action: Partial<RequestedAction> = {}): ApprovalRequest {
  const actions = request().spec.actions.map((one) => ({ ...one, ...action }))
  return request({ requirements: { stages: [stageOf('approvers')] }, actions, ...(status && { status }) })
}

const kinds = ({ deeds }: World): readonly string[] =>
  deeds.map((deed) => deed.replace(/ .*/, '')).filter((deed) => deed !== 'log')

const done = (of: World, deed: string) =>
  JSON.parse(of.deeds.find((one) => one.startsWith(deed))?.replace(/^[^{]*/, '') ?? '{}')

describe('work on one request', () => {
  test('stores a decision with its record in one write, and tells the evidence after it', async () => {
    const here = world(at('10:25'))
    await workRequest(here, { request: asked(), votes: [vote('Approve')] })
    expect(kinds(here)).toEqual(['decide', 'evidence'])
    const { decision, record, grant, comment } = done(here, 'decide')
    expect(JSON.parse(record.payload)).toMatchObject({ decision, grantExpirationTime: grant.expirationTime })
    expect(comment).toBeUndefined()
    expect(here.told.map(({ name, namespace }) => `${namespace} ${name.replace(/^apr-\w+/, 'N')}`)).toEqual([
      'countersign-system N.decided-approved',
      'prod N.decided-approved.target',
    ])
  })

  test('tells those who are asked what stands around the target, and what was asked before', async () => {
    const earlier = request({ name: 'apr-earlier' })
    const before = { ...earlier, metadata: { ...earlier.metadata, uid: 'earlier' } }
    const here = world(at('10:21'), {
      readAround: () => Promise.resolve({ status: { observedGeneration: 1, readyReplicas: 2 } }),
      alike: () => Promise.resolve([before]),
    })
    await workRequest(here, { request: asked(), votes: [] })
    const context = JSON.parse(here.deeds[1]?.replace(/^[^{]*/, '') ?? '{}')
    expect(context).toMatchObject({
      context: {
        observedTime: '2026-11-21T10:21:00Z',
        effects: expect.arrayContaining(['2 running pods stop.']),
        similar: [{ name: 'apr-earlier', uid: 'earlier' }],
      },
    })
  })

  test('says when nothing around the target could be read, and does not hold the request up', async () => {
    const here = world(at('10:21'), {
      readAround: () => Promise.reject(new Error('away')),
      alike: () => Promise.reject(new Error('away')),
    })
    await workRequest(here, { request: asked(), votes: [] })
    expect(here.deeds[1]).toContain('What stands around the target could not be read.')
  })

  test('decides nothing while there is no key to sign with, and comes back', async () => {
    const here = world(at('10:25'), { sign: () => undefined })
    const again = await workRequest(here, { request: asked(), votes: [vote('Approve')] })
    expect(kinds(here)).toEqual([])
    expect(again).toBe(at('10:25') + 250)
  })

  test('tells no evidence of what somebody else has decided', async () => {
    const here = world(at('10:25'))
    const others = { ...here, requests: { ...here.requests, decide: () => Promise.resolve('AlreadyDecided' as const) } }
    await workRequest(others, { request: asked(), votes: [vote('Approve')] })
    expect(kinds(here)).toEqual([])
  })

  test('what the API server refuses for good is an alarm, and tried again later', async () => {
    const alarms: unknown[] = []
    const here = world(at('10:25'), { measure: (fact) => alarms.push(fact) })
    const refusing = { ...here, requests: { ...here.requests, decide: () => Promise.resolve('Invalid' as const) } }
    const again = await workRequest(refusing, { request: asked(), votes: [vote('Approve')] })
    expect(alarms).toEqual([{ fact: 'Alarm', alarm: 'StatusRefused' }])
    expect(again).toBe(at('10:25:30'))
  })

  test('notes what it sees first, says so by Events, and wakes at the deadline', async () => {
    const here = world(at('10:21'))
    expect(await workRequest(here, { request: asked(), votes: [] })).toBe(at('10:35') + 1)
    expect(here.told.map(({ reason }) => reason)).toEqual(['Requested', 'Requested'])
  })

  test('leaves a hint on the attempt before, and on the first', async () => {
    const names: string[] = []
    const read = (name: string): Promise<ApprovalRequest> => {
      names.push(name)
      return Promise.resolve(request({ name }))
    }
    const here = world(at('10:21'), { read })
    const third = request({ name: 'apr-7k-3', attempt: { number: 3, previous: { name: 'apr-7k-2', uid: 'u' } } })
    await workRequest(here, { request: third, votes: [] })
    expect(names).toEqual(['apr-7k-2', 'apr-7k'])
    expect(done(here, 'note apr-7k ')).toEqual({ latestAttempt: 'apr-7k-3' })
  })
})

describe('a vote', () => {
  const refusalOf = async (cast: ApprovalVote, changes: Partial<LoopPorts> = {}): Promise<unknown> => {
    const here = world(at('10:25'), changes)
    await workRequest(here, { request: asked(), votes: [cast] })
    return done(here, 'note').votes?.[0]?.refusal ?? kinds(here)[0]
  }
  const { evidence: _evidence, ...bare } = vote('Approve').spec

  test('with evidence counts when its signature holds', async () => {
    expect(await refusalOf(vote('Approve'))).toBe('decide')
  })

  test('with evidence does not count when its signature does not hold', async () => {
    expect(await refusalOf(vote('Approve'), { isTrustedVote: () => Promise.resolve(false) })).toBe('Forged')
  })

  test('by kubectl counts without evidence', async () => {
    const cast = vote('Approve', { voter: kubernetes('alice') })
    expect(await refusalOf(cast, { isTrustedVote: () => Promise.resolve(false) })).toBe('decide')
  })

  test('from a chat does not count without evidence', async () => {
    expect(await refusalOf({ ...vote('Approve'), spec: { ...bare, voter: entra('alice') } })).toBe('Forged')
  })

  test('is not judged while it is not known whose signatures count', async () => {
    const here = world(at('10:25'), { isTrustedVote: () => Promise.reject(new Error('not known yet')) })
    await expect(workRequest(here, { request: asked(), votes: [vote('Approve')] })).rejects.toThrow('not known yet')
    expect(kinds(here)).toEqual([])
  })
})

describe('a vote by somebody who may be in an Entra group', () => {
  const tenantID = entra('x').tenantID ?? ''
  const groups = [group('approvers', { people, entraGroups: [{ tenantID, groupID: 'sre' }] })]
  const answering = (answer: MembershipAnswer, changes: Partial<LoopPorts> = {}): World =>
    world(at('10:25'), {
      groups: () => groups,
      approvers: () => approversOf(groups, () => new Set()),
      askMemberships: () => Promise.resolve(answer),
      ...changes,
    })
  const dana = vote('Approve', { voter: entra('dana') })
  const refusal = (here: World): unknown => done(here, 'note').votes?.[0]?.refusal
  const isIn: MembershipAnswer = { groupIDs: new Set(['sre']), counts: true }
  const away: MembershipAnswer = { unknown: 'away', againMs: 7_000 }

  test('counts when he is', async () => {
    const here = answering(isIn)
    await workRequest(here, { request: asked(), votes: [dana] })
    expect(done(here, 'decide')).toMatchObject({ decision: 'Approved', decidedBy: 'dana' })
  })

  test.each<readonly [sentence: string, answer: MembershipAnswer, told: string]>([
    ['does not when he is not', { groupIDs: new Set(), counts: true }, 'NotInGroup'],
    ['does not when he is a guest or disabled', { groupIDs: new Set(['sre']), counts: false }, 'GuestMayNotVote'],
    ['does not when we have no app in his tenant', 'NoTenant', 'TenantUnknown'],
  ])('%s', async (_sentence, answer, told) => {
    const here = answering(answer)
    await workRequest(here, { request: asked(), votes: [dana] })
    expect([kinds(here)[0], refusal(here)]).toEqual(['note', told])
  })

  test('is neither counted nor refused while nobody can say, and looked at again when the service wants it', async () => {
    const here = answering(away)
    expect(await workRequest(here, { request: asked(), votes: [dana] })).toBe(at('10:25:07'))
    expect(done(here, 'note')).toMatchObject({ progress: '0/1', votes: [] })
  })

  test('changes nothing for whoever is listed, and nobody is asked about him', async () => {
    const here = answering(away, { askMemberships: () => Promise.reject(new Error('asked')) })
    await workRequest(here, { request: asked(), votes: [vote('Approve')] })
    expect(done(here, 'decide')).toMatchObject({ decision: 'Approved', decidedBy: 'alice' })
  })

  test('is refused without asking when it is forged', async () => {
    const here = answering(away, {
      isTrustedVote: () => Promise.resolve(false),
      askMemberships: () => Promise.reject(new Error('asked')),
    })
    await workRequest(here, { request: asked(), votes: [dana] })
    expect(refusal(here)).toBe('Forged')
  })

  test('lets others decide meanwhile, but nobody approve what it denies', async () => {
    const alice = vote('Approve', { name: 'apv-2', voter: kubernetes('alice') })
    const approving = answering(away)
    await workRequest(approving, { request: asked(), votes: [dana, alice] })
    expect(done(approving, 'decide')).toMatchObject({ decision: 'Approved', decidedBy: 'alice@example.com' })
    const denying = answering(away)
    const denial = vote('Deny', { voter: entra('dana'), cast: at('10:24:30') })
    expect(await workRequest(denying, { request: asked(), votes: [denial, alice] })).toBe(at('10:25:07'))
    expect(kinds(denying)).not.toContain('decide')
  })

  test('does not wait when it is not hers: nobody denies in the name of another', async () => {
    const here = answering(away, { isTrustedVote: ({ verdict }) => Promise.resolve(verdict !== 'Deny') })
    const denial = vote('Deny', { name: 'apv-2', voter: entra('dana') })
    const alice = vote('Approve', { name: 'apv-3' })
    await workRequest(here, { request: asked(), votes: [dana, denial, alice] })
    const votes = [{ name: 'apv-2', refusal: 'Forged' }, { name: 'apv-3' }]
    expect(done(here, 'decide')).toMatchObject({ decision: 'Approved', votes })
  })

  test('that was refused before holds nobody up', async () => {
    const denial = vote('Deny', { voter: entra('dana') })
    const { name, uid = '' } = denial.metadata
    const noted = {
      name,
      uid,
      person: 'dana',
      verdict: 'Deny',
      time: '',
      counted: false,
      refusal: 'NotInGroup',
    } as const
    const words = vote('Comment', { name: 'apv-2', voter: entra('dana') })
    const alice = vote('Approve', { name: 'apv-3' })
    const here = answering(away)
    await workRequest(here, { request: asked({ votes: [noted] }), votes: [denial, words, alice] })
    expect(done(here, 'decide')).toMatchObject({ decision: 'Approved' })
  })

  test('does not count when the group of the owner has her, also as a guest', async () => {
    const owners = group('owners', { entraGroups: [{ tenantID, groupID: 'own' }] })
    const listed = [group('approvers', { people: [member('dana')] }), owners]
    const owned = request({ requester: { owner: 'owners' } })
    const judged = async (answer: MembershipAnswer): Promise<unknown> => {
      const here = answering(answer, { groups: () => listed, approvers: () => approversOf(listed, () => new Set()) })
      await workRequest(here, { request: owned, votes: [dana] })
      return refusal(here) ?? kinds(here)[0]
    }
    expect(await judged({ groupIDs: new Set(['own']), counts: true })).toBe('OwnerMayNotVote')
    expect(await judged({ groupIDs: new Set(['own']), counts: false })).toBe('OwnerMayNotVote')
    expect(await judged('NoTenant')).toBe('OwnerUnknown')
    expect(await judged({ groupIDs: new Set(), counts: true })).toBe('decide')
  })

  test.each<readonly [sentence: string, tied: boolean, answers: readonly string[], becomes: string]>([
    ['cannot be told from the owner', false, [], 'OwnerUnknown'],
    ['counts when her account there is not in the group', true, ['no'], 'decide'],
    ['does not when it is', true, ['own'], 'OwnerMayNotVote'],
  ])('of another tenant than the group of the owner %s', async (_sentence, tied, answers, becomes) => {
    const owners = group('owners', { entraGroups: [{ tenantID: 'abroad', groupID: 'own' }] })
    const there = { name: 'dana', entraUser: { tenantID: 'abroad', objectID: 'dana-abroad' } }
    const listed = [group('approvers', { people: [member('dana'), ...(tied ? [there] : [])] }), owners]
    const answer: MembershipAnswer = { groupIDs: new Set(answers), counts: true }
    const here = answering(answer, { groups: () => listed, approvers: () => approversOf(listed, () => new Set()) })
    await workRequest(here, { request: request({ requester: { owner: 'owners' } }), votes: [dana] })
    expect(refusal(here) ?? kinds(here)[0]).toBe(becomes)
  })

  test('waits while nobody can say whether her other account owns the agent', async () => {
    const owners = group('owners', { entraGroups: [{ tenantID: 'abroad', groupID: 'own' }] })
    const there = { name: 'dana', entraUser: { tenantID: 'abroad', objectID: 'dana-abroad' } }
    const listed = [group('approvers', { people: [member('dana'), there] }), owners]
    const here = answering(away, { groups: () => listed, approvers: () => approversOf(listed, () => new Set()) })
    const owned = request({ requester: { owner: 'owners' } })
    expect(await workRequest(here, { request: owned, votes: [dana] })).toBe(at('10:25:07'))
    expect([refusal(here), kinds(here).includes('decide')]).toEqual([undefined, false])
  })

  test('that counted before is judged by what he is now, and shown as before while nobody can say', async () => {
    const stages = [stageOf('approvers', 2)]
    const [{ name, uid = '' }, person] = [dana.metadata, 'dana']
    const noted: NotedVote = { name, uid, person, verdict: 'Approve', time: time(at('10:24')), counted: true }
    const conditions = [
      { type: 'Decided', status: 'False', reason: 'Pending', message: '', lastTransitionTime: '' },
    ] as const
    const status = { votes: [noted], progress: '1/2', conditions, context: {} }
    const half = request({ requirements: { stages }, status })
    const left = answering({ groupIDs: new Set(), counts: true })
    const alice = vote('Approve', { name: 'apv-2' })
    await workRequest(left, { request: half, votes: [dana, alice] })
    expect(done(left, 'note')).toMatchObject({ progress: '1/2', votes: [{ name: 'apv-2', counted: true }] })
    const open = answering(away)
    await workRequest(open, { request: half, votes: [dana] })
    expect(kinds(open)).toEqual([])
    await workRequest(open, { request: half, votes: [dana, alice] })
    expect(done(open, 'note')).toEqual({
      conditions: [],
      votes: [expect.objectContaining({ name: 'apv-2', counted: true })],
    })
  })

  test('does not keep a request from expiring', async () => {
    const late = at('10:36')
    const here = answering(away, {
      now: () => late,
      live: () => Promise.resolve({ request: asked(), votes: [dana], date: late }),
    })
    await workRequest(here, { request: asked(), votes: [dana] })
    expect(done(here, 'decide')).toMatchObject({ decision: 'Expired' })
  })

  test.each([
    ['seldom after the decision', vote('Comment', { name: 'apv-2', voter: entra('dana') }), at('10:30')],
    [
      'as soon as before when it takes the decision back',
      vote('Revoke', { name: 'apv-2', voter: entra('dana') }),
      at('10:25:07'),
    ],
  ])('is looked at %s', async (_sentence, cast, again) => {
    const approved = asked({
      ...approvedStatus(),
      grant: { expirationTime: time(at('10:44')), claims: [], rearmed: 0 },
    })
    expect(await workRequest(answering(away), { request: approved, votes: [cast] })).toBe(again)
  })
})

describe('a deadline', () => {
  const late = at('10:36')

  test('makes a request expired when the API server knows of no vote, by its own clock', async () => {
    const here = world(late, { live: () => Promise.resolve({ request: asked(), votes: [], date: late }) })
    await workRequest(here, { request: asked(), votes: [] })
    expect(done(here, 'decide')).toMatchObject({ decision: 'Expired', basis: 'Deadline' })
  })

  test('does not, when a vote in time is found that memory had not seen', async () => {
    const here = world(late, { live: () => Promise.resolve({ request: asked(), votes: [vote('Deny')], date: late }) })
    await workRequest(here, { request: asked(), votes: [] })
    expect(done(here, 'decide')).toMatchObject({ decision: 'Denied' })
  })

  test('does not, when it has not passed by the clock of the API server', async () => {
    const date = at('10:34')
    const here = world(late, { live: () => Promise.resolve({ request: asked(), votes: [], date }) })
    await workRequest(here, { request: asked(), votes: [] })
    expect(kinds(here)).toEqual(['note', 'note'])
  })

  test('comes back when it has passed by the clock of the API server, and not at once while our own is ahead', async () => {
    const date = at('10:34')
    const here = world(late, { live: () => Promise.resolve({ request: asked(), votes: [], date }) })
    expect(await workRequest(here, { request: asked(), votes: [] })).toBe(late + (at('10:35') + 1 - date))
  })

  test('does nothing to a request that is gone', async () => {
    const here = world(late)
    expect(await workRequest(here, { request: asked(), votes: [] })).toBeUndefined()
    expect(kinds(here)).toEqual([])
  })
})

describe('a pause', () => {
  test('looks for the identity of the account, then for that of its namespace', async () => {
    const here = world(at('10:25'))
    await workRequest(here, { request: asked(), votes: [vote('Pause')] })
    expect(here.deeds).toContain('pause agents.bot namespace.agents')
    expect(kinds(here)).toEqual(['pause', 'decide', 'evidence'])
  })

  test('that finds nobody is an alarm, and denies nevertheless', async () => {
    const here = world(at('10:25'), { pause: () => Promise.resolve('NoIdentity') })
    await workRequest(here, { request: asked(), votes: [vote('Pause')] })
    expect(here.deeds).toContain('log NobodyToPause')
    expect(kinds(here)).toEqual(['decide', 'evidence'])
  })
})

describe('a Revoke', () => {
  const approved = asked(approvedStatus())
  const votes = [vote('Revoke', { name: 'apv-2' })]

  test('is one write', async () => {
    const here = world(at('10:30'))
    await workRequest(here, { request: approved, votes })
    expect(kinds(here)).toEqual(['revoke'])
  })

  test('that was overtaken by a claim is judged again soon', async () => {
    const here = world(at('10:30'))
    const changed = { ...here, requests: { ...here.requests, revoke: () => Promise.resolve('Changed' as const) } }
    expect(await workRequest(changed, { request: approved, votes })).toBe(at('10:30:01'))
    expect(kinds(here)).toEqual([])
  })
})

describe('the outcome', () => {
  const released: Condition = {
    type: 'Executed',
    status: 'Unknown',
    reason: 'Released',
    message: '',
    lastTransitionTime: time(at('10:25')),
  }
  const claimed = (action: Partial<RequestedAction>): ApprovalRequest =>
    asked({ ...approvedStatus({ claims: [claim({ generation: 4 })] }), conditions: [released] }, action)
  const there = { metadata: { uid: '3f2a1b0c-9d8e-4c7b-a6f5-e4d3c2b1a09f', generation: 4 } }

  test('is read from the target, and noted', async () => {
    const here = world(at('10:25:05'))
    await workRequest(here, { request: claimed({}), votes: [] })
    expect(done(here, 'note')).toMatchObject({ conditions: [{ status: 'True', reason: 'Executed' }] })
  })

  test('is looked for again after twice the time', async () => {
    const here = world(at('10:25:05'), { readTarget: () => Promise.resolve(there) })
    expect(await workRequest(here, { request: claimed({}), votes: [] })).toBe(at('10:25:10'))
    expect(kinds(here)).toEqual([])
  })

  test('gives an update back whose target nobody has changed', async () => {
    const here = world(at('10:27'), { readTarget: () => Promise.resolve(there) })
    await workRequest(here, { request: claimed({ operation: 'Update' }), votes: [] })
    expect(kinds(here)).toEqual(['rearm'])
  })
})
