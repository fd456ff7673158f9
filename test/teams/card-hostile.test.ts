import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ApprovalRequest, RequestedAction } from '../../src/domain/kinds.ts'
import { shown } from '../../src/teams/card-shown.ts'
import type { Card } from '../../src/teams/card-elements.ts'
import { announcement, cardOf, sizeOf } from '../../src/teams/card.ts'
import { at, closedStatus, time } from '../make-request.ts'
import { scaled } from '../scale.ts'
import { deployment } from '../make.ts'
import { drawn } from './card-dom.ts'
import { elementsOf, faultsOf } from './card-rules.ts'
import { asBinding, briefed, executing, noted, stored } from './card-samples.ts'
import { textsOf } from './card-text.ts'
import { hostileStrings, hostileText } from './hostile.ts'

const links = { handle: 'q0Zk3m8b1H7uJcVt5yXeRw', tabURL: 'https://teams.microsoft.com/l/entity/app/requests?x=1' }

type Field = { readonly name: string; readonly asking: (text: string) => ApprovalRequest }

const update = (text: string) => ({ oldObject: deployment(), object: deployment({ image: text }) })
const spec = (change: Record<string, unknown>) => ({ oldObject: deployment(), object: deployment({ spec: change }) })

const inAction = (text: string, change: Partial<RequestedAction>): ApprovalRequest => {
  const made = stored(update(text))
  const [action] = made.spec.actions
  return { ...made, spec: { ...made.spec, actions: [{ ...action, ...change } as RequestedAction] } }
}

/** As the webhook prints it: no line without its sign. */
const signed = (text: string): string =>
  text
    .split('\n')
    .map((line) => `+ ${line}\n`)
    .join('')

const said = (text: string) => ({ text, ticket: text, source: 'AgentIdentity' as const, time: time(at('10:18')) })

/** Every place of a request into which an agent can write, and those into which others write what an agent chose. */
const fields: readonly Field[] = [
  { name: 'the image', asking: (text) => stored(update(text)) },
  {
    name: 'the image that was',
    asking: (text) => stored({ oldObject: deployment({ image: text }), object: deployment() }),
  },
  {
    name: 'an annotation',
    asking: (text) => stored(spec({ template: { metadata: { annotations: { note: text } } } })),
  },
  {
    name: 'the name of an annotation',
    asking: (text) => stored(spec({ template: { metadata: { annotations: { [text]: 'x' } } } })),
  },
  { name: 'a label', asking: (text) => stored(spec({ template: { metadata: { labels: { app: text } } } })) },
  { name: 'any field', asking: (text) => stored(spec({ [text]: text })) },
  { name: 'a new object', asking: (text) => stored({ operation: 'CREATE', object: deployment({ image: text }) }) },
  {
    name: 'the command',
    asking: (text) =>
      stored({ ...executing, object: { kind: 'PodExecOptions', apiVersion: 'v1', command: ['sh', '-c', text] } }),
  },
  {
    name: 'the container',
    asking: (text) =>
      stored({ ...executing, object: { kind: 'PodExecOptions', apiVersion: 'v1', container: text, command: ['id'] } }),
  },
  {
    name: 'subject and role of a binding',
    asking: (text) =>
      stored({
        operation: 'CREATE',
        ...asBinding,
        object: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRoleBinding',
          metadata: { name: 'x' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: text },
          subjects: [{ kind: 'User', name: text }],
        },
      }),
  },
  {
    name: 'the options of a deletion',
    asking: (text) =>
      stored({
        operation: 'DELETE',
        oldObject: deployment(),
        options: { kind: 'DeleteOptions', propagationPolicy: text },
      }),
  },
  { name: 'reason and ticket', asking: (text) => stored(update('x:1'), { justification: said(text) }) },
  {
    name: 'owner, on-behalf-of and pod',
    asking: (text) =>
      stored(update('x:1'), {
        requester: { owner: text, onBehalfOf: text, pod: { namespace: text, name: text }, username: text },
      }),
  },
  { name: 'the summary', asking: (text) => stored(update('x:1'), { summary: text }) },
  {
    name: 'the message of a policy, which may quote the object',
    asking: (text) =>
      stored(update('x:1'), { policies: [{ name: text, uid: 'p', generation: 1, hash: 'h', message: text }] }),
  },
  {
    name: 'a reason of the risk',
    asking: (text) => stored(update('x:1'), { risk: { level: 'High', reasons: [text] } }),
  },
  {
    name: 'kind, name and namespace',
    asking: (text) => inAction('x:1', { kind: text, name: text, namespace: text }),
  },
  {
    name: 'a masked path',
    asking: (text) =>
      inAction('x:1', { diff: { text: signed(text), totalLines: 1, truncated: false, maskedPaths: [text] } }),
  },
  {
    name: 'what was found around the target',
    asking: (text) =>
      stored(update('x:1'), {
        status: {
          context: {
            observedTime: time(at('10:20')),
            effects: [text],
            similar: [{ name: 'apr-x', uid: 'u', summary: text, decision: 'Denied', decidedBy: text, comment: text }],
          },
        },
      }),
  },
  {
    name: 'what people wrote',
    asking: (text) => stored(update('x:1'), { status: { votes: [noted(text, 'Comment', { comment: text })] } }),
  },
  {
    name: 'what people wrote at the end',
    asking: (text) =>
      stored(update('x:1'), {
        status: closedStatus('Denied', { decidedBy: text, votes: [noted(text, 'Deny', { comment: text })] }),
      }),
  },
]

