import { expect, test } from '@jest/globals'
import { likenessOf } from '../../src/domain/likeness.ts'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { similarTo } from '../../src/domain/similar.ts'
import { request } from '../make-request.ts'

function asked(uid: string, time: string, about: { readonly name?: string } = {}): ApprovalRequest {
  const one = request({ name: `apr-${uid}` })
  const actions = one.spec.actions.map((action) => ({ ...action, name: about.name ?? 'web' }))
  const metadata = { ...one.metadata, uid, creationTimestamp: `2026-11-21T${time}:00Z` }
  return { ...one, metadata, spec: { ...one.spec, actions } }
}

const now = asked('now', '10:00')

test('similar requests are earlier ones: those about the same object first, then the newest', () => {
  const all = [asked('old', '08:00'), asked('other', '09:30', { name: 'api' }), asked('new', '09:00'), now]
  expect(similarTo(now, [...all, asked('later', '11:00')]).map(({ uid }) => uid)).toEqual(['new', 'old', 'other'])
})

test('at most eight are named', () => {
  const many = Array.from({ length: 12 }, (_, index) => asked(`u${index}`, `08:${10 + index}`))
  expect(similarTo(now, many)).toHaveLength(8)
})

test('the words of whoever decided are told with the decision', () => {
  const earlier = asked('denied', '09:00')
  const said = {
    name: 'v',
    uid: 'v',
    person: 'Bo',
    verdict: 'Deny',
    time: '2026-11-21T09:01:00Z',
    counted: true,
  } as const
  const status = {
    ...earlier.status,
    decision: 'Denied',
    decidedBy: 'Bo',
    votes: [{ ...said, comment: 'use a Role' }],
  } as const
  expect(similarTo(now, [{ ...earlier, status }])).toEqual([
    expect.objectContaining({ decision: 'Denied', decidedBy: 'Bo', comment: 'use a Role' }),
  ])
})

const deletion = {
  operation: 'Delete',
  resource: { group: 'apps', version: 'v1', resource: 'deployments', subresource: '' },
  namespace: 'prod',
} as const

test.each([
  ['another agent', 'agents/other', deletion, false],
  ['another operation', 'agents/bot', { ...deletion, operation: 'Update' as const }, false],
  ['another namespace', 'agents/bot', { ...deletion, namespace: 'dev' }, false],
  [
    'another version of the kind',
    'agents/bot',
    { ...deletion, resource: { ...deletion.resource, version: 'v2' } },
    true,
  ],
])('%s is alike: %s', (_what, agent, action, alike) => {
  expect(likenessOf(agent, action) === likenessOf('agents/bot', deletion)).toBe(alike)
})
