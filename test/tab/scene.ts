import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { makeTabRig } from '../api/tab-rig.ts'
import type { TabRig } from '../api/tab-rig.ts'
import { approvedStatus, at, closedStatus, request, requestUID, stageOf, time } from '../make-request.ts'
import { noted, samples } from '../teams/card-samples.ts'

/** A request of the samples for cards, with a name and uid of its own. */
export function sample(of: string, name: string, changes: Partial<ApprovalRequest['spec']> = {}): ApprovalRequest {
  const one = samples[of]
  if (one === undefined) throw new Error(`there is no sample ${of}`)
  const { metadata, spec, ...rest } = one
  return { ...rest, metadata: { ...metadata, name, uid: `uid-of-${name}` }, spec: { ...spec, ...changes } }
}

const approvers = { stages: [stageOf('approvers')], comment: 'OnDeny', assurance: 'Card' } as const

/** An inbox as somebody of a platform team has it in the morning; Alice is signed in. */
export function makeScene(): TabRig {
  const rig = makeTabRig()
  const put = (one: ApprovalRequest): void => void rig.requests.set(one.metadata.name, one)
  const critical = sample('binding-pending', 'apr-binding', {
    requirements: { ...approvers, assurance: 'SignedIn', stages: [stageOf('approvers'), stageOf('security')] },
    attempt: { number: 1 },
  })
  put({ ...critical, status: { ...critical.status, context: { ...critical.status?.context, similar: [] } } })
  put(sample('delete-pending', 'apr-delete'))
  put(sample('exec-pending', 'apr-exec', { expirationTime: time(at('10:26:30')) }))
  put(changedAgain(rig))
  put(sample('config-pending', 'apr-others', { requirements: { ...approvers, stages: [stageOf('security')] } }))
  put(sample('denied', 'apr-denied'))
  put(sample('approved-waiting', 'apr-waiting'))
  rig.outcome((voted) => {
    const ballot = rig.cast.at(-1)
    if (voted === undefined || ballot === undefined) return { kind: 'NotFound' }
    if (voted.status?.decision !== undefined && ballot.verdict !== 'Revoke') {
      return { kind: 'AlreadyDecided', request: voted }
    }
    const said = ballot.comment === '' ? {} : { comment: ballot.comment }
    const vote = noted('Alice Kim', ballot.verdict, { ...said, time: time(rig.clock.now()) })
    const votes = [...(voted.status?.votes ?? []), vote]
    const decided = {
      Approve: approvedStatus(),
      Deny: closedStatus('Denied', { decidedBy: 'Alice Kim' }),
      Pause: closedStatus('Denied', { decidedBy: 'Alice Kim' }),
      RequestChanges: closedStatus('ChangesRequested', { decidedBy: 'Alice Kim' }),
      Comment: {},
      Revoke: approvedStatus({ revoked: { by: 'Alice Kim', time: time(rig.clock.now()) } }),
    }[ballot.verdict]
    const now = { ...voted, status: { ...voted.status, ...decided, votes } }
    rig.requests.set(now.metadata.name, now)
    rig.feed.changed()
    return { kind: 'Counted', vote, request: now }
  })
  return rig
}

/** A change that was sent back the day before, and comes again with what was asked for. */
function changedAgain(rig: TabRig): ApprovalRequest {
  const now = sample('change-pending', 'apr-change', { requirements: approvers })
  const [action] = now.spec.actions
  if (action === undefined) throw new Error('a request has an action')
  const text = action.diff.text.replace('1.5.0', '1.5.0-rc1').replace('6', '12')
  const before: ApprovalRequest = {
    ...now,
    metadata: { ...now.metadata, name: 'apr-change-before', uid: 'uid-before' },
    spec: {
      ...now.spec,
      actions: [{ ...action, digest: `sha256:${'c'.repeat(64)}`, diff: { ...action.diff, text } }],
    },
    status: closedStatus('ChangesRequested', {
      decidedBy: 'Dana Roe',
      votes: [noted('Dana Roe', 'RequestChanges', { comment: 'no release candidates, and at most 6 replicas' })],
    }),
  }
  rig.requests.set(before.metadata.name, before)
  const similar = [{ name: 'apr-change-before', uid: 'uid-before', summary: before.spec.summary }]
  return { ...now, status: { ...now.status, context: { ...now.status?.context, similar } } }
}

/** A change of very many lines. */
export function longRequest(lines: number): ApprovalRequest {
  const text = ['@ data["app.yaml"]', ...Array.from({ length: lines }, (_, index) => `+ line ${index}: value`)].join(
    '\n',
  )
  const one = request({ name: 'apr-long' })
  const [action] = one.spec.actions
  if (action === undefined) throw new Error('a request has an action')
  return {
    ...one,
    metadata: { ...one.metadata, uid: requestUID },
    spec: { ...one.spec, actions: [{ ...action, diff: { text, totalLines: lines + 1, truncated: false } }] },
  }
}
