import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { planDelivery } from '../../src/app/deliver-plan.ts'
import type { DeliverySight } from '../../src/app/deliver-plan.ts'
import type { ApprovalRequestStatus, PostedMessage } from '../../src/domain/kinds.ts'
import { approvedStatus, at, claim, closedStatus, request, time } from '../make-request.ts'

const card = (ref: string, rendered = 'now', channel = 'teams'): PostedMessage => ({ channel, ref, rendered })

function sight(status: ApprovalRequestStatus | undefined, changes: Partial<DeliverySight> = {}): DeliverySight {
  const { cards = [] } = changes
  const made = request(
    status === undefined ? {} : { status: cards.length === 0 ? status : { messages: cards, ...status } },
  )
  return {
    request: made,
    channel: 'teams',
    asked: true,
    shows: 'now',
    cards: [],
    unnoted: [],
    channels: new Set(['teams', 'ops']),
    strays: [],
    doubts: 0,
    ready: true,
    now: at('10:21'),
    ...changes,
  }
}

/** The steps in a few words. */
function told(one: DeliverySight): readonly string[] {
  return planDelivery(one).map((step) => {
    if (step.do === 'note') return `note ${step.card.ref}`
    if (step.do === 'update') return `update ${step.card.ref}${step.ends ? ' and reply' : ''}`
    return step.do === 'conclude' ? `conclude ${step.reason}` : step.do
  })
}

const denied = closedStatus('Denied')
const concluded = {
  conditions: [
    { type: 'Notified', status: 'True', reason: 'Concluded', message: '', lastTransitionTime: time(at('10:20')) },
  ],
} as const
const executed = {
  conditions: [
    { type: 'Executed', status: 'True', reason: 'Executed', message: '', lastTransitionTime: time(at('10:26')) },
  ],
} as const
const takenBack = { cooldownRevoked: { by: 'Dana', time: time(at('10:30')), voteRef: { name: 'v', uid: 'v' } } }

describe('what one channel has to do about a request', () => {
  test.each<readonly [when: string, seen: DeliverySight, steps: readonly string[]]>([
    ['it is asked and nothing is posted', sight(undefined), ['post']],
    ['it is not asked', sight(undefined, { asked: false }), []],
    ['the deadline is over, though nobody has decided that', sight(undefined, { now: at('10:36') }), []],
    ['it was decided before it was posted', sight(denied), []],
    ['its card shows what is true', sight(undefined, { cards: [card('a')] }), []],
    ['its card shows what was true', sight(undefined, { cards: [card('a', 'old')] }), ['update a']],
    [
      'it is no longer asked, and its card is old',
      sight(undefined, { asked: false, cards: [card('a', 'old')] }),
      ['update a'],
    ],
    [
      'nothing is known of what its card shows',
      sight(undefined, { cards: [{ channel: 'teams', ref: 'a' }] }),
      ['update a'],
    ],
    [
      'there are two cards',
      sight(undefined, { cards: [card('a', 'old'), card('b', 'old')] }),
      ['update a', 'update b'],
    ],
    ['another channel has an old card', sight(undefined, { cards: [card('a'), card('b', 'old', 'ops')] }), []],
    ['only another channel has a card', sight(undefined, { cards: [card('b', 'now', 'ops')] }), ['post']],
    ['somebody has deleted its card', sight(undefined, { cards: [card('a', 'gone')] }), ['post']],
    [
      'somebody deletes one card after the other',
      sight(undefined, { cards: [card('a', 'gone'), card('b', 'gone'), card('c', 'gone')] }),
      [],
    ],
    ['it may have been posted twice already', sight(undefined, { doubts: 2 }), ['post']],
    ['it may have been posted three times already', sight(undefined, { doubts: 3 }), []],
    [
      'somebody has deleted one card, and others may be there',
      sight(undefined, { cards: [card('a', 'gone')], doubts: 2 }),
      [],
    ],
    [
      'the list of cards is full: what people found is left out, what is listed is drawn anew',
      sight(undefined, {
        cards: Array.from({ length: 64 }, (_, index) => card(`${index}`, index === 7 ? 'old' : 'now')),
        strays: ['b'],
      }),
      ['update 7'],
    ],
    [
      'a card that was posted is not noted yet',
      sight(undefined, { cards: [card('a')], unnoted: [card('a')] }),
      ['note a'],
    ],
    [
      'somebody clicked on a card that nobody knows of',
      sight(undefined, { cards: [card('a')], strays: ['b'] }),
      ['note b', 'update b'],
    ],
    ['it was approved, and is not used', sight(approvedStatus(), { cards: [card('a', 'old')] }), ['update a']],
    [
      'it was approved and let through, and nobody knows what came of it',
      sight(approvedStatus({ claims: [claim()] }), { cards: [card('a', 'old')] }),
      ['update a'],
    ],
    [
      'it was approved, used, and seen to be done',
      sight({ ...approvedStatus({ claims: [claim()] }), ...executed }, { cards: [card('a', 'old')] }),
      ['update a and reply'],
    ],
    [
      'it is denied: the first card is the thread in which that is said',
      sight(denied, { cards: [card('a', 'old'), card('b', 'old')] }),
      ['update a and reply', 'update b'],
    ],
    ['it is denied, and every card shows it', sight(denied, { cards: [card('a')] }), ['conclude Concluded']],
    ['it is denied, and another channel is behind', sight(denied, { cards: [card('a'), card('b', 'old', 'ops')] }), []],
    [
      'it is denied, and a channel that is no more is behind',
      sight(denied, { cards: [card('a'), card('b', 'old', 'past')] }),
      ['conclude Concluded'],
    ],
    [
      'it is denied, and that is noted as concluded',
      sight({ ...denied, ...concluded, messages: [card('a')] }, { cards: [card('a')] }),
      [],
    ],
    [
      'the denial is taken back after all was concluded',
      sight({ ...denied, ...concluded, ...takenBack, messages: [card('a', 'old')] }, { cards: [card('a', 'old')] }),
      ['update a and reply'],
    ],
    [
      'and every card shows that, too',
      sight({ ...denied, ...concluded, ...takenBack, messages: [card('a')] }, { cards: [card('a')] }),
      ['conclude TakenBack'],
    ],
  ])('%s', (_when, seen, steps) => {
    expect(told(seen)).toEqual(steps)
  })

  const statuses = [undefined, denied, closedStatus('Expired'), approvedStatus(), approvedStatus({ claims: [claim()] })]
  const cards = fc.array(
    fc.record({
      channel: fc.constantFrom('teams', 'ops'),
      ref: fc.constantFrom('a', 'b', 'c', 'd'),
      rendered: fc.constantFrom('now', 'old', 'gone'),
    }),
    { maxLength: 6 },
  )

  test('whatever is there: once it is done, nothing is left to do, and no card of another channel is touched', () => {
    fc.assert(
      fc.property(fc.constantFrom(...statuses), cards, fc.boolean(), (status, drawn, asked) => {
        const unique = [...new Map(drawn.map((one) => [`${one.channel} ${one.ref}`, one])).values()]
        const seen = sight(status, { cards: unique, asked })
        const steps = planDelivery(seen)
        expect(steps.every((step) => step.do !== 'update' || step.card.channel === 'teams')).toBe(true)
        const done = unique.map((one) =>
          one.channel === 'teams' && one.rendered === 'old' ? { ...one, rendered: 'now' } : one,
        )
        const posted = steps.some((step) => step.do === 'post') ? [...done, card('new')] : done
        const rest = planDelivery({ ...seen, cards: posted }).filter((step) => step.do !== 'conclude')
        expect(rest).toEqual([])
      }),
    )
  })
})
