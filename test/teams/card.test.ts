import { describe, expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { ofRecords } from '../../src/domain/record.ts'
import type { Card } from '../../src/teams/card-elements.ts'
import { announcement, cardOf, sizeOf } from '../../src/teams/card.ts'
import { drawn } from './card-dom.ts'
import { faultsOf } from './card-rules.ts'
import { briefed, samples } from './card-samples.ts'
import { plain, textOf, textsOf } from './card-text.ts'

const links = { handle: 'q0Zk3m8b1H7uJcVt5yXeRw', tabURL: 'https://teams.microsoft.com/l/entity/app/requests?x=1' }
const golden = (name: string): string => `test/teams/golden/${name}.json`
const all = Object.entries(samples).map(([name, request]) => ({ name, briefing: briefed(request) }))
const named = (name: string) => all.find((one) => one.name === name)?.briefing ?? briefed(samples[name] ?? never())

function never(): never {
  throw new Error('there is no such sample')
}

describe('a card', () => {
  test.each(all)('$name is the golden one, and keeps every rule', ({ name, briefing }) => {
    const card = cardOf(briefing, links)
    if (process.env['COUNTERSIGN_GOLDEN'] !== undefined)
      writeFileSync(golden(name), `${JSON.stringify(card, undefined, 2)}\n`)
    expect(card).toEqual(JSON.parse(readFileSync(golden(name), 'utf8')))
    expect(faultsOf(card)).toEqual([])
  })
})

describe('drawn by a client that we did not write, a card', () => {
  test.each(all)('$name is understood, and shows every text', ({ briefing }) => {
    const { complaints, text } = drawn(cardOf(briefing, links))
    expect(complaints).toEqual([])
    expect(textsOf(briefing).filter((one) => !plain(text).includes(one))).toEqual([])
  })

  test.each(all)('$name has no link, no picture and nothing hidden', ({ briefing }) => {
    const { root } = drawn(cardOf(briefing, links))
    expect([...root.querySelectorAll('a, img, iframe, video, [hidden]')]).toEqual([])
    expect(root.innerHTML).not.toMatch(/display: none|visibility: hidden/)
  })

  test.each([
    ['Approve delete', 'approve'],
    ['Deny', 'deny'],
    ['Ask for changes', 'changes'],
    ['Comment', 'comment'],
    ['Pause agent', 'pause'],
  ])('sends, when %s is pressed, %j with handle and comment', (title, verb) => {
    const { press } = drawn(cardOf(named('delete-pending'), links))
    expect(press(title, 'seen')).toEqual({ verb, data: { handle: links.handle, comment: 'seen' } })
  })

  test('sends no comment with a wish to see the full record', () => {
    const { press } = drawn(cardOf(named('delete-pending'), links))
    expect(press('Full record', 'seen')).toEqual({ verb: 'record', data: { handle: links.handle } })
  })

  test('holds a click back while a comment that is always needed is missing', () => {
    const { press } = drawn(cardOf(ofRecords({ ...named('delete-pending'), comment: 'Always' as const }), links))
    expect(press('Approve delete')).toBeUndefined()
    expect(press('Approve delete', 'seen')).toMatchObject({ verb: 'approve' })
  })

  test.each([
    ['delete-pending', 'Approve delete'],
    ['change-pending', 'Approve change'],
    ['exec-pending', 'Approve this command'],
    ['binding-pending', 'Open to approve (sign in)'],
    ['approved-waiting', 'Take back'],
  ])('%s begins with the button %j', (name, title) => {
    expect(drawn(cardOf(named(name), links)).buttons[0]).toBe(title)
  })

  test.each([
    'released',
    'executed',
    'not-observed',
    'unobservable',
    'never-used',
    'taken-back',
    'denied',
    'changes-requested',
    'expired',
  ])('%s has no button left', (name) => {
    expect(drawn(cardOf(named(name), links)).buttons).toEqual([])
  })
})

describe('without a tab', () => {
  const alone = { ...links, tabURL: undefined }

  test('what needs a sign-in has no button that approves, and says where to', () => {
    const { buttons, text } = drawn(cardOf(named('binding-pending'), alone))
    expect(buttons).toEqual(['Deny', 'Ask for changes', 'Comment', 'Full record', 'Pause agent'])
    expect(text).toContain('Approve with kubectl countersign')
  })

  test('what a click approves is approved by a click', () => {
    expect(drawn(cardOf(named('delete-pending'), alone)).buttons).toContain('Approve delete')
  })
})

describe('the order of a card is that of an approver’s questions', () => {
  test('nothing that the agent says stands above the effect', () => {
    const lines = textOf(cardOf(named('delete-pending'), links)).map(plain)
    const at = (start: string): number => lines.findIndex((line) => line.startsWith(start))
    const order = [
      'HIGH',
      'agents/bot wants',
      'Deployment',
      'Effect',
      'Asked',
      'Agent says',
      'Behind',
      '[Comment',
      '[ Appr',
    ]
    expect(order.map(at)).toEqual(order.map(at).toSorted((a, b) => a - b))
    expect(order.map(at)).not.toContain(-1)
  })
})

describe('the announcement', () => {
  test.each([
    ['delete-pending', 'Approve? agents/bot wants to delete Deployment prod/web (3 replicas) · prod-eu1 · High'],
    [
      'denied',
      'DENIED by Dana Roe 10:24Z: agents/bot wanted to delete Deployment prod/web (3 replicas) · prod-eu1 · High',
    ],
  ])('of %s is one line of plain text', (name, text) => {
    expect(announcement(named(name))).toBe(text)
  })

  test('is short, and keeps cluster and risk, however long the rest is', () => {
    const long = ofRecords({ ...named('delete-pending'), summary: 'n'.repeat(5000), cluster: 'c'.repeat(500) })
    const text = announcement(long)
    expect(text.length).toBeLessThan(400)
    expect(text).toMatch(/ · High$/)
  })

  test('leaves out a cluster without a name', () => {
    expect(announcement(ofRecords({ ...named('delete-pending'), cluster: '' }))).toMatch(/\(3 replicas\) · High$/)
  })
})

describe('the size of a card', () => {
  test('is counted in bytes of UTF-8, as it goes over the wire', () => {
    const card: Card = { ...cardOf(named('delete-pending'), links), speak: '' }
    expect(sizeOf({ ...card, speak: 'é→😀' }) - sizeOf(card)).toBe(2 + 3 + 4)
  })
})

describe('the rules find what is wrong', () => {
  const card = cardOf(named('delete-pending'), links)
  const withBody = (...more: readonly object[]) => ({ ...card, body: [...card.body, ...more] })
  const label = { type: 'TextBlock', text: 'Effect', wrap: true }

  test.each([
    ['a text that is cut', withBody({ ...label, wrap: false }), 'does not wrap'],
    ['a text of others where Markdown works', withBody({ ...label, text: '[x](https://evil.example)' }), 'no label'],
    ['lines that are hidden', withBody({ ...label, maxLines: 1 }), 'TextBlock has maxLines'],
    ['an element that is not shown', withBody({ ...label, isVisible: false }), 'TextBlock has isVisible'],
    ['a list of facts, where Markdown works', withBody({ type: 'FactSet', facts: [] }), 'there is a FactSet'],
    ['a button without a verb', withBody({ type: 'Action.Execute', title: 'x', data: { handle: 'h' } }), 'verb'],
    [
      'more than a handle',
      withBody({ type: 'Action.Execute', verb: 'deny', data: { handle: 'h', to: 'x' } }),
      'more than',
    ],
    ['a link that is not https', withBody({ type: 'Action.OpenUrl', title: 'x', url: 'http://x' }), 'not https'],
    ['a card that clicks by itself', { ...card, refresh: {} }, 'AdaptiveCard has refresh'],
    ['a macro', withBody({ type: 'TextRun', text: '{{ DATE(2026-01-01)}}' }), 'replace'],
    ['a misspelt value', withBody({ type: 'TextRun', text: 'x', weight: 'bolder' }), 'weight is bolder'],
    ['another version', { ...card, version: '1.6' }, 'version is 1.6'],
    ['a character that turns the text around', withBody({ type: 'TextRun', text: '\u202ex' }), 'does something'],
    ['too many bytes', withBody({ type: 'TextRun', text: 'x'.repeat(28 * 1024) }), 'bytes'],
  ])('%s', (_what, wrong, words) => {
    expect(faultsOf(wrong)).toEqual([expect.stringContaining(words)])
  })

  test('and the client of others would make a link of Markdown in a text block', () => {
    const spoofed = withBody({ ...label, text: '[click](https://evil.example)' })
    expect(drawn(spoofed).root.querySelectorAll('a')).toHaveLength(1)
  })

  test('and the client of others complains of what it does not know', () => {
    expect(drawn(withBody({ type: 'TextBlok', text: 'x' })).complaints).not.toEqual([])
    expect(drawn(withBody({ ...label, weight: 'boldest' })).complaints).not.toEqual([])
  })
})
