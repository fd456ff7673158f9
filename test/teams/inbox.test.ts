import { describe, expect, test } from '@jest/globals'
import { cardHandle } from '../../src/domain/card-handle.ts'
import { until } from '../until.ts'
import { at, stageOf, time } from '../make-request.ts'
import { channelID, objectID, tenantID } from './activities.ts'
import { bo, handleKey, makeClickRig, owner, shownBy, stranger } from './click-rig.ts'
import type { ClickRig } from './click-rig.ts'

const uid = '11223344-5566-4778-8990-a1b2c3d4e5f6'

async function shown(rig: ClickRig, changes: Parameters<ClickRig['clicked']>[0] = {}): Promise<string> {
  return shownBy(await rig.send(rig.clicked(changes)))
}

const outcomes = (rig: ClickRig): readonly string[] =>
  rig.facts.flatMap((fact) =>
    fact.fact === 'Clicked' ? [fact.outcome] : fact.fact === 'InboundRefused' ? [fact.reason] : [],
  )

describe('a click of a person who may decide', () => {
  test('approves, and brings the card as it is then', async () => {
    const rig = makeClickRig()
    expect(await shown(rig)).toMatch(/^card: .*APPROVED by Alice Kim .*waiting for the agent.*Take back/)
    expect(rig.request().status).toMatchObject({ decision: 'Approved', decidedBy: 'Alice Kim' })
  })

  test('becomes a vote on what was shown, with what proves who has cast it', async () => {
    const rig = makeClickRig()
    await shown(rig)
    expect(rig.votes()).toMatchObject([
      {
        metadata: {
          name: expect.stringMatching(/^apv-7k2m9q4xqz3wd8hf6tnc-[\da-f]{20}$/),
          labels: { 'countersign.dev/request': 'apr-7k2m9q4xqz3wd8hf6tnc' },
        },
        spec: {
          requestRef: { name: 'apr-7k2m9q4xqz3wd8hf6tnc', uid },
          digest: expect.stringMatching(/^sha256:ab12cd34/),
          verdict: 'Approve',
          comment: 'go on',
          voter: { kind: 'EntraUser', tenantID, objectID, displayName: 'Alice Kim' },
          evidence: {
            channel: 'teams',
            assurance: 'Card',
            messageRef: `${channelID} 1611183467424`,
            tokenHash: expect.stringMatching(/^sha256:[\da-f]{64}$/),
            verifiedTime: expect.stringMatching(/^2030-01-01T00:00:0\dZ$/),
            signature: 's',
          },
        },
      },
    ])
  })

  test.each([
    ['deny', 'Deny', /^card: .*DENIED by Alice Kim/],
    ['changes', 'RequestChanges', /^card: .*CHANGES REQUESTED by Alice Kim/],
    ['comment', 'Comment', /^card: .*Approve delete/],
    ['pause', 'Pause', /^card: .*DENIED by Alice Kim/],
  ])('%s casts %s', async (verb, verdict, card) => {
    const rig = makeClickRig()
    expect(await shown(rig, { verb })).toMatch(card)
    expect(rig.votes().map(({ spec }) => spec.verdict)).toEqual([verdict])
  })

  test('counts on a card that the request does not list yet, and names the message that is to be kept true', async () => {
    const rig = makeClickRig({ status: { messages: [] } })
    expect(await shown(rig, { replyToId: '1611183467425' })).toMatch(/^card: .*APPROVED/)
    expect(rig.votes()[0]?.spec.evidence?.messageRef).toBe(`${channelID} 1611183467425`)
  })

  test.each([
    ['is in another channel', { channel: 'other', ref: `${channelID} 1611183467424` }],
    ['is in another one as well, and that is the message', { channel: 'other', ref: `${channelID} 1611183467425` }],
  ])('counts on it also while the only card that is listed %s', async (_what, listed) => {
    const rig = makeClickRig({ status: { messages: [listed] } })
    expect(await shown(rig, { replyToId: '1611183467425' })).toMatch(/^card: .*APPROVED/)
  })

  test('counts on each card that is listed', async () => {
    const refs = ['1611183467424', '1611183467425'].map((id) => ({ channel: 'teams', ref: `${channelID} ${id}` }))
    const rig = makeClickRig({ status: { messages: refs } })
    expect(await shown(rig, { replyToId: '1611183467425' })).toMatch(/^card: .*APPROVED/)
  })

  test.each([
    ['deny', 'Deny'],
    ['changes', 'RequestChanges'],
    ['comment', 'Comment'],
    ['pause', 'Pause'],
  ])('%s counts on any copy', async (verb, verdict) => {
    const rig = makeClickRig()
    expect(await shown(rig, { verb, replyToId: '9999999999999' })).toMatch(/^card: /)
    expect(rig.votes().map(({ spec }) => [spec.verdict, spec.evidence?.messageRef])).toEqual([
      [verdict, `${channelID} 9999999999999`],
    ])
  })

  test('takes an approval back on any copy', async () => {
    const rig = makeClickRig()
    await shown(rig)
    rig.cluster.silent = true
    await shownLate(rig, { verb: 'takeBack', comment: '', id: 'f:2', replyToId: '9999999999999' })
    expect(rig.votes().map(({ spec }) => spec.verdict)).toEqual(['Approve', 'Revoke'])
  })

  test('takes an approval back that was not used', async () => {
    const rig = makeClickRig()
    await shown(rig)
    rig.cluster.silent = true
    expect(await shownLate(rig, { verb: 'takeBack', comment: '', id: 'f:2' })).toContain('Recorded')
    expect(rig.votes().map(({ spec }) => spec.verdict)).toEqual(['Approve', 'Revoke'])
  })

  test('needs another person where two must approve, and the card says how far it is', async () => {
    const rig = makeClickRig({ requirements: { stages: [stageOf('approvers', 2)] } })
    expect(await shown(rig)).toMatch(/^card: .*approvers 1\/2/)
    await rig.inbound.clock.advance(1_000)
    expect(await shown(rig, { id: 'f:2' })).toMatch(/^Your answer does not count \(SamePersonTwice\)/)
    await rig.inbound.clock.advance(1_000)
    expect(await shown(rig, { id: 'f:3', by: bo })).toMatch(/^card: .*APPROVED/)
  })

  test('shows the record below the card, and the buttons stay', async () => {
    const rig = makeClickRig()
    expect(await shown(rig, { verb: 'record' })).toMatch(/^card: .*Approve delete.*Full record.*line 1.*All \d+ lines/)
    expect(rig.votes()).toEqual([])
  })
})

