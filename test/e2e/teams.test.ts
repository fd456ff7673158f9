import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { deployment } from '../../demo/objects.ts'
import { actionsOf } from '../../demo/playground/messages.ts'
import { appID, channel, foreignTenantID, people, personalChat, team, tenantID } from '../../demo/playground/people.ts'
import { makeSigner } from '../../demo/playground/signer.ts'
import type { ApprovalRequest, ApprovalVote } from '../../src/domain/kinds.ts'
import { nextSecond, until } from '../until.ts'
import { clear, createConfigMap, gateConfigMaps } from './gate-probe.ts'
import { startTeamsGate } from './teams-stage.ts'
import type { TeamsGate } from './teams-stage.ts'

let gate: TeamsGate

jest.setTimeout(90_000)

beforeAll(async () => {
  gate = await startTeamsGate()
  await gateConfigMaps(gate, {
    two: { approval: { stages: [{ name: 'both', approverGroupRefs: [{ name: 'approvers' }], quorum: 2 }] } },
    soon: { approval: { expirationSeconds: 6 } },
  })
}, 180_000)

afterAll(async () => {
  await gate.stop()
}, 60_000)

let count = 0
let name = ''

beforeEach(async () => {
  count += 1
  name = `app-${count}`
  await gate.apply(deployment(name, { replicas: 2 }))
})

afterEach(() => clear(gate))

const deletion = (): readonly string[] => ['delete', 'deployment', name, '-n', 'prod', '--wait=false']

async function votesOn({ metadata }: ApprovalRequest): Promise<readonly string[]> {
  const { status } = await gate.request(metadata.name)
  return (status?.votes ?? []).map((vote) => `${vote.verdict}${vote.counted ? '' : ` ${vote.refusal}`}`)
}

const decisionOf = async ({ metadata }: ApprovalRequest): Promise<string | undefined> =>
  (await gate.request(metadata.name)).status?.decision

/** The words that somebody reads on the request's card, once they are there. */
async function onCard({ metadata }: ApprovalRequest, words: string): Promise<string> {
  return (await gate.teams.chat.untilCard(metadata.name, ({ text }) => text.includes(words))).text
}

describe('a click in Teams decides, and the agent’s own command ends with it', () => {
  test('approve: the command succeeds, the card shows who and then that it is done, and the thread is told', async () => {
    const { request, ended } = await gate.asked(deletion())
    expect(await onCard(request, 'agents/bot wants to DELETE')).toContain(`Deployment   prod / ${name}`)
    const { message } = await gate.teams.chat.untilCard(request.metadata.name)
    const rung = message.versions[0]?.entities?.map(({ mentioned }) => mentioned?.id)
    expect(rung).toEqual([people.alice.id, people.bob.id, people.carol.id])
    const shown = await gate.click('alice', request, { verb: 'approve' })
    expect(shown).toMatchObject({ as: 'Card', text: expect.stringContaining('APPROVED by Alice Kim') })
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([0, expect.stringContaining('countersign: approved by Alice Kim at')])
    const { verbs, text } = await gate.teams.chat.untilCard(request.metadata.name, (card) => card.text.includes('DONE'))
    expect([verbs, text]).toEqual([[], expect.stringContaining('APPROVED by Alice Kim')])
    expect(await gate.teams.chat.untilReply(request.metadata.name)).toEqual([expect.stringContaining('DONE')])
  })

  test('the record says who it was by tenant and object id, through which channel, and by what evidence', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.click('bob', request, { verb: 'approve' })
    expect(await ended).toMatchObject({ code: 0 })
    const list: { readonly items: readonly ApprovalVote[] } = JSON.parse(
      await gate.admin(['get', 'apv', '-n', 'countersign-system', '-o', 'json']),
    )
    const vote = list.items.find(({ spec }) => spec.requestRef.name === request.metadata.name)
    const { message } = await gate.teams.chat.untilCard(request.metadata.name)
    expect(vote?.spec).toMatchObject({
      verdict: 'Approve',
      digest: request.spec.actions[0]?.digest,
      voter: { kind: 'EntraUser', objectID: people.bob.objectID, displayName: 'Bob Lind' },
      evidence: {
        channel: 'teams',
        assurance: 'Card',
        messageRef: `${channel.id} ${message.messageID}`,
        tokenHash: expect.stringMatching(/^sha256:/),
      },
    })
  })

  test('deny with a reason: the command fails with it, and the card shows it', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.click('bob', request, { verb: 'deny', comment: 'not before the canary is green' })
    const { code, stderr } = await ended
    expect(code).toBe(1)
    expect(stderr).toContain('DENIED by Bob Lind')
    expect(stderr).toContain('not before the canary is green')
    expect(await onCard(request, 'DENIED by Bob Lind')).toContain('"not before the canary is green"')
  })

  test('deny without a reason: nothing is cast, and the person is asked for one', async () => {
    const { request, ended } = await gate.asked(deletion())
    expect(await gate.click('bob', request, { verb: 'deny' })).toEqual({
      as: 'Words',
      text: 'Nothing was sent yet: please write the reason into the comment, and click again.',
    })
    expect([await votesOn(request), await decisionOf(request)]).toEqual([[], undefined])
    await gate.click('bob', request, { verb: 'deny', comment: 'now with one' })
    expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('now with one') })
  })

  test('ask for changes: the agent is told what to change', async () => {
    const { request, ended } = await gate.asked(['scale', 'deployment', name, '-n', 'prod', '--replicas=9'])
    await gate.click('carol', request, { verb: 'changes', comment: 'at most five' })
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([1, expect.stringContaining('CHANGES REQUESTED by Carol Diaz')])
    expect(stderr).toContain('at most five')
    await onCard(request, 'CHANGES REQUESTED by Carol Diaz')
  })

  test('a comment decides nothing, and stands on the card of everybody', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.click('bob', request, { verb: 'comment', comment: 'looking at it' })
    await onCard(request, 'Bob Lind commented')
    expect(await decisionOf(request)).toBeUndefined()
    await gate.click('alice', request, { verb: 'approve' })
    expect(await ended).toMatchObject({ code: 0 })
  })

  test('the full record is shown to whoever asks for it, and changes nothing', async () => {
    const { request, ended } = await gate.asked(deletion())
    const { as, text } = await gate.click('alice', request, { verb: 'record' })
    expect([as, text]).toEqual(['Card', expect.stringContaining('Full record')])
    expect([await votesOn(request), await decisionOf(request)]).toEqual([[], undefined])
    await gate.click('alice', request, { verb: 'approve' })
    expect(await ended).toMatchObject({ code: 0 })
  })
})

