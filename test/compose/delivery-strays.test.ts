import { describe, expect, test } from '@jest/globals'
import { deliveryPorts } from '../../src/compose/delivery-ports.ts'
import type { RequestLoop } from '../../src/compose/request-loop.ts'
import type { ApprovalRequestStatus, ApprovalVote, NotedVote, PostedMessage } from '../../src/domain/kinds.ts'
import { closedStatus, request, time, vote } from '../make-request.ts'
import { startDeliveryRig } from './delivery-rig.ts'

/** A click on a message, and how it was judged; `undefined`: not yet. */
type Click = {
  readonly ref: string
  readonly refusal?: string | undefined
  readonly isJudged?: boolean
  readonly isForged?: boolean
}

function straysOf(clicks: readonly Click[], messages: readonly PostedMessage[] = []): Promise<readonly string[]> {
  const votes = clicks.map(({ ref }, index): ApprovalVote => {
    const made = vote('Approve', { name: `apv-${index}` })
    const evidence = { channel: 'teams', assurance: 'Card', verifiedTime: time(0), signature: 's' } as const
    return { ...made, spec: { ...made.spec, evidence: { ...evidence, messageRef: ref } } }
  })
  const judged = clicks.flatMap(({ refusal, isJudged = true }, index): readonly NotedVote[] => {
    const noted = { name: `apv-${index}`, uid: `uid-of-apv-${index}`, person: 'x', verdict: 'Approve' } as const
    const one = { ...noted, time: time(0), counted: refusal === undefined }
    return isJudged ? [refusal === undefined ? one : { ...one, refusal }] : []
  })
  const forged = new Set(clicks.filter(({ isForged }) => isForged).map(({ ref }) => ref))
  const loop = {
    watches: { votesOf: () => votes.map((one, index) => ({ uid: `uid-of-apv-${index}`, vote: one })) },
    doors: {
      requests: {},
      isTrustedVote: async ({ evidence }: ApprovalVote['spec']) => !forged.has(evidence?.messageRef ?? ''),
    },
  } as unknown as RequestLoop
  const status: ApprovalRequestStatus = { messages, votes: judged }
  return deliveryPorts({ now: () => 0 }, loop).strays(request({ status }), 'teams')
}

const adopted = (ref: string): PostedMessage => ({ channel: 'teams', ref, rendered: 'x' })

describe('cards that people found although no request lists them', () => {
  test.each<
    readonly [when: string, clicks: readonly Click[], messages: readonly PostedMessage[], found: readonly string[]]
  >([
    ['are those on which somebody clicked whose vote counts', [{ ref: 'a' }], [], ['a']],
    ['are those, too, on which he clicked too late', [{ ref: 'a', refusal: 'AlreadyDecided' }], [], ['a']],
    ['are none of somebody who may not decide', [{ ref: 'a', refusal: 'NotInGroup' }], [], []],
    ['are none of the owner', [{ ref: 'a', refusal: 'OwnerMayNotVote' }], [], []],
    ['are none while nobody has judged the vote', [{ ref: 'a', isJudged: false }], [], []],
    ['are none of which nobody has proof', [{ ref: 'a', isForged: true }], [], []],
    ['are none that are listed', [{ ref: 'a' }], [adopted('a')], []],
    ['are the same, however many clicked', [{ ref: 'a' }, { ref: 'a' }], [], ['a']],
    ['are three at most', [{ ref: 'a' }, { ref: 'b' }, { ref: 'c' }, { ref: 'd' }], [], ['a', 'b', 'c']],
    ['are three at most in the life of a request', [{ ref: 'd' }, { ref: 'e' }], ['a', 'b'].map(adopted), ['d']],
    [
      'are not fewer for the cards that we posted',
      [{ ref: 'd' }],
      ['a', 'b', 'c'].map((ref) => ({ ...adopted(ref), time: time(0) })),
      ['d'],
    ],
  ])('%s', async (_when, clicks, messages, found) => {
    expect(await straysOf(clicks, messages)).toEqual(found)
  })
})

test('a list of cards that is full, or is not taken, keeps no card from being drawn anew', async () => {
  const rig = startDeliveryRig(['teams'])
  await rig.clock.advance(1_000)
  rig.open('apr-a')
  await rig.clock.advance(2_000)
  rig.noteOutcome = ({ messages = [] }) => (messages.some(({ ref }) => ref.endsWith('1111')) ? 'Invalid' : 'Stored')
  rig.strays.set('teams/apr-a', ['19:teams@thread.tacv2 1111'])
  rig.change('apr-a', closedStatus('Denied', { decidedBy: 'Dana Roe' }))
  await rig.clock.advance(1_000)
  expect(rig.cards('teams', 'apr-a')[0]?.buttons).toEqual([])
  const calls = rig.service('teams').calls.length
  await rig.clock.advance(60_000)
  expect(rig.service('teams').calls.length - calls).toBeLessThanOrEqual(10)
})
