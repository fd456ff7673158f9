import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { readDefinitions, rootOf } from '../../crds/schema.ts'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { applyPatch, jsonPatch, mergePatch, messageOf } from '../crds/api-client.ts'
import type { Write } from '../crds/api-client.ts'
import { startWithCrds } from '../crds/control-plane-with-crds.ts'
import type { Stage } from '../crds/control-plane-with-crds.ts'
import { makeRequestStage, requestsPath } from '../crds/request-stage.ts'
import type { RequestStage } from '../crds/request-stage.ts'
import { claim, condition, decided, hash, record, revocation, vote } from '../crds/sample-request.ts'
import type { Mutable, State, Status } from '../crds/sample-request.ts'

jest.setTimeout(20 * 60_000)

let stage: Stage
let requests: RequestStage

beforeAll(async () => {
  stage = await startWithCrds(process.env)
  requests = makeRequestStage(stage.api)
})
afterAll(() => stage.stop())

/** The words by which the API server refuses, one for each rule and limit. */
const rule = {
  spec: 'the spec of a request never changes; what was asked stays as it was asked',
  together: 'decision, basis, decisionTime and record are set together, in one write',
  decided: 'what was decided is never changed or removed (decision, basis, decisionTime, decidedBy, record)',
  deadline: 'a deadline that passes makes Expired and nothing else; a timeout is never a denial',
  grant: 'a grant exists exactly when the decision is Approved',
  beginning: 'a grant begins unclaimed, not re-armed and not revoked',
  expiry: 'the expirationTime of a grant never changes',
  claims: 'claims are only appended; those already there are never changed, removed or moved',
  unclaimed: 'a grant is revoked only while it is unclaimed, and a revoked grant is never claimed',
  revocation: 'a revocation is never changed or removed',
  rearmedOnce: 'a grant is re-armed at most once; rearmed goes from 0 to 1 and never back',
  rearmedClaim: 'only a claimed grant can be re-armed',
  cooldown: 'cooldownRevoked exists only after Denied or ChangesRequested',
  cooldownOnce: 'cooldownRevoked is never changed or removed',
  votes: 'votes are only appended; those already there are never changed, removed or moved',
  onlyTrue: 'the conditions Approved and Denied are True or absent',
  matching:
    'the condition Approved exists exactly when the decision is Approved, the condition Denied exactly when it is',
  decidedTrue: 'the condition Decided is True exactly when there is a decision',
  decidedReason: 'the reason of the condition Decided is the decision',
  conditions: 'after the decision the conditions Decided, Approved and Denied are never changed or removed',
} as const

type Grant = NonNullable<Status['grant']>

function grantOf(status: Status): Grant {
  if (status.grant === undefined) throw new Error('no grant to attack')
  return status.grant
}

function statusOf(request: Mutable<ApprovalRequest>): Status {
  if (request.status === undefined) throw new Error('no status to attack')
  return request.status
}

function conditionOf(status: Status, type: string): Mutable<NonNullable<Status['conditions']>[number]> {
  const found = status.conditions?.find((one) => one.type === type)
  if (found === undefined) throw new Error(`no condition ${type} to attack`)
  return found
}

function without(status: Status, type: string): Status {
  return { ...status, conditions: (status.conditions ?? []).filter((one) => one.type !== type) }
}

/** Sends, expects a refusal in these words, and that nothing has happened. */
async function expectRefusal(request: Mutable<ApprovalRequest>, write: Write, words: string): Promise<void> {
  const before = await requests.live(request.metadata.name)
  const { code, body } = await stage.api.send(write)
  expect(messageOf(body)).toContain(words)
  expect(code).toBe(422)
  expect(await requests.live(request.metadata.name)).toEqual(before)
}

const pathOf = (request: Mutable<ApprovalRequest>): string => `${requestsPath}/${request.metadata.name}`

/** Replaces the status by what the attack makes of it. */
const put = (request: Mutable<ApprovalRequest>, status: unknown): Write => ({
  method: 'PUT',
  path: `${pathOf(request)}/status`,
  body: { ...request, status },
})

type Edit = (spec: Mutable<ApprovalRequest['spec']>) => unknown
type Attack = readonly [what: string, state: State, attack: (status: Status) => unknown, words: string]

