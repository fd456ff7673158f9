import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Ballot, CastVotePorts, UnsignedVote } from '../../src/app/cast-vote-ports.ts'
import { castVote } from '../../src/app/cast-vote.ts'
import { makeKnownRequests } from '../../src/app/known-requests.ts'
import { makeRequestBook } from '../../src/app/request-book.ts'
import type { ApprovalRequest, ApprovalVote, NotedVote, Verdict } from '../../src/domain/kinds.ts'
import { isClosed } from '../../src/domain/executed.ts'
import { approvedStatus, at, closedStatus, entra, request, requestUID, time } from '../make-request.ts'
import { oneTurn, until } from '../until.ts'

const ballot: Ballot = {
  requestUID,
  verdict: 'Approve',
  comment: '',
  voter: entra('alice'),
  evidence: { channel: 'teams', assurance: 'Card' },
  clickID: 'click-1',
}

type Stage = CastVotePorts & {
  readonly cast: CastVotePorts['cast']
  readonly votes: ApprovalVote[]
  readonly signed: UnsignedVote[]
  /** The request is so from now on. */
  readonly put: (changed: ApprovalRequest) => void
  readonly remove: () => void
  /** The time to answer is over. */
  readonly end: () => void
  readonly reads: () => number
}

function stage(first: ApprovalRequest | undefined, changes: Partial<CastVotePorts> = {}): Stage {
  const book = makeRequestBook()
  const [votes, signed]: [ApprovalVote[], UnsignedVote[]] = [[], []]
  const over = new AbortController()
  let live = first
  let reads = 0
  const put = (changed: ApprovalRequest): void => {
    live = changed
    const { name, uid = '' } = changed.metadata
    book.put({ name, uid, request: isClosed(changed) ? undefined : changed })
  }
  if (first !== undefined) put(first)
  return {
    requests: makeKnownRequests(book, async () => {
      reads += 1
      return live
    }),
    sign: (vote) => {
      signed.push(vote)
      return Promise.resolve({ ...vote, evidence: { ...vote.evidence, signature: 's' } })
    },
    cast: async (vote) => {
      if (votes.some(({ metadata }) => metadata.name === vote.metadata.name)) return 'AlreadyExists'
      votes.push(vote)
      return 'Stored'
    },
    mayVote: () => true,
    timeout: () => over.signal,
    answerMs: 2_500,
    now: () => at('10:24'),
    ...changes,
    votes,
    signed,
    put,
    remove: () => {
      live = undefined
      book.remove(requestUID)
    },
    end: () => over.abort(),
    reads: () => reads,
  }
}

const noted = (name: string, changes: Partial<NotedVote> = {}): NotedVote => ({
  name,
  uid: `uid-${name}`,
  person: 'Alice Kim',
  verdict: 'Approve',
  time: time(at('10:24')),
  counted: true,
  ...changes,
})

/** What comes of a click while the operator does this as soon as the vote is there. */
async function told(ports: Stage, said: Partial<Ballot>, operator: (name: string) => void) {
  const outcome = castVote(ports, { ...ballot, ...said })
  await until('the vote is cast', () => ports.votes.length > 0)
  await oneTurn()
  operator(ports.votes[0]?.metadata.name ?? '')
  return outcome
}

