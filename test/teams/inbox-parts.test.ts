import { describe, expect, test } from '@jest/globals'
import { clouds } from '../../src/clouds.ts'
import { briefingOf, ownDiff } from '../../src/domain/briefing.ts'
import type { ApprovalChannel, TeamsChannel } from '../../src/domain/kinds.ts'
import { cardOf, sizeOf } from '../../src/teams/card.ts'
import { mostBytes } from '../../src/teams/card-size.ts'
import { invokeAnswer } from '../../src/teams/inbox-answer.ts'
import { verbsOf, withRecord } from '../../src/teams/inbox-card.ts'
import { inboundChannels } from '../../src/teams/inbox-channels.ts'
import { judgeForClouds } from '../../src/teams/judge-clouds.ts'
import { messageRef, readMessageRef } from '../../src/teams/message-ref.ts'
import { mint } from '../fake/token-issuer.ts'
import { at, request } from '../make-request.ts'
import { appID, channelID, click, teamID, tenantID } from './activities.ts'
import { connectorKey, makeInboundRig, ourChannel } from './inbound-rig.ts'

describe('the full record below a card', () => {
  const one = request()
  const card = cardOf(briefingOf({ request: one, diff: ownDiff(one) }, at('10:21')), { handle: 'h', tabURL: undefined })

  test.each([
    ['short lines', Array.from({ length: 1_000 }, (_one, number) => `+ ${number}`), 1_000],
    ['long lines', Array.from({ length: 1_000 }, () => 'x'.repeat(500)), 5_000],
    ['lines that take more bytes than letters', Array.from({ length: 900 }, () => '\u4e2d"\\'.repeat(30)), 900],
    ['one line that does not fit', ['x'.repeat(40_000)], 1],
    ['no line', [], 0],
  ])('of %s fits, says how much is shown, and adds no button', (_what, lines, totalLines) => {
    const whole = withRecord(card, 'apr-1', { lines, totalLines })
    expect(sizeOf(whole)).toBeLessThan(mostBytes)
    expect(verbsOf(whole)).toEqual(verbsOf(card))
    const text = JSON.stringify(whole).replaceAll('\u200b', '')
    expect(text).toMatch(/lines are shown|nothing more to show/)
  })

  test('that is not whole says why, and where it is', () => {
    const whole = withRecord(card, 'apr-1', { lines: ['a'], totalLines: 9, missing: 'there is no ConfigMap x' })
    const text = JSON.stringify(whole).replaceAll('\u200b', '')
    expect(text).toContain(
      '1 of 9 lines are shown here (there is no ConfigMap x). All of it: kubectl countersign show apr-1',
    )
  })
})

describe('what is answered to an invoke', () => {
  test.each([
    ['', 'Done.'],
    ['[x](https://evil.example) **APPROVED** <at>all</at>', 'x (https://evil.example)   APPROVED    at all /at'],
    ['plain words', 'plain words'],
  ])('%j is shown as %j, and never empty', (words, shown) => {
    const { status, body } = invokeAnswer({ show: 'Words', words })
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: shown },
    ])
  })
})

function channel(name: string, changes: Partial<TeamsChannel>, teams: readonly string[] = []): ApprovalChannel {
  const spec = { cloud: 'Public', tenantID, appID, credentialsSecretRef: { name: 's' }, ...changes } as const
  const conversations = teams.map((id) => ({
    conversationID: `19:in-${id}`,
    serviceURL: 'https://smba.trafficmanager.net/emea/',
    tenantID,
    teamID: id,
  }))
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalChannel',
    metadata: { name },
    spec: { type: 'Teams', notify: 'Stage', teams: spec },
    status: { conversations },
  }
}

describe('the conversations of a channel', () => {
  test.each<[string, Partial<TeamsChannel>, readonly string[]]>([
    ['the one that it names', { channelID }, [channelID]],
    ['where its bot was installed', {}, ['19:in-a', '19:in-b']],
    ['where its bot was installed, of its team', { teamID: 'b' }, ['19:in-b']],
    ['where its bot was installed, when it names nothing', { teamID: '', channelID: '' }, ['19:in-a', '19:in-b']],
    ['a chat that it names', { channelID: '19:in-' }, ['19:in-']],
  ])('are %s, and not a chat into which somebody has brought the app', (_what, changes, conversationIDs) => {
    const known = inboundChannels([channel('teams', changes, ['a', '', 'b'])])
    expect(known.get('Public')).toMatchObject([{ name: 'teams', conversationIDs }])
  })

  test('are kept apart by cloud, and a channel of another type has none', () => {
    const slack = { ...channel('slack', {}), spec: { type: 'Slack', notify: 'None' } } as ApprovalChannel
    const known = inboundChannels([channel('one', { teamID }), channel('two', { cloud: 'China' }), slack])
    expect([...known].map(([cloud, channels]) => [cloud, channels.map(({ name }) => name)])).toEqual([
      ['Public', ['one']],
      ['China', ['two']],
    ])
  })
})

describe('with bots in two clouds', () => {
  const [world, china] = [makeInboundRig([ourChannel]), makeInboundRig([ourChannel], clouds.China)]
  const judge = judgeForClouds(() => [world.judge, china.judge])
  const service = `https://${clouds.China.serviceHosts[0]}/x`

  test.each([
    ['a click from the one', world, 'https://smba.trafficmanager.net/emea/', 'taken'],
    ['a click from the other', china, service, 'taken'],
    ['a click from one by way of the other', china, 'https://smba.trafficmanager.net/emea/', 'ServiceUrlNotAllowed'],
  ])('%s is judged by the rules of its own', async (_what, rig, url, outcome) => {
    const token = mint(connectorKey, { claims: rig.claims({ serviceurl: url }) })
    const read = await judge(rig.request(click(rig.time(), { serviceUrl: url, id: `f:${url}` }), token))
    expect('refusal' in read ? read.refusal : 'taken').toBe(outcome)
  })

  test('a token of none is refused', async () => {
    const token = mint(connectorKey, { claims: world.claims({ iss: 'https://evil.example' }) })
    expect(await judge(world.request(click(world.time()), token))).toMatchObject({ refusal: 'WrongIssuer' })
  })

  test('a token for another bot of one cloud says so', async () => {
    const token = mint(connectorKey, { claims: china.claims({ aud: 'x' }) })
    expect(await judge(china.request(click(china.time()), token))).toMatchObject({ refusal: 'WrongAudience' })
  })
})

test('the place of a card in one text is read back as it was', () => {
  const place = { conversationID: channelID, messageID: '1611183467424' }
  expect(readMessageRef(messageRef(place))).toEqual(place)
  for (const text of ['', ' ', 'a', 'a ', ' b', 'a b c']) expect(readMessageRef(text)).toBeUndefined()
})