const attacks: readonly Attack[] = [
  // What was decided
  ['put an empty status over an approval', 'approved', () => ({}), rule.decided],
  ['put the pending status back over an approval', 'approved', (s) => ({ progress: s.progress }), rule.decided],
  ['turn an approval into a denial', 'approved', () => decided('Denied'), rule.decided],
  ['turn a denial into an approval', 'denied', () => decided('Approved'), rule.decided],
  ['turn an expiry into a denial', 'expired', () => decided('Denied'), rule.decided],
  ['turn a request for changes into an approval', 'changesRequested', () => decided('Approved'), rule.decided],
  ['remove the decision alone', 'denied', (s) => ({ ...s, decision: undefined }), rule.decided],
  ['change the basis', 'approved', (s) => ({ ...s, basis: 'BreakGlass' }), rule.decided],
  [
    'change the time of the decision',
    'approved',
    (s) => ({ ...s, decisionTime: '2026-11-21T10:25:00Z' }),
    rule.decided,
  ],
  ['replace the record', 'approved', (s) => ({ ...s, record: { ...record, payload: '{}' } }), rule.decided],
  ['replace the signature', 'approved', (s) => ({ ...s, record: { ...record, signature: 'eA' } }), rule.decided],
  ['remove the record', 'denied', (s) => ({ ...s, record: undefined }), rule.decided],
  ['change who decided', 'approved', (s) => ({ ...s, decidedBy: 'Mallory' }), rule.decided],
  ['remove who decided', 'approved', (s) => ({ ...s, decidedBy: undefined }), rule.decided],
  ['name a decider afterwards', 'expired', (s) => ({ ...s, decidedBy: 'Mallory' }), rule.decided],

  // How it is decided
  ['decide without a record', 'voted', () => ({ ...decided('Denied'), record: undefined }), rule.together],
  ['decide without a basis', 'voted', () => ({ ...decided('Denied'), basis: undefined }), rule.together],
  ['decide without a time', 'voted', () => ({ ...decided('Denied'), decisionTime: undefined }), rule.together],
  ['store a record without a decision', 'voted', (s) => ({ ...s, record }), rule.together],
  ['store a basis without a decision', 'voted', (s) => ({ ...s, basis: 'Votes' }), rule.together],
  ['store a time without a decision', 'voted', (s) => ({ ...s, decisionTime: '2026-11-21T10:24:11Z' }), rule.together],
  ['call a timeout a denial', 'voted', () => ({ ...decided('Denied'), basis: 'Deadline' }), rule.deadline],
  ['call a timeout an approval', 'voted', () => ({ ...decided('Approved'), basis: 'Deadline' }), rule.deadline],
  ['let votes expire a request', 'voted', () => ({ ...decided('Expired'), basis: 'Votes' }), rule.deadline],

  // The grant
  ['give a grant to a pending request', 'voted', (s) => ({ ...s, grant: decided('Approved').grant }), rule.grant],
  ['give a grant to a denied request', 'denied', (s) => ({ ...s, grant: decided('Approved').grant }), rule.grant],
  [
    'give a grant with a denial',
    'voted',
    () => ({ ...decided('Denied'), grant: decided('Approved').grant }),
    rule.grant,
  ],
  ['approve without a grant', 'voted', () => ({ ...decided('Approved'), grant: undefined }), rule.grant],
  ['remove the grant', 'claimed', (s) => ({ ...s, grant: undefined }), rule.grant],
  [
    'approve with a grant that is claimed already',
    'voted',
    () => ({ ...decided('Approved'), grant: { ...grantOf(decided('Approved')), claims: [claim('first')] } }),
    rule.beginning,
  ],
  [
    'approve with a grant that is re-armed already',
    'voted',
    () => ({ ...decided('Approved'), grant: { ...grantOf(decided('Approved')), rearmed: 1 } }),
    rule.beginning,
  ],
  [
    'approve with a grant that is revoked already',
    'voted',
    () => ({ ...decided('Approved'), grant: { ...grantOf(decided('Approved')), revoked: revocation } }),
    rule.beginning,
  ],
  [
    'prolong the grant',
    'approved',
    (s) => ({ ...s, grant: { ...grantOf(s), expirationTime: '2027-11-21T10:44:11Z' } }),
    rule.expiry,
  ],

  // Claims
  ['remove the claims', 'claimed', (s) => withClaims(s, []), rule.claims],
  ['remove the last claim', 'claimed', (s) => withClaims(s, claimsOf(s).slice(0, 2)), rule.claims],
  ['remove the first claim', 'claimed', (s) => withClaims(s, claimsOf(s).slice(1)), rule.claims],
  ['swap two claims', 'claimed', (s) => withClaims(s, claimsOf(s).toReversed()), rule.claims],
  ['put a claim before the others', 'claimed', (s) => withClaims(s, [claim('new'), ...claimsOf(s)]), rule.claims],
  [
    'put a claim between the others',
    'claimed',
    (s) => withClaims(s, claimsOf(s).toSpliced(1, 0, claim('new'))),
    rule.claims,
  ],
  [
    'edit a claim in the middle',
    'claimed',
    (s) => withClaims(s, claimsOf(s).with(1, { ...claim('second'), objectUID: 'other' })),
    rule.claims,
  ],
  [
    'take a field out of a claim',
    'claimed',
    (s) => withClaims(s, claimsOf(s).with(1, { admissionUID: 'second', digest: hash('a'), time: claim('x').time })),
    rule.claims,
  ],
  [
    'put another claim in place of one',
    'claimed',
    (s) => withClaims(s, claimsOf(s).with(2, claim('new'))),
    rule.claims,
  ],
  ['claim a revoked grant', 'revoked', (s) => withClaims(s, [claim('first')]), rule.unclaimed],
  [
    'revoke a claimed grant',
    'claimed',
    (s) => ({ ...s, grant: { ...grantOf(s), revoked: revocation } }),
    rule.unclaimed,
  ],
  [
    'claim and revoke in one write',
    'approved',
    (s) => ({ ...s, grant: { ...grantOf(s), revoked: revocation, claims: [claim('first')] } }),
    rule.unclaimed,
  ],
  ['remove a revocation', 'revoked', (s) => ({ ...s, grant: { ...grantOf(s), revoked: undefined } }), rule.revocation],
  [
    'remove a revocation and claim',
    'revoked',
    (s) => ({ ...s, grant: { ...grantOf(s), revoked: undefined, claims: [claim('first')] } }),
    rule.revocation,
  ],
  [
    'change who revoked',
    'revoked',
    (s) => ({ ...s, grant: { ...grantOf(s), revoked: { ...revocation, by: 'Mallory' } } }),
    rule.revocation,
  ],
  ['take a re-arming back', 'rearmed', (s) => ({ ...s, grant: { ...grantOf(s), rearmed: 0 } }), rule.rearmedOnce],
  [
    're-arm what is not claimed',
    'approved',
    (s) => ({ ...s, grant: { ...grantOf(s), rearmed: 1 } }),
    rule.rearmedClaim,
  ],

  // The cool-down
  ['revoke the cool-down of an approval', 'approved', (s) => ({ ...s, cooldownRevoked: revocation }), rule.cooldown],
  ['revoke the cool-down of a pending request', 'voted', (s) => ({ ...s, cooldownRevoked: revocation }), rule.cooldown],
  ['revoke the cool-down of an expiry', 'expired', (s) => ({ ...s, cooldownRevoked: revocation }), rule.cooldown],
  ['restore a cool-down', 'forgiven', (s) => ({ ...s, cooldownRevoked: undefined }), rule.cooldownOnce],
  [
    'change who revoked the cool-down',
    'forgiven',
    (s) => ({ ...s, cooldownRevoked: { ...revocation, by: 'Mallory' } }),
    rule.cooldownOnce,
  ],

  // Votes
  ['remove the votes', 'voted', (s) => ({ ...s, votes: undefined }), rule.votes],
  ['empty the votes', 'voted', (s) => ({ ...s, votes: [] }), rule.votes],
  ['put an empty status over votes', 'voted', () => ({}), rule.votes],
  ['remove one vote', 'voted', (s) => ({ ...s, votes: votesOf(s).slice(1) }), rule.votes],
  ['change the order of the votes', 'voted', (s) => ({ ...s, votes: votesOf(s).toReversed() }), rule.votes],
  ['put a vote before the others', 'voted', (s) => ({ ...s, votes: [vote('new'), ...votesOf(s)] }), rule.votes],
  [
    'make a counted vote count no more',
    'voted',
    (s) => ({ ...s, votes: votesOf(s).with(0, { ...vote('one', 'Comment'), counted: false }) }),
    rule.votes,
  ],
  [
    'turn a vote into another',
    'voted',
    (s) => ({ ...s, votes: votesOf(s).with(1, vote('two', 'Approve')) }),
    rule.votes,
  ],
  ['remove the votes of a decided request', 'denied', (s) => ({ ...s, votes: [] }), rule.votes],

  // Conditions
  [
    'set Approved to False',
    'approved',
    (s) => withCondition(s, condition('Approved', 'False', 'Votes')),
    rule.onlyTrue,
  ],
  ['set Denied to Unknown', 'pending', (s) => withCondition(s, condition('Denied', 'Unknown', 'Votes')), rule.onlyTrue],
  [
    'add Denied to an approval',
    'approved',
    (s) => withCondition(s, condition('Denied', 'True', 'Votes')),
    rule.matching,
  ],
  [
    'add Approved to a denial',
    'denied',
    (s) => withCondition(s, condition('Approved', 'True', 'Votes')),
    rule.matching,
  ],
  [
    'set Approved on a pending request',
    'pending',
    (s) => withCondition(s, condition('Approved', 'True', 'Votes')),
    rule.matching,
  ],
  [
    'set Denied on an expired request',
    'expired',
    (s) => withCondition(s, condition('Denied', 'True', 'Votes')),
    rule.matching,
  ],
  ['approve without the condition', 'voted', () => without(decided('Approved'), 'Approved'), rule.matching],
  ['deny without the condition', 'voted', () => without(decided('Denied'), 'Denied'), rule.matching],
  ['remove the condition Approved', 'approved', (s) => without(s, 'Approved'), rule.matching],
  ['remove all conditions of a denial', 'denied', (s) => ({ ...s, conditions: undefined }), rule.matching],
  ['decide without saying Decided', 'voted', () => without(decided('Expired'), 'Decided'), rule.decidedTrue],
  [
    'say Decided without a decision',
    'voted',
    (s) => withCondition(s, condition('Decided', 'True', 'Denied')),
    rule.decidedTrue,
  ],
  [
    'set Decided back to False',
    'approved',
    (s) => withCondition(s, condition('Decided', 'False', 'Pending')),
    rule.decidedTrue,
  ],
  ['remove Decided', 'expired', (s) => without(s, 'Decided'), rule.decidedTrue],
  [
    'say another reason than the decision',
    'voted',
    () => withCondition(decided('Denied'), condition('Decided', 'True', 'Approved')),
    rule.decidedReason,
  ],
  [
    'rewrite the words of a denial',
    'denied',
    (s) => withCondition(s, { ...conditionOf(s, 'Denied'), message: 'please do' }),
    rule.conditions,
  ],
  [
    'rewrite when it was approved',
    'approved',
    (s) => withCondition(s, { ...conditionOf(s, 'Approved'), lastTransitionTime: '2026-11-21T10:00:00Z' }),
    rule.conditions,
  ],
  [
    'rewrite the message of Decided',
    'expired',
    (s) => withCondition(s, { ...conditionOf(s, 'Decided'), message: 'denied' }),
    rule.conditions,
  ],
]