describe('where two must approve', () => {
  test('one is not enough, nor the same one twice, be it by kubectl; the second one is', async () => {
    const { request, ended } = await gate.asked(createConfigMap('two', name))
    await onCard(request, '2 approvals of approvers')
    await gate.click('alice', request, { verb: 'approve' })
    await onCard(request, 'Alice Kim approved')
    // Votes are judged in the order of the API server's stamps, which have whole seconds.
    await nextSecond()
    const again = await gate.click('alice', request, { verb: 'approve' })
    expect(again).toMatchObject({ as: 'Words', text: expect.stringContaining('(SamePersonTwice)') })
    await gate.vote('alice', 'Approve', { request })
    await until('all three votes are judged', async () => (await votesOn(request)).length === 3)
    expect([await votesOn(request), await decisionOf(request)]).toEqual([
      ['Approve', 'Approve SamePersonTwice', 'Approve SamePersonTwice'],
      undefined,
    ])
    const { as, text } = await gate.click('bob', request, { verb: 'approve' })
    expect([as, text]).toEqual(['Card', expect.stringContaining('APPROVED')])
    expect(await ended).toMatchObject({ code: 0 })
  })
})

describe('a click that does not count changes nothing, and tells why', () => {
  test.each([
    ['somebody of the team who is in no group', 'mallory', 'NotInGroup'],
    ['the owner of the agent', 'otto', 'OwnerMayNotVote'],
    ['a guest, whom the group lists under the tenant that he comes from', 'gus', 'NotInGroup'],
  ] as const)('%s', async (_who, key, refusal) => {
    const { request, ended } = await gate.asked(deletion())
    const { as, text } = await gate.click(key, request, { verb: 'approve' })
    expect([as, text]).toEqual(['Words', expect.stringContaining(`Your answer does not count (${refusal})`)])
    expect([await votesOn(request), await decisionOf(request)]).toEqual([[`Approve ${refusal}`], undefined])
    await onCard(request, `not counted: ${people[key].name} approved`)
    await gate.click('alice', request, { verb: 'approve' })
    expect(await ended).toMatchObject({ code: 0 })
  })

  test('the owner may stop his own agent', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.click('otto', request, { verb: 'deny', comment: 'my own agent, my own no' })
    expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('DENIED by Otto Berg') })
  })

  test('the click of a tenant that is not that of the channel', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.click('mallory', request, { verb: 'approve' })
    const sent = gate.teams.standIn.sent().at(-1) ?? {}
    const { status, body } = await gate.teams.standIn.send({
      ...sent,
      id: 'from-elsewhere',
      conversation: { ...sent.conversation, tenantId: foreignTenantID },
      channelData: { ...sent.channelData, tenant: { id: foreignTenantID } },
    })
    expect([status, JSON.parse(body).value]).toEqual([
      200,
      'Only people of the organisation of this channel can answer here. Nothing was changed.',
    ])
    expect(await votesOn(request)).toEqual(['Approve NotInGroup'])
    await gate.click('alice', request, { verb: 'approve' })
    expect(await ended).toMatchObject({ code: 0 })
  })

  test('a second one after the decision: told who decided, and when', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.click('alice', request, { verb: 'approve' })
    expect(await ended).toMatchObject({ code: 0 })
    const { as, text } = await gate.click('bob', request, { verb: 'deny', comment: 'too late' })
    expect([as, text]).toEqual([
      'Words',
      expect.stringMatching(/^Alice Kim approved this at \d\d:\d\dZ\. Your click changed nothing\.$/),
    ])
    expect([await votesOn(request), await decisionOf(request)]).toEqual([['Approve'], 'Approved'])
  })

  test('a click on a card that has expired', async () => {
    const { request, ended } = await gate.asked(createConfigMap('soon', name))
    expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('EXPIRED, not denied') })
    const { as, text } = await gate.click('alice', request, { verb: 'approve' })
    expect([as, text]).toEqual(['Words', expect.stringMatching(/^Nobody answered in time: it expired at/)])
    expect([await votesOn(request), await decisionOf(request)]).toEqual([[], 'Expired'])
    expect(await onCard(request, 'EXPIRED')).toContain('this is not a denial')
  })

  test('the same activity once more, also to a gateway that was started anew', async () => {
    const { request, ended } = await gate.asked(createConfigMap('two', name))
    await gate.click('alice', request, { verb: 'approve' })
    const click = gate.teams.standIn.sent().at(-1) ?? {}
    const replay = async (): Promise<number> => (await gate.teams.standIn.send(click)).status
    expect(await replay()).toBe(200)
    await gate.countersign.kill('SIGKILL')
    await gate.countersign.start()
    expect(await replay()).toBe(200)
    expect([await votesOn(request), await decisionOf(request)]).toEqual([['Approve'], undefined])
    await gate.click('bob', request, { verb: 'deny', comment: 'enough seen' })
    expect(await ended).toMatchObject({ code: 1 })
  })

  test('one that does not come from the Bot Connector: unsigned, or signed by somebody else', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.click('alice', request, { verb: 'comment', comment: 'for its activity' })
    const sent = gate.teams.standIn.sent().at(-1) ?? {}
    const action = { ...sent.value?.action, verb: 'approve' }
    const body = JSON.stringify({ ...sent, id: 'unsigned', value: { ...sent.value, action } })
    const stranger = makeSigner(appID).token(sent.serviceUrl ?? '')
    for (const headers of [{}, { authorization: `Bearer ${stranger}` }]) {
      const { status } = await fetch(`${gate.teams.gatewayURL}/api/messages`, { method: 'POST', body, headers })
      expect(status).toBe(403)
    }
    expect([await votesOn(request), await decisionOf(request)]).toEqual([['Comment'], undefined])
    await gate.click('alice', request, { verb: 'approve' })
    expect(await ended).toMatchObject({ code: 0 })
  })

  test('a card whose handle was made up', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.click('bob', request, { verb: 'comment', comment: 'first' })
    const sent = gate.teams.standIn.sent().at(-1) ?? {}
    const action = {
      type: 'Action.Execute',
      verb: 'approve',
      data: { handle: 'bWFkZSB1cA', request: request.metadata.name },
    }
    const { body } = await gate.teams.standIn.send({ ...sent, id: 'forged', value: { ...sent.value, action } })
    expect(JSON.parse(body).value).toBe('This card is not one that Countersign has posted here. Nothing was changed.')
    expect(await votesOn(request)).toEqual(['Comment'])
    await gate.click('bob', request, { verb: 'approve' })
    expect(await ended).toMatchObject({ code: 0 })
  })
})

