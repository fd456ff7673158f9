import { describe, expect, test } from '@jest/globals'
import type { ApprovalRequest, ApprovalVote } from '../../src/domain/kinds.ts'
import type { Live } from '../../src/kubernetes/live-object.ts'
import { knownRequest, knownVote, makeVoteIndex } from '../../src/kubernetes/request-memory.ts'
import { approvedStatus, at, closedStatus, request, vote } from '../make-request.ts'

const live = <T extends ApprovalRequest | ApprovalVote>(object: T): Live<T> => ({
  ...object,
  metadata: { ...object.metadata, uid: object.metadata.uid ?? 'u', resourceVersion: '1' },
})

const late = (name: string) => knownVote(live(vote('Approve', { name })))

describe('what is remembered of a request', () => {
  test('is all of it while something is to be done about it', () => {
    expect(knownRequest(live(request())).request?.spec.summary).toContain('delete')
    expect(knownRequest(live(request({ status: approvedStatus() }))).request).toBeDefined()
  })

  test('is little once it is closed', () => {
    const noted = { name: 'apv-1', uid: 'v-1', person: 'Alice', verdict: 'Deny', time: '', counted: true } as const
    const closed = knownRequest(live(request({ status: closedStatus('Denied', { votes: [noted] }) })))
    expect(closed).toMatchObject({ request: undefined, noted: ['v-1'], decidedTime: at('10:24'), number: 1 })
    expect(JSON.stringify(closed).length).toBeLessThan(300)
  })

  test('is whether a card of it is still to be drawn anew, once it is closed', () => {
    const messages = [{ channel: 'teams', ref: 'a', rendered: 'sha256:1' }]
    const told = (reason: string, changes: object = {}) => {
      const lastTransitionTime = '2026-11-21T10:20:00Z'
      const conditions = [{ type: 'Notified', status: 'True', reason, message: '', lastTransitionTime }] as const
      return knownRequest(live(request({ status: closedStatus('Denied', { messages, conditions, ...changes }) }))).told
    }
    const cooldownRevoked = { by: 'Dana', time: '2026-11-21T10:30:00Z', voteRef: { name: 'v', uid: 'v' } }
    expect(knownRequest(live(request({ status: { messages } }))).told).toBe(false)
    expect(knownRequest(live(request({ status: closedStatus('Denied') }))).told).toBe(true)
    expect([told('Delivered'), told('Concluded'), told('Concluded', { cooldownRevoked })]).toEqual([false, true, false])
    expect(told('TakenBack', { cooldownRevoked })).toBe(true)
  })
})

describe('what is remembered of a vote', () => {
  test('is found by its request, until it is deleted', () => {
    const index = makeVoteIndex()
    const [one, two] = [late('apv-1'), late('apv-2')]
    index.changed({ type: 'Added', key: 'apv-1', object: one })
    index.changed({ type: 'Added', key: 'apv-2', object: two })
    index.changed({ type: 'Deleted', key: 'apv-1', object: one })
    expect(index.of(one.request)).toEqual([two])
    index.changed({ type: 'Deleted', key: 'apv-2', object: two })
    expect(index.of(one.request)).toEqual([])
  })

  test('stays when one of the same name before it is deleted late', () => {
    const index = makeVoteIndex()
    const now = late('apv-1')
    index.changed({ type: 'Added', key: 'apv-1', object: now })
    index.changed({ type: 'Deleted', key: 'apv-1', object: { ...now, uid: 'older' } })
    expect(index.of(now.request)).toEqual([now])
  })
})