describe('what became of a vote', () => {
  test('counted, with the decision that came of it', async () => {
    const ports = stage(request())
    const outcome = await told(ports, {}, (name) =>
      ports.put(request({ status: { ...approvedStatus(), votes: [noted(name)] } })),
    )
    expect(outcome).toMatchObject({
      kind: 'Counted',
      vote: { counted: true },
      request: { status: { decision: 'Approved' } },
    })
  })

  test('a vote that completes all stages is told together with the decision, which may be a write later', async () => {
    const ports = stage(request())
    const stages = [{ name: 'approvers', approvals: 1, required: 1 }]
    const outcome = await told(ports, {}, (name) => {
      ports.put(request({ status: { stages, votes: [noted(name)] } }))
      void oneTurn().then(() => ports.put(request({ status: { ...approvedStatus(), stages, votes: [noted(name)] } })))
    })
    expect(outcome).toMatchObject({ kind: 'Counted', request: { status: { decision: 'Approved' } } })
  })

  test('counted, of a request that closes with it and is forgotten: it is read', async () => {
    const ports = stage(request())
    const outcome = await told(ports, { verdict: 'Deny', comment: 'no' }, (name) => {
      ports.put(request({ status: closedStatus('Denied', { votes: [noted(name, { verdict: 'Deny' })] }) }))
    })
    expect(outcome).toMatchObject({ kind: 'Counted', request: { status: { decision: 'Denied' } } })
    expect(ports.reads()).toBeGreaterThan(0)
  })

  test('refused, with the reason', async () => {
    const ports = stage(request())
    const outcome = await told(ports, {}, (name) =>
      ports.put(request({ status: { votes: [noted(name, { counted: false, refusal: 'NotInGroup' })] } })),
    )
    expect(outcome).toMatchObject({ kind: 'Refused', refusal: 'NotInGroup' })
  })

  test('taken back only when that is stored', async () => {
    const ports = stage(request({ status: approvedStatus() }))
    const revoked = { by: 'Alice Kim', time: time(at('10:26')) }
    const outcome = await told(ports, { verdict: 'Revoke' }, (name) => {
      const votes = [noted(name, { verdict: 'Revoke' })]
      ports.put(request({ status: { ...approvedStatus(), votes } }))
      void oneTurn().then(() => ports.put(request({ status: { ...approvedStatus({ revoked }), votes } })))
    })
    expect(outcome).toMatchObject({ kind: 'Counted', request: { status: { grant: { revoked } } } })
  })

  test.each<[string, (ports: Stage) => void]>([
    ['nobody judges it', () => undefined],
    ['somebody else decides, and it is not judged', (ports) => ports.put(request({ status: approvedStatus() }))],
    ['the request leaves', (ports) => ports.remove()],
  ])('recorded, when the time to answer is over and %s', async (_what, happens) => {
    const ports = stage(request())
    const outcome = await told(ports, {}, () => {
      happens(ports)
      ports.end()
    })
    expect(outcome.kind).toBe('Recorded')
  })
})

describe('nothing is cast', () => {
  test.each<[string, ApprovalRequest | undefined, Partial<Ballot>, string]>([
    ['for a request that nobody knows', undefined, {}, 'NotFound'],
    ['too late', request({ status: closedStatus('Denied') }), {}, 'AlreadyDecided'],
    [
      'for a pause too late',
      request({ status: approvedStatus() }),
      { verdict: 'Pause', comment: 'x' },
      'AlreadyDecided',
    ],
    [
      'for a denial without words',
      request({ requirements: { comment: 'Optional' } }),
      { verdict: 'Deny' },
      'CommentMissing',
    ],
    [
      'for an approval without words that needs them',
      request({ requirements: { comment: 'Always' } }),
      {},
      'CommentMissing',
    ],
    ['for blanks in place of words', request(), { verdict: 'RequestChanges', comment: ' \n' }, 'CommentMissing'],
    ['with more words than a vote takes', request(), { comment: '😀'.repeat(1025) }, 'CommentTooLong'],
  ])('%s', async (_what, known, said, kind) => {
    const ports = stage(known)
    expect(await castVote(ports, { ...ballot, ...said })).toMatchObject({ kind })
    expect([ports.votes, ports.signed]).toEqual([[], []])
  })

  test.each<[string, Partial<CastVotePorts>, string]>([
    ['by who votes too often', { mayVote: () => false }, 'TooOften'],
    ['without a key', { sign: () => undefined }, 'NotReady'],
    ['that the API server refuses', { cast: async () => 'Refused' }, 'NotStored'],
  ])('%s', async (_what, changes, kind) => {
    const ports = stage(request(), changes)
    expect(await castVote(ports, ballot)).toMatchObject({ kind, request: { metadata: { uid: requestUID } } })
    expect(ports.votes).toEqual([])
  })

  test('when nobody knows whether it was stored: that is an error, and the click may come again', async () => {
    const ports = stage(request(), { cast: () => Promise.reject(new Error('no answer')) })
    await expect(castVote(ports, ballot)).rejects.toThrow('no answer')
  })

  test.each<[Verdict, object]>([
    ['Comment', { status: closedStatus('Denied') }],
    ['Revoke', { status: approvedStatus() }],
  ])('but a %s is, also after the decision', async (verdict, changes) => {
    const ports = stage(request(changes))
    const outcome = told(ports, { verdict, comment: 'words' }, () => ports.end())
    expect((await outcome).kind).toBe('Recorded')
  })
})