function claimsOf(status: Status): Grant['claims'] {
  return grantOf(status).claims
}

function withClaims(status: Status, claims: Grant['claims']): Status {
  return { ...status, grant: { ...grantOf(status), claims } }
}

function votesOf(status: Status): NonNullable<Status['votes']> {
  return status.votes ?? []
}

function withCondition(status: Status, changed: ReturnType<typeof condition>): Status {
  const others = (status.conditions ?? []).filter((one) => one.type !== changed.type)
  return { ...status, conditions: [...others, changed] }
}

describe('nobody can', () => {
  test.each(attacks)('%s (%s)', async (_what, ...[state, attack, words]) => {
    const request = await requests.requestIn(state)
    await expectRefusal(request, put(request, attack(structuredClone(request.status ?? {}))), words)
  })

  test('and every rule of the definition is attacked here', () => {
    const definition = readDefinitions('crds').find(({ spec }) => spec.names.kind === 'ApprovalRequest')
    const rules = definition === undefined ? [] : (rootOf(definition)['x-kubernetes-validations'] ?? [])
    const attacked = new Set([rule.spec, ...attacks.map(([, , , words]) => words)])
    expect(rules.map(({ message }) => message).filter((message) => !startsOne(attacked, message))).toEqual([])
    expect(rules.length).toBe(Object.keys(rule).length)
  })
})