/** The words that may stand on a button. */
const knownTitle =
  /^(?:Approve (?:create|change|delete|this command|this connection)|Open to approve \((?:sign in|see all)\)|Deny|Ask for changes|Comment|Full record|Pause agent|Take back)$/

/** Lines of a change begin with their sign; nothing else has lines. */
function looseLines(card: Card): readonly string[] {
  const texts = elementsOf(card).flatMap(({ type, text }) => (type === 'TextRun' ? [String(text)] : []))
  return texts
    .filter((text) => text.includes('\n'))
    .flatMap((text) => text.split('\n').filter((line) => !/^[-+@\u00a0…]/.test(line)))
}

/** Bold is what Countersign vouches for. What an agent wrote is bold only where it names the target. */
function boldTexts(card: Card): readonly string[] {
  return elementsOf(card).flatMap(({ type, weight, text }) =>
    type === 'TextRun' && weight === 'Bolder' ? [String(text)] : [],
  )
}

function approves(card: Card): boolean {
  return elementsOf(card).some(({ verb }) => verb === 'approve')
}

describe('whatever an agent writes', () => {
  const cases = fields.flatMap((field) =>
    Object.entries(hostileStrings).map(([what, text]) => ({ ...field, what, text })),
  )

  test.each(cases)('$what in $name keeps every rule of a card', ({ asking, text }) => {
    const briefing = briefed(asking(text))
    const card = cardOf(briefing, links)
    expect(faultsOf(card)).toEqual([])
    expect(looseLines(card)).toEqual([])
    expect(sizeOf(card)).toBeLessThan(28 * 1024)
    const bold = [
      briefing.place,
      briefing.deed,
      briefing.target,
      ...briefing.outcome.filter(({ by }) => by === 'Cluster').map((one) => one.text),
    ]
    if (approves(card)) expect(boldTexts(card).filter((one) => !bold.map(shown).includes(one))).toEqual([])
    expect(announcement(briefing)).not.toMatch(/[\n\u202e\u2066\u200b]/)
  })

  // All of them in one text: a client that falls for one of them falls for it here.
  const together = Object.values(hostileStrings)
    .filter((text) => text.length < 200)
    .join(' ')

  test.each(fields)(
    'in $name, a client that we did not write shows no link, no picture and no button of it',
    ({ asking }) => {
      const { root, complaints, buttons } = drawn(cardOf(briefed(asking(together)), links))
      expect(complaints).toEqual([])
      expect([...root.querySelectorAll('a, img, script, iframe')]).toEqual([])
      expect(buttons.filter((title) => !knownTitle.test(title))).toEqual([])
    },
  )

  // The summary rings the phone, and is no part of the card.
  test.each(fields.filter(({ name }) => name !== 'the summary'))(
    'too much of it in $name for a card leaves no button that approves at once',
    ({ asking }) => {
      const card = cardOf(briefed(asking(hostileStrings['many lines'] ?? '')), links)
      expect(approves(card)).toBe(false)
    },
  )

  test('all at once: the button that approves is there only where every text is drawn', () => {
    let approvable = 0
    fc.assert(
      fc.property(fc.constantFrom(...fields), hostileText, ({ asking }, text) => {
        const briefing = briefed(asking(text))
        const card = cardOf(briefing, links)
        expect(faultsOf(card)).toEqual([])
        if (!approves(card)) return
        approvable += 1
        const seen = drawn(card).text
        expect(textsOf(briefing).filter((one) => !seen.includes(shown(one)))).toEqual([])
      }),
      { numRuns: scaled(60, 5000) },
    )
    expect(approvable).toBeGreaterThan(5)
  })
})