/** The answer to a click that the operator does not judge in time. */
async function shownLate(rig: ClickRig, changes: Parameters<ClickRig['clicked']>[0] = {}): Promise<string> {
  const { length: before } = rig.inbound.clock.sleeping()
  const answer = rig.send(rig.clicked(changes))
  await until('the click is waited for', () => rig.inbound.clock.sleeping().length > before)
  await rig.inbound.clock.advance(2_500)
  return shownBy(await answer)
}

describe('a click that casts nothing says why, and changes nothing', () => {
  test.each<[string, Parameters<ClickRig['clicked']>[0], RegExp, string]>([
    ['a denial without a word', { verb: 'deny', comment: ' ' }, /write the reason/, 'CommentMissing'],
    ['a request for changes without a word', { verb: 'changes', comment: '' }, /write the reason/, 'CommentMissing'],
    ['a comment of no word', { verb: 'comment', comment: '' }, /write the reason/, 'CommentMissing'],
    ['a comment that is too long', { comment: 'ä'.repeat(1_025) }, /at most 1024 characters/, 'CommentTooLong'],
    ['a handle of a stranger', { handle: `${uid}.${'A'.repeat(43)}` }, /not one that Countersign/, 'Forged'],
    ['no handle at all', { handle: 'x' }, /not one that Countersign/, 'Forged'],
    [
      'a handle of another channel',
      { handle: cardHandle(handleKey, { requestUID: uid, channel: 'other' }) },
      /not one that Countersign/,
      'Forged',
    ],
    [
      'a request that is gone',
      { handle: cardHandle(handleKey, { requestUID: 'gone', channel: 'teams' }) },
      /not there any more/,
      'NotFound',
    ],
    ['a button that is none', { verb: 'toString' }, /does not know this button/, 'UnknownVerb'],
    ['a click on no card', { replyToId: undefined }, /^card: This is not the newest/, 'OtherCard'],
    [
      'an approval on another message than the cards',
      { replyToId: '9999999999999' },
      /^card: This is not the newest/,
      'OtherCard',
    ],
    [
      'the same of a stranger, who may have posted it',
      { replyToId: '9999999999999', by: stranger },
      /^card: This is not the newest/,
      'OtherCard',
    ],
    [
      'a message with an id that no vote can name',
      { replyToId: '1'.repeat(512 - channelID.length), verb: 'deny' },
      /does not understand this click/,
      'NotUnderstood',
    ],
    [
      'a card that was forwarded',
      { conversation: { id: '19:chat@unq.gbl.spaces', tenantId: tenantID } },
      /copied here/,
      'OtherConversation',
    ],
    [
      'a guest from a foreign tenant',
      { channelData: { tenant: { id: 'a0' } }, conversation: { id: channelID, tenantId: 'a0' } },
      /people of the organisation/,
      'TenantNotAllowed',
    ],
    ['a person whom Teams does not name', { from: { id: '29:x', name: 'Alice Kim' } }, /who you are/, 'PersonUnknown'],
  ])('%s', async (_what, changes, words, outcome) => {
    const rig = makeClickRig()
    const before = rig.request()
    expect(await shown(rig, changes)).toMatch(words)
    expect(rig.votes()).toEqual([])
    expect(rig.request()).toBe(before)
    expect(outcomes(rig)).toEqual([outcome])
  })

  test('an approval that the card does not offer: it needs a sign-in', async () => {
    const rig = makeClickRig({ risk: { level: 'Critical' } })
    expect(await shown(rig)).toContain('cannot be approved by a click')
    expect(rig.votes()).toEqual([])
    expect(await shown(rig, { verb: 'deny', id: 'f:2' })).toMatch(/^card: .*DENIED/)
  })

  test('an approval of what is not shown whole', async () => {
    const [action] = makeClickRig().request().spec.actions
    if (action === undefined) throw new Error('no action')
    const diff = { text: 'a\n', totalLines: 900, truncated: true }
    const rig = makeClickRig({ actions: [{ ...action, operation: 'Create', diff }] })
    expect(await shown(rig)).toContain('cannot be approved by a click')
    expect(rig.votes()).toEqual([])
  })

  test('what is clicked on no card is answered by one without buttons', async () => {
    const rig = makeClickRig()
    const text = await shown(rig, { replyToId: undefined })
    expect(text).toContain('wants to')
    expect(text).not.toContain('Approve delete')
  })

  test.each([
    ['Denied', 'Bo Lind', 'Bo Lind denied this at 00:00Z. Your click changed nothing.'],
    ['Approved', 'Bo Lind', 'Bo Lind approved this at 00:00Z. Your click changed nothing.'],
    ['ChangesRequested', undefined, 'Changes were asked for at 00:00Z. Your click changed nothing.'],
    [
      'Expired',
      undefined,
      'Nobody answered in time: it expired at 00:00Z, which is not a denial. Your click changed nothing.',
    ],
  ] as const)('late, when it is %s', async (decision, decidedBy, words) => {
    const rig = makeClickRig()
    const by = decidedBy === undefined ? {} : { decidedBy }
    rig.change({ decision, decisionTime: time(rig.inbound.clock.now()), ...by })
    expect(await shown(rig)).toBe(words)
    expect(rig.votes()).toEqual([])
  })
})