const startsOne = (words: ReadonlySet<string>, message = ''): boolean =>
  [...words].some((beginning) => message.startsWith(beginning))

describe('nobody can change what was asked:', () => {
  test.each<[string, Edit, string]>([
    ['another summary', (spec) => ({ ...spec, summary: 'list Pods' }), rule.spec],
    [
      'another digest',
      (spec) => ({ ...spec, actions: spec.actions.map((one) => ({ ...one, digest: hash('c') })) }),
      rule.spec,
    ],
    ['a field added', (spec) => ({ ...spec, requester: { ...spec.requester, onBehalfOf: 'mia' } }), rule.spec],
    ['a field removed', (spec) => ({ ...spec, requester: { ...spec.requester, owner: undefined } }), rule.spec],
    [
      'a list in another order',
      (spec) => ({ ...spec, risk: { ...spec.risk, reasons: spec.risk.reasons?.toReversed() } }),
      rule.spec,
    ],
    [
      'fewer people kept away',
      (spec) => ({ ...spec, requirements: { ...spec.requirements, separation: ['Owner'] } }),
      rule.spec,
    ],
    [
      'the same people kept away in another order',
      (spec) => ({ ...spec, requirements: { ...spec.requirements, separation: ['OnBehalfOf', 'Owner'] } }),
      rule.spec,
    ],
    ['a later deadline', (spec) => ({ ...spec, expirationTime: '2027-01-01T00:00:00Z' }), rule.spec],
    [
      'a deadline in other words for the same moment',
      (spec) => ({ ...spec, expirationTime: '2026-11-21T10:35:00.000Z' }),
      'spec.expirationTime: Invalid value',
    ],
    [
      'a deadline in another time zone',
      (spec) => ({ ...spec, expirationTime: '2026-11-21T11:35:00+01:00' }),
      'spec.expirationTime: Invalid value',
    ],
    ['an empty list added', (spec) => ({ ...spec, attempt: { ...spec.attempt, expiredTimes: [] } }), rule.spec],
    ['an empty text added', (spec) => ({ ...spec, requester: { ...spec.requester, onBehalfOf: '' } }), rule.spec],
    [
      'a no added',
      (spec) => ({ ...spec, actions: spec.actions.map((one) => ({ ...one, targetChecked: false })) }),
      rule.spec,
    ],
    ['no spec', () => undefined, 'spec: Required value'],
    ['null', () => null, 'spec: Required value'],
    ['an empty spec', () => ({}), 'spec.actions: Required value'],
  ])('%s', async (_what, edit, words) => {
    const request = await requests.requestIn('approved')
    const body = { ...request, spec: edit(structuredClone(request.spec)) }
    await expectRefusal(request, { method: 'PUT', path: pathOf(request), body }, words)
  })

  test.each<[string, string, unknown, string]>([
    ['a merge patch of one field', mergePatch, { spec: { grantSeconds: 86_400 } }, rule.spec],
    ['a merge patch with null', mergePatch, { spec: null }, 'spec: Required value'],
    ['a JSON Patch that removes it', jsonPatch, [{ op: 'remove', path: '/spec' }], 'spec: Required value'],
    [
      'a JSON Patch that adds a group',
      jsonPatch,
      [{ op: 'add', path: '/spec/requester/groups/-', value: 'system:masters' }],
      rule.spec,
    ],
  ])('%s', async (_what, ...[type, body, words]) => {
    const request = await requests.requestIn('approved')
    await expectRefusal(request, { method: 'PATCH', path: pathOf(request), type, body }, words)
  })

  test('server-side apply with force', async () => {
    const request = await requests.requestIn('approved')
    const body = { ...identityOf(request), spec: { ...request.spec, grantSeconds: 86_400 } }
    await expectRefusal(request, apply(request, 'spec', body), rule.spec)
  })

  test.each(['new', 'pending'] as const)(
    'and neither before the operator has noted anything, nor after (%s)',
    async (state) => {
      const request = await requests.requestIn(state)
      const body = { ...request, spec: { ...request.spec, grantSeconds: 86_400 } }
      await expectRefusal(request, { method: 'PUT', path: pathOf(request), body }, rule.spec)
    },
  )
})