describe('a click is one vote, however often it is sent', () => {
  test('to two replicas at once: its name is the same', async () => {
    const ports = stage(request())
    const both = [castVote(ports, ballot), castVote(ports, ballot)]
    await until('it is cast', () => ports.votes.length > 0)
    const [name = ''] = ports.votes.map(({ metadata }) => metadata.name)
    ports.put(request({ status: { ...approvedStatus(), votes: [noted(name)] } }))
    expect((await Promise.all(both)).map(({ kind }) => kind)).toEqual(['Counted', 'Counted'])
    expect(ports.votes).toHaveLength(1)
  })

  test('after it was judged, it is told the same and nothing is sent', async () => {
    const first = stage(request())
    await told(first, {}, () => first.end())
    const [name = ''] = first.votes.map(({ metadata }) => metadata.name)
    const ports = stage(request({ status: { ...approvedStatus(), votes: [noted(name)] } }))
    expect(await castVote(ports, ballot)).toMatchObject({ kind: 'Counted' })
    expect(ports.votes).toEqual([])
  })

  test('again while the first sending hangs, it is told "recorded" because it is cast itself', async () => {
    const [stored, hanging] = [stage(request()), new Promise<'Stored'>(() => undefined)]
    let sendings = 0
    const cast: CastVotePorts['cast'] = (vote) => ((sendings += 1) === 1 ? hanging : stored.cast(vote))
    void castVote({ ...stored, cast }, ballot)
    await until('the first hangs', () => sendings === 1)
    const again = castVote({ ...stored, cast }, ballot)
    await until('it is cast', () => stored.votes.length === 1)
    stored.end()
    expect(await again).toMatchObject({ kind: 'Recorded' })
  })

  test('again while the API server does not answer, nobody says "recorded"', async () => {
    const fails: ((error: Error) => void)[] = []
    const ports = stage(request(), { cast: () => new Promise((_resolve, reject) => fails.push(reject)) })
    const both = Promise.allSettled([castVote(ports, ballot), castVote(ports, ballot)])
    await until('both hang', () => fails.length === 2)
    ports.end()
    for (const fail of fails) fail(new Error('no answer'))
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  test('and another click, or the same on another request, has another name', async () => {
    const nameOf = async (said: Partial<Ballot>, uid = requestUID): Promise<string> => {
      const one = request()
      const ports = stage({ ...one, metadata: { ...one.metadata, uid } })
      await told(ports, { requestUID: uid, ...said }, () => ports.end())
      return ports.votes[0]?.metadata.name ?? ''
    }
    const name = await nameOf({})
    await fc.assert(
      fc.asyncProperty(fc.string(), async (clickID) => {
        const other = await nameOf({ clickID })
        expect(other === name).toBe(clickID === ballot.clickID)
        expect(other).toMatch(/^apv-[a-z0-9-]{1,200}$/)
      }),
      { numRuns: 50 },
    )
    expect(await nameOf({}, 'another-uid')).not.toBe(name)
  })
})

describe('what is signed', () => {
  test('names the digest that was seen, when it is said', async () => {
    const ports = stage(request())
    const digest = `sha256:${'9'.repeat(64)}`
    await told(ports, { seenDigest: digest }, () => ports.end())
    expect(ports.signed).toMatchObject([{ digest, evidence: { verifiedTime: '2026-11-21T10:24:00Z' } }])
  })

  test('is what is stored, with the signature and nothing else', async () => {
    const ports = stage(request())
    await told(ports, { comment: 'words' }, () => ports.end())
    const [signed] = ports.signed
    expect(ports.votes.map(({ spec }) => spec)).toEqual([
      { ...signed, evidence: { ...signed?.evidence, signature: 's' } },
    ])
  })
})