describe('a vote that does not count is recorded, and its person is told why', () => {
  test.each([
    ['an outsider', stranger, {}, 'NotInGroup'],
    ['the owner of the agent', owner, { requester: { owner: 'olga' } }, 'OwnerMayNotVote'],
    ['the person for whom the agent acts', bo, { requester: { onBehalfOf: 'Bo Lind' } }, 'OnBehalfOfMayNotVote'],
  ])('%s', async (_what, by, asked, refusal) => {
    const rig = makeClickRig(asked)
    expect(await shown(rig, { by })).toMatch(new RegExp(`^Your answer does not count \\(${refusal}\\)\\. \\w`))
    expect(rig.request().status).toMatchObject({ votes: [{ counted: false, refusal }] })
    expect(rig.request().status?.decision).toBeUndefined()
  })

  test('a person after the deadline, to which nobody has come before', async () => {
    const rig = makeClickRig({ expirationTime: time(at('10:35')) })
    expect(await shown(rig)).toMatch(/^Your answer does not count \(Expired\)/)
    expect(rig.request().status).toMatchObject({ decision: 'Expired', votes: [{ refusal: 'Expired' }] })
  })
})

describe('the same click again', () => {
  test('is told the same, and is one vote', async () => {
    const rig = makeClickRig()
    const raw = rig.clicked()
    const first = shownBy(await rig.send(raw))
    expect(shownBy(await rig.send(raw))).toBe(first)
    expect(rig.votes()).toHaveLength(1)
    expect(outcomes(rig)).toEqual(['Counted', 'Replayed', 'Counted'])
  })

  test('at another replica as well', async () => {
    const rig = makeClickRig({ requirements: { stages: [stageOf('approvers', 2)] } })
    const raw = rig.clicked()
    const both = await Promise.all([rig.send(raw), rig.sendElsewhere(raw)])
    expect(both.map(shownBy)).toEqual([expect.stringMatching(/1\/2/), expect.stringMatching(/1\/2/)])
    expect(rig.votes()).toHaveLength(1)
  })

  test('while the first is still waited for', async () => {
    const rig = makeClickRig()
    rig.cluster.silent = true
    const raw = rig.clicked()
    const both = Promise.all([rig.send(raw), rig.send(raw)])
    await until('both wait', () => rig.inbound.clock.sleeping().length >= 2)
    await rig.inbound.clock.advance(2_500)
    expect((await both).map(shownBy)).toEqual([expect.stringMatching(/^Recorded/), expect.stringMatching(/^Recorded/)])
    expect(rig.votes()).toHaveLength(1)
  })

  test('while the first one gets no answer from the API server, is not told that it is recorded', async () => {
    const rig = makeClickRig()
    rig.cluster.stuck = true
    const raw = rig.clicked()
    const both = Promise.all([rig.send(raw), rig.send(raw)])
    await until('both hang', () => rig.cluster.answers.length === 2)
    await rig.inbound.clock.advance(2_500)
    for (const fail of rig.cluster.answers) fail(new Error('no answer'))
    const words = expect.stringMatching(/^error: .*not known whether this was recorded\. Click again/)
    expect((await both).map(shownBy)).toEqual([words, words])
    expect(rig.votes()).toEqual([])
  })

  test('is recorded by its second sending when the first one hangs', async () => {
    const rig = makeClickRig()
    const raw = rig.clicked()
    rig.cluster.stuck = true
    const first = rig.send(raw)
    await until('it hangs', () => rig.cluster.answers.length === 1)
    rig.cluster.stuck = false
    expect(shownBy(await rig.send(raw))).toMatch(/^card: .*APPROVED/)
    rig.cluster.answers[0]?.(new Error('no answer'))
    expect(shownBy(await first)).toMatch(/^error: /)
    expect(rig.votes()).toHaveLength(1)
  })

  test.each([
    ['the person has clicked too often by then', 'impatient', true],
    ['there is no key to sign with by then', 'keyed', false],
  ] as const)('while the first one hangs, and %s, it is not known what became of it', async (_what, what, is) => {
    const rig = makeClickRig()
    const raw = rig.clicked()
    rig.cluster.stuck = true
    const first = rig.send(raw)
    await until('it hangs', () => rig.cluster.answers.length === 1)
    rig.cluster[what] = is
    expect(shownBy(await rig.send(raw))).toMatch(/^error: It is not known yet whether this was recorded/)
    rig.cluster.answers[0]?.(new Error('no answer'))
    await first
  })

  test('as another person or with another button is not the same', async () => {
    const rig = makeClickRig()
    await shown(rig, { verb: 'comment' })
    for (const changes of [{ verb: 'deny' }, { verb: 'comment', by: bo }]) {
      expect(await shown(rig, changes)).toMatch(/^card: Another click came before/)
    }
    expect(rig.votes().map(({ spec }) => spec.verdict)).toEqual(['Comment'])
    expect(outcomes(rig)).toEqual(['Counted', 'Replayed', 'Replayed', 'Replayed', 'Replayed'])
  })

  test('after one that failed is taken as if for the first time', async () => {
    const rig = makeClickRig()
    const raw = rig.clicked()
    rig.cluster.down = true
    expect(shownBy(await rig.send(raw))).toMatch(/^error: .*could not reach the cluster/)
    rig.cluster.down = false
    expect(shownBy(await rig.send(raw))).toMatch(/^card: .*APPROVED/)
  })
})