const identityOf = ({ apiVersion, kind, metadata: { name, namespace } }: Mutable<ApprovalRequest>): object => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
})

function apply(request: Mutable<ApprovalRequest>, part: 'spec' | 'status', body: object): Write {
  const path = part === 'status' ? `${pathOf(request)}/status` : pathOf(request)
  return { method: 'PATCH', path: `${path}?fieldManager=mallory&force=true`, type: applyPatch, body }
}

describe('no way of writing goes round the rules:', () => {
  test.each<[string, State, string, unknown, string]>([
    ['status null by merge patch', 'approved', mergePatch, { status: null }, rule.decided],
    ['grant null by merge patch', 'claimed', mergePatch, { status: { grant: null } }, rule.grant],
    ['decision null by merge patch', 'denied', mergePatch, { status: { decision: null } }, rule.decided],
    ['record null by merge patch', 'denied', mergePatch, { status: { record: null } }, rule.decided],
    ['votes null by merge patch', 'voted', mergePatch, { status: { votes: null } }, rule.votes],
    ['status removed by JSON Patch', 'approved', jsonPatch, [{ op: 'remove', path: '/status' }], rule.decided],
    ['record removed by JSON Patch', 'approved', jsonPatch, [{ op: 'remove', path: '/status/record' }], rule.decided],
    [
      'a claim removed by JSON Patch',
      'claimed',
      jsonPatch,
      [{ op: 'remove', path: '/status/grant/claims/0' }],
      rule.claims,
    ],
    [
      'two claims swapped by JSON Patch',
      'claimed',
      jsonPatch,
      [{ op: 'move', from: '/status/grant/claims/0', path: '/status/grant/claims/1' }],
      rule.claims,
    ],
    [
      'status emptied by JSON Patch',
      'approved',
      jsonPatch,
      [{ op: 'replace', path: '/status', value: {} }],
      rule.decided,
    ],
    [
      'the whole object replaced by JSON Patch',
      'denied',
      jsonPatch,
      [{ op: 'remove', path: '/status/decision' }],
      rule.decided,
    ],
  ])('%s', async (_what, ...[state, type, body, words]) => {
    const request = await requests.requestIn(state)
    await expectRefusal(request, { method: 'PATCH', path: `${pathOf(request)}/status`, type, body }, words)
  })

  test('a PUT without status', async () => {
    const request = await requests.requestIn('denied')
    await expectRefusal(request, put(request, undefined), rule.decided)
  })

  test('a PUT with status null', async () => {
    const request = await requests.requestIn('denied')
    await expectRefusal(request, put(request, null), rule.decided)
  })

  test('server-side apply that leaves out what the same manager has applied before', async () => {
    const request = await requests.requestIn('new')
    await stage.api.must(apply(request, 'status', { ...identityOf(request), status: decided('Approved') }))
    const dropped = { ...decided('Approved'), record: undefined }
    await expectRefusal(request, apply(request, 'status', { ...identityOf(request), status: dropped }), rule.decided)
    await expectRefusal(
      request,
      apply(request, 'status', { ...identityOf(request), status: {} }),
      'status: Invalid value',
    )
  })

  test('server-side apply with force over another manager', async () => {
    const request = await requests.requestIn('claimed')
    const status = { grant: { ...grantOf(statusOf(request)), expirationTime: '2027-01-01T00:00:00Z' } }
    await expectRefusal(request, apply(request, 'status', { ...identityOf(request), status }), rule.expiry)
  })

  test('a status sent with the object, which the API server ignores', async () => {
    const request = await requests.requestIn('pending')
    const body = { ...request, status: decided('Approved') }
    expect((await stage.api.send({ method: 'PUT', path: pathOf(request), body })).code).toBe(200)
    expect(await requests.live(request.metadata.name)).toEqual(request)
  })

  test('a spec sent with the status, which the API server ignores', async () => {
    const request = await requests.requestIn('pending')
    const body = { ...request, spec: { ...request.spec, grantSeconds: 86_400 } }
    expect((await stage.api.send({ method: 'PUT', path: `${pathOf(request)}/status`, body })).code).toBe(200)
    expect(await requests.live(request.metadata.name)).toEqual(request)
  })

  test('a request created with a decision, which the API server ignores', async () => {
    const { spec, apiVersion, kind } = await requests.requestIn('new')
    const metadata = { name: 'apr-born-approved', namespace: 'countersign-system' }
    const body = { apiVersion, kind, metadata, spec, status: decided('Approved') }
    await stage.api.must({ method: 'POST', path: requestsPath, body })
    expect(await requests.live(metadata.name)).not.toHaveProperty('status')
  })
})