describe('an approval that the agent has not used yet', () => {
  test('is taken back by a click, and the agent’s next try is refused', async () => {
    const stopped = new AbortController()
    const { request, ended } = await gate.asked(deletion(), { signal: stopped.signal })
    stopped.abort()
    expect(await ended).toMatchObject({ code: 137 })
    await gate.click('alice', request, { verb: 'approve' })
    const { verbs } = await gate.teams.chat.untilCard(request.metadata.name, ({ text }) => text.includes('APPROVED'))
    expect(verbs).toEqual(['takeBack'])
    await gate.click('bob', request, { verb: 'takeBack' })
    await until('it is taken back', async () => {
      return (await gate.request(request.metadata.name)).status?.grant?.revoked !== undefined
    })
    const { verbs: left } = await gate.teams.chat.untilCard(request.metadata.name, (card) => card.verbs.length === 0)
    expect(left).toEqual([])
    expect(await gate.agent(deletion())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('TAKEN BACK: Alice Kim approved'),
    })
    expect(await gate.admin(['get', 'deployment', name, '-n', 'prod', '-o', 'name'])).not.toBe('')
  })
})

describe('somebody who writes to the bot', () => {
  test('is told who he is, as an ApproverGroup names him', async () => {
    const { text: _text, value: _value, replyToId: _reply, ...known } = gate.teams.standIn.sent().at(-1) ?? {}
    const conversation = { id: personalChat, conversationType: 'personal' }
    const { status } = await gate.teams.standIn.send({ ...known, id: 'hi', type: 'message', text: 'hi', conversation })
    expect(status).toBe(200)
    const greeting = (): string | undefined =>
      gate.teams.standIn.messages().find(({ conversationID }) => conversationID === personalChat)?.versions[0]?.text
    await until('the bot answers', () => greeting() !== undefined)
    expect(greeting()).toContain(`entraUser: { tenantID: ${tenantID}, objectID: `)
  })
})