describe('what cannot be told yet', () => {
  test('recorded, being applied: the operator has not judged it in time', async () => {
    const rig = makeClickRig()
    rig.cluster.silent = true
    expect(await shownLate(rig)).toBe('Recorded; it is being applied. This card changes when it is.')
  })

  test('the gateway knows too little: the Connector is told to send it again', async () => {
    const rig = makeClickRig()
    rig.cluster.ready = false
    expect(await rig.send(rig.clicked())).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
  })

  test('there is no key to sign with', async () => {
    const rig = makeClickRig()
    rig.cluster.keyed = false
    expect(await shown(rig)).toMatch(/^error: Nothing was sent: Countersign is starting/)
    expect(rig.votes()).toEqual([])
  })

  test('a click that took minutes to arrive', async () => {
    const rig = makeClickRig()
    const raw = rig.clicked({ timestamp: new Date(rig.inbound.clock.now() - 400_000).toISOString() })
    expect(shownBy(await rig.send(raw))).toContain('too long to arrive')
    expect(rig.votes()).toEqual([])
  })
})

test('no line of the log has a word that a person wrote, a token or its name for a person', async () => {
  const rig = makeClickRig()
  await shown(rig, { comment: 'kitten-comment' })
  await shown(rig, { verb: 'deny', comment: 'kitten-comment', id: 'f:2' })
  expect(rig.lines).toEqual([
    expect.stringMatching(/^info Clicked .*"verb":"approve".*"person":"5e3f1c2a/),
    expect.stringMatching(/^info Clicked .*"outcome":"AlreadyDecided"/),
  ])
  expect(rig.lines.join()).not.toMatch(/kitten|Bearer|eyJ|Alice/)
})