function asSent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

describe('everyone who may write can', () => {
  type Step = readonly [what: string, state: State, change: (status: Status) => unknown]
  const steps: readonly Step[] = [
    ['note that a request is pending', 'new', () => ({ conditions: [condition('Decided', 'False', 'Pending')] })],
    ['note that nobody has seen it', 'pending', (s) => withCondition(s, condition('Decided', 'False', 'Undelivered'))],
    ['note a channel', 'pending', (s) => withCondition(s, condition('Notified', 'False', 'NoChannel'))],
    ['take Notified away', 'pending', (s) => without(s, 'Notified')],
    ['note a vote', 'pending', (s) => ({ ...s, votes: [vote('one')], progress: '1/1' })],
    ['note another vote', 'voted', (s) => ({ ...s, votes: [...votesOf(s), vote('three')] })],
    ['look again at the surroundings', 'pending', (s) => ({ ...s, context: { effects: ['2 running pods stop'] } })],
    ['forget the surroundings', 'pending', (s) => ({ ...s, context: undefined })],
    ['approve', 'voted', () => decided('Approved')],
    ['approve what was never noted', 'new', () => decided('Approved')],
    [
      'approve with a last vote',
      'voted',
      () => ({ ...decided('Approved'), votes: [...votesOf(decided('Approved')), vote('three')] }),
    ],
    ['deny', 'voted', () => decided('Denied')],
    ['ask for changes', 'voted', () => decided('ChangesRequested')],
    ['let it expire', 'voted', () => decided('Expired')],
    ['let expire what was never noted', 'new', () => decided('Expired')],
    ['claim', 'approved', (s) => withClaims(s, [claim('first')])],
    ['claim again', 'claimed', (s) => withClaims(s, [...claimsOf(s), claim('fourth')])],
    ['claim again after a re-arming', 'rearmed', (s) => withClaims(s, [...claimsOf(s), claim('fourth')])],
    ['re-arm', 'claimed', (s) => ({ ...s, grant: { ...grantOf(s), rearmed: 1 } })],
    ['revoke', 'approved', (s) => ({ ...s, grant: { ...grantOf(s), revoked: revocation } })],
    ['revoke the cool-down of a denial', 'denied', (s) => ({ ...s, cooldownRevoked: revocation })],
    ['revoke the cool-down after changes', 'changesRequested', (s) => ({ ...s, cooldownRevoked: revocation })],
    ['note the outcome', 'claimed', (s) => withCondition(s, condition('Executed', 'True', 'Executed'))],
    ['note that it was never used', 'approved', (s) => withCondition(s, condition('Executed', 'False', 'NeverUsed'))],
    [
      'note a late vote',
      'denied',
      (s) => ({ ...s, votes: [...votesOf(s), { ...vote('late'), counted: false, refusal: 'TooLate' }] }),
    ],
    [
      'redraw the cards',
      'denied',
      (s) => ({ ...s, messages: [{ channel: 'teams', ref: 'message-1', rendered: 'hash-2' }] }),
    ],
    ['point to the latest attempt', 'expired', (s) => ({ ...s, latestAttempt: 'apr-one-2' })],
    ['count the stages', 'denied', (s) => ({ ...s, stages: [{ name: 'approvers', approvals: 1, required: 1 }] })],
    ['write the same once more', 'rearmed', (s) => s],
  ]

  test.each(steps)('%s (%s)', async (_what, state, change) => {
    const request = await requests.requestIn(state)
    const status = asSent(change(structuredClone(request.status ?? {})))
    const { code, body } = await stage.api.send(put(request, status))
    expect([code, messageOf(body)]).toEqual([200, ''])
    expect(await requests.live(request.metadata.name)).toMatchObject({ spec: request.spec })
    expect(await requests.live(request.metadata.name)).toHaveProperty('status', status)
  })

  test('claim by a JSON Patch that tests what it rests on', async () => {
    const request = await requests.requestIn('claimed')
    const body = [
      { op: 'test', path: '/metadata/uid', value: request.metadata.uid },
      { op: 'test', path: '/status/decision', value: 'Approved' },
      { op: 'test', path: '/status/grant/claims', value: claimsOf(statusOf(request)) },
      { op: 'add', path: '/status/grant/claims/-', value: claim('fourth') },
    ]
    await stage.api.must({ method: 'PATCH', path: `${pathOf(request)}/status`, type: jsonPatch, body })
    expect(await requests.live(request.metadata.name)).toMatchObject({
      status: { grant: { claims: [...claimsOf(statusOf(request)), claim('fourth')] } },
    })
  })

  test('label a request', async () => {
    const request = await requests.requestIn('approved')
    const body = { metadata: { labels: { 'countersign.dev/run': 'b-1' } } }
    await stage.api.must({ method: 'PATCH', path: pathOf(request), type: mergePatch, body })
    expect(await requests.live(request.metadata.name)).toMatchObject(body)
  })

  test('write up to sixteen claims and 64 votes', async () => {
    const request = await requests.requestIn('approved')
    const claims = Array.from({ length: 16 }, (_, index) => claim(`claim-${index}`))
    const votes = Array.from({ length: 62 }, (_, index) => ({ ...vote(`vote-${index}`), comment: 'x'.repeat(1024) }))
    const status = withClaims({ ...statusOf(request), votes: [...votesOf(statusOf(request)), ...votes] }, claims)
    expect((await stage.api.send(put(request, status))).code).toBe(200)
    expect(await requests.live(request.metadata.name)).toMatchObject({ status })
  })
})