describe('a card is a view, and is drawn anew on every copy', () => {
  test('who votes by kubectl meanwhile stands on it, and what he decides ends it', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.vote('bob', 'Comment', { request, comment: 'by kubectl' })
    await onCard(request, 'by kubectl')
    await gate.vote('carol', 'Approve', { request })
    expect(await ended).toMatchObject({ code: 0 })
    const { text, verbs } = await gate.teams.chat.untilCard(request.metadata.name, (card) => card.text.includes('DONE'))
    expect([text, verbs]).toEqual([expect.stringContaining('APPROVED by carol'), []])
  })

  test('with a second channel, both copies end the same, and a copy answers only where it was posted', async () => {
    await gate.apply(generalChannel)
    await gate.teams.playground.install(team.id)
    await gate.admin(['wait', 'apch/general', '--for=condition=Ready', '--timeout=30s'])
    const { request, ended } = await gate.asked(deletion(), { cards: 2 })
    const cards = gate.teams.chat.cardsOf(request.metadata.name)
    const inGeneral = cards.find(({ message }) => message.conversationID.startsWith(team.id))
    const inApprovals = cards.find(({ message }) => message.conversationID.startsWith(channel.id))
    if (inGeneral === undefined || inApprovals === undefined) throw new Error('a copy is missing')
    const { conversationID, messageID } = inGeneral.message
    const [action] = inApprovals.message.versions.flatMap(actionsOf)
    const clicked = gate.teams.playground.invoke({
      from: people.alice.id,
      conversationID,
      messageID,
      action: { ...action },
    })
    expect((await clicked).value).toBe('This card is not one that Countersign has posted here. Nothing was changed.')
    expect(await votesOn(request)).toEqual([])
    await gate.click('alice', request, { verb: 'approve' })
    expect(await ended).toMatchObject({ code: 0 })
    await until('both copies show the end', () => {
      return gate.teams.chat
        .cardsOf(request.metadata.name)
        .every(({ text, verbs }) => text.includes('DONE') && verbs.length === 0)
    })
    await gate.admin(['delete', 'apch', 'general'])
  })

  test('Countersign is started anew between the card and the click', async () => {
    const { request, ended } = await gate.asked(deletion())
    await gate.countersign.kill('SIGKILL')
    await gate.countersign.start()
    const { as, text } = await gate.click('alice', request, { verb: 'approve' })
    expect([as, text]).toEqual(['Card', expect.stringContaining('APPROVED by Alice Kim')])
    const first = await ended
    const done = first.code === 0 ? first : await gate.agent(deletion())
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('approved by Alice Kim')])
    expect(gate.teams.chat.cardsOf(request.metadata.name)).toHaveLength(1)
  })
})

const generalChannel = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ApprovalChannel',
  metadata: { name: 'general' },
  spec: {
    type: 'Teams',
    notify: 'None',
    teams: {
      tenantID,
      appID,
      teamID: team.id,
      channelID: team.id,
      credentialsSecretRef: { name: 'countersign-teams' },
    },
  },
}
