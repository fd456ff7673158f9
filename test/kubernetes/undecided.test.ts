import { describe, expect, test } from '@jest/globals'
import { makeUndecided } from '../../src/kubernetes/undecided.ts'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { approvedStatus, request } from '../make-request.ts'

const never = new AbortController().signal
const open = request()
const key = open.metadata.name
const ref = { name: key, uid: open.metadata.uid ?? '' }
const approved: ApprovalRequest = { ...open, status: approvedStatus() }

function known(): ReturnType<typeof makeUndecided> {
  const undecided = makeUndecided()
  undecided.changed({ type: 'Added', key, object: open })
  return undecided
}

describe('requests that wait for a person', () => {
  test('whoever waits for one is woken by its decision, with the decision', async () => {
    const undecided = known()
    const decided = undecided.decided(ref, never)
    undecided.changed({ type: 'Left', key, object: approved, previous: open })
    expect(await decided).toBe(approved)
    expect(undecided.get(key)).toBeUndefined()
  })

  test('whoever comes just after the decision is told at once', async () => {
    const undecided = known()
    undecided.changed({ type: 'Left', key, object: approved, previous: open })
    expect(await undecided.decided(ref, never)).toBe(approved)
  })

  test('the answer to the call that opened it may come after its decision: it is not taken for undecided again', () => {
    const undecided = known()
    undecided.changed({ type: 'Left', key, object: approved, previous: open })
    undecided.seen(open)
    expect([...undecided.values()]).toEqual([])
  })

  test('one that was just opened is known before the watch tells of it', () => {
    const undecided = makeUndecided()
    undecided.seen(open)
    expect(undecided.get(key)).toBe(open)
  })

  test('one that is deleted wakes those who wait, without a decision', async () => {
    const undecided = known()
    const decided = undecided.decided(ref, never)
    undecided.changed({ type: 'Deleted', key, object: open })
    expect(await decided).toBeUndefined()
  })

  test('a signal ends the waiting of one, not that of the others', async () => {
    const undecided = known()
    const leaving = new AbortController()
    const one = undecided.decided(ref, leaving.signal)
    const other = undecided.decided(ref, never)
    leaving.abort()
    expect(await one).toBeUndefined()
    undecided.changed({ type: 'Left', key, object: approved, previous: open })
    expect(await other).toBe(approved)
  })

  test('a later request of the same name stays when the end of the former is told late', () => {
    const undecided = makeUndecided()
    const later = { ...open, metadata: { ...open.metadata, uid: 'later' } }
    undecided.seen(later)
    undecided.changed({ type: 'Deleted', key, object: open })
    expect(undecided.get(key)).toBe(later)
  })
})