const many = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index))

const action =
  (edit: (one: Mutable<ApprovalRequest['spec']>['actions'][number]) => unknown): Edit =>
  (spec) => ({ ...spec, actions: spec.actions.map((one) => edit(one)) })

describe('nothing gets too large or malformed:', () => {
  test.each<[string, State, (status: Status) => unknown, string]>([
    [
      'a 17th claim',
      'approved',
      (s) =>
        withClaims(
          s,
          many(17, (index) => claim(`claim-${index}`)),
        ),
      'status.grant.claims: Too many: 17: must have at most 16 items',
    ],
    [
      'a 65th vote',
      'voted',
      (s) => ({ ...s, votes: [...votesOf(s), ...many(63, (index) => vote(`vote-${index}`))] }),
      'status.votes: Too many: 65: must have at most 64 items',
    ],
    [
      'the same admission review twice',
      'approved',
      (s) => withClaims(s, [claim('one'), claim('one')]),
      'status.grant.claims[1]: Duplicate value',
    ],
    [
      'the same vote twice',
      'voted',
      (s) => ({ ...s, votes: [...votesOf(s), vote('two')] }),
      'status.votes[2]: Duplicate value',
    ],
    [
      'a second re-arming',
      'rearmed',
      (s) => ({ ...s, grant: { ...grantOf(s), rearmed: 2 } }),
      'status.grant.rearmed: Invalid value',
    ],
    [
      'another word for a decision',
      'voted',
      () => ({ ...decided('Denied'), decision: 'Rejected' }),
      'Unsupported value: "Rejected"',
    ],
    [
      'a record without end',
      'voted',
      () => ({ ...decided('Denied'), record: { ...record, payload: 'x'.repeat(32_769) } }),
      'status.record.payload: Too long: may not be more than 32768',
    ],
    [
      'a time that is none',
      'voted',
      () => ({ ...decided('Denied'), decisionTime: 'now' }),
      'status.decisionTime: Invalid value: "now"',
    ],
    [
      'a decision in other words for the same moment',
      'denied',
      (s) => ({ ...s, decisionTime: '2026-11-21T10:24:11.0Z' }),
      'status.decisionTime: Invalid value',
    ],
    [
      'a claim in other words for the same moment',
      'claimed',
      (s) => withClaims(s, claimsOf(s).with(1, { ...claim('second'), time: '2026-11-21T12:24:11+02:00' })),
      'status.grant.claims[1].time: Invalid value',
    ],
    [
      'a comment without end',
      'voted',
      (s) => ({ ...s, votes: [...votesOf(s), { ...vote('three'), comment: 'x'.repeat(1025) }] }),
      'status.votes[2].comment: Too long: may not be more than 1024',
    ],
    [
      'a reason that is no word',
      'pending',
      (s) => withCondition(s, condition('Notified', 'False', 'no channel')),
      'status.conditions[1].reason: Invalid value: "no channel"',
    ],
  ])('%s', async (_what, ...[state, attack, words]) => {
    const request = await requests.requestIn(state)
    await expectRefusal(request, put(request, attack(structuredClone(request.status ?? {}))), words)
  })

  test.each<[string, Edit, string]>([
    [
      'a diff above 4096 characters',
      action((one) => ({ ...one, diff: { ...one.diff, text: 'x'.repeat(4097) } })),
      'spec.actions[0].diff.text: Too long: may not be more than 4096',
    ],
    ['two actions', (spec) => ({ ...spec, actions: [...spec.actions, ...spec.actions] }), 'spec.actions: Too many: 2'],
    ['no action', (spec) => ({ ...spec, actions: [] }), 'spec.actions: Invalid value: 0'],
    ['a summary above 512 characters', (spec) => ({ ...spec, summary: 'x'.repeat(513) }), 'spec.summary: Too long'],
    [
      '65 changed paths',
      action((one) => ({ ...one, paths: many(65, (index) => `spec.a${index}`) })),
      'spec.actions[0].paths: Too many: 65',
    ],
    [
      'a digest of another kind',
      action((one) => ({ ...one, digest: 'md5:1' })),
      'spec.actions[0].digest: Invalid value: "md5:1"',
    ],
    ['33 policies', (spec) => ({ ...spec, policies: many(33, () => spec.policies[0]) }), 'spec.policies: Too many: 33'],
    ['no policy', (spec) => ({ ...spec, policies: [] }), 'spec.policies: Invalid value: 0'],
    [
      '65 groups',
      (spec) => ({ ...spec, requester: { ...spec.requester, groups: many(65, String) } }),
      'spec.requester.groups: Too many: 65',
    ],
    [
      'a quorum of nobody',
      (spec) => ({
        ...spec,
        requirements: { ...spec.requirements, stages: spec.requirements.stages.map((one) => ({ ...one, quorum: 0 })) },
      }),
      'spec.requirements.stages[0].quorum: Invalid value: 0',
    ],
    [
      'another word for the risk',
      (spec) => ({ ...spec, risk: { level: 'HIGH' } }),
      'spec.risk.level: Unsupported value: "HIGH"',
    ],
    [
      'a grant that never ends',
      (spec) => ({ ...spec, grantSeconds: 86_401 }),
      'spec.grantSeconds: Invalid value: 86401',
    ],
  ])('%s', async (_what, edit, words) => {
    const { spec, apiVersion, kind } = await requests.requestIn('new')
    const metadata = { name: 'apr-malformed', namespace: 'countersign-system' }
    const body = { apiVersion, kind, metadata, spec: edit(structuredClone(spec)) }
    const answer = await stage.api.send({ method: 'POST', path: requestsPath, body })
    expect(messageOf(answer.body)).toContain(words)
    expect(answer.code).toBe(422)
    expect((await stage.api.send({ method: 'GET', path: `${requestsPath}/apr-malformed` })).code).toBe(404)
  })

  test('an unknown field, when written strictly', async () => {
    const { spec, apiVersion, kind } = await requests.requestIn('new')
    const metadata = { name: 'apr-unknown', namespace: 'countersign-system' }
    const body = { apiVersion, kind, metadata, spec: { ...spec, approved: true } }
    const answer = await stage.api.send({ method: 'POST', path: `${requestsPath}?fieldValidation=Strict`, body })
    expect(messageOf(answer.body)).toContain('unknown field "spec.approved"')
  })
})
