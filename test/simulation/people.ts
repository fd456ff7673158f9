import { decisionRecord } from '../../src/domain/evidence.ts'
import { timestamp } from '../../src/domain/request.ts'
import type { ApprovalRequest, Verdict } from '../../src/domain/kinds.ts'
import { kubernetes, policy, resourceRule, vote } from '../make-request.ts'
import { asRequest, recordsNamespace, requestsCollection, votesCollection } from './records-server.ts'
import type { RecordsServer } from './records-server.ts'
import type { Stage } from './stage.ts'
import { people, policiesCollection } from './webhook-memory.ts'

/** In some runs people are of many minds; in most they let things go on, since a "no" ends the matter for ten minutes. */
function moodOf(stage: Stage): readonly Verdict[] {
  const approvals = Array.from({ length: stage.is(0.4) ? 8 : 60 }, () => 'Approve' as const)
  return [...approvals, 'Deny', 'RequestChanges', 'Revoke', 'Revoke', 'Comment']
}

/** People see what is opened and vote: at once, late, twice, against each other; when all is calm, they all approve. */
export function playPeople(stage: Stage, server: RecordsServer): void {
  const mood = moodOf(stage)
  server.objects.listen(({ collection, type, object }) => {
    if (collection !== requestsCollection || type !== 'ADDED') return
    const request = asRequest(object)
    stage.tell(`opened ${request.metadata.name.slice(-8)} ${request.spec.summary}`)
    if (stage.mishap(0.03)) void forge(stage, server, request)
    if (stage.calm()) void castLater(stage, server, { request, verdict: 'Approve', afterMs: stage.between(500, 4_000) })
    else castSome(stage, server, { request, mood })
  })
}

type Asked = { readonly request: ApprovalRequest; readonly mood: readonly Verdict[] }

function castSome(stage: Stage, server: RecordsServer, { request, mood }: Asked): void {
  if (stage.is(0.15)) return
  const first = stage.between(200, stage.is(0.3) ? 200_000 : 40_000)
  const count = stage.between(1, 4)
  for (let index = 0; index < count; index += 1) {
    const afterMs = index === 0 ? first : first + stage.between(0, 40_000)
    void castLater(stage, server, { request, verdict: stage.pick(mood), afterMs })
  }
}

/** Somebody with power over admission writes an approval himself, with a record that nobody has signed. */
async function forge(stage: Stage, server: RecordsServer, { metadata, spec }: ApprovalRequest): Promise<void> {
  await stage.pause(0, 20_000)
  const key = { collection: requestsCollection, namespace: recordsNamespace, name: metadata.name }
  const there = asRequest(server.objects.get(key))
  if (there.status?.decision !== undefined) return
  const decided = { request: there, decision: 'Approved' as const, basis: 'Votes' as const, decidedBy: 'alice' }
  const moment = { decisionTime: timestamp(stage.clock.now()), comment: undefined, votes: [vote('Approve')] }
  const grantExpirationTime = timestamp(stage.clock.now() + spec.grantSeconds * 1000)
  const payload = decisionRecord({ ...decided, ...moment, grantExpirationTime })
  const record = { keyID: 'e-1', protected: 'e30', payload, signature: forgedSignature }
  const grant = { expirationTime: grantExpirationTime, claims: [], rearmed: 0 }
  const { decisionTime } = moment
  const status = { ...there.status, decision: 'Approved', basis: 'Votes', decisionTime, record, grant }
  stage.tell(`forged ${metadata.name.slice(-8)}`)
  server.objects.replace(key, { status }, { part: 'status' })
}

export const forgedSignature = 'c2ln'

/** Whatever is still open once all is calm is approved by people who can agree. */
export function approveAll(stage: Stage, server: RecordsServer): void {
  for (const object of server.objects.all(requestsCollection)) {
    const request = asRequest(object)
    if (request.status?.decision !== undefined) continue
    void castLater(stage, server, { request, verdict: 'Approve', afterMs: stage.between(500, 4_000) })
  }
}

type Casting = { readonly request: ApprovalRequest; readonly verdict: Verdict; readonly afterMs: number }

async function castLater(stage: Stage, server: RecordsServer, { request, verdict, afterMs }: Casting): Promise<void> {
  await stage.clock.sleep(afterMs)
  const { name, uid = '' } = request.metadata
  const voter = kubernetes(stage.pick(people))
  stage.tell(`vote ${verdict} on ${name.slice(-8)} by ${voter.username ?? ''}`)
  const votes = server.objects.all(votesCollection).length
  server.objects.create(
    { collection: votesCollection, namespace: recordsNamespace },
    {
      apiVersion: 'countersign.dev/v1alpha1',
      kind: 'ApprovalVote',
      metadata: { name: `apv-${String(votes).padStart(4, '0')}`, labels: { 'countersign.dev/request': name } },
      spec: {
        requestRef: { name, uid },
        digest: request.spec.actions[0]?.digest,
        verdict,
        comment: 'because',
        voter,
      },
    },
  )
}

const everything = resourceRule({ apiGroups: ['', 'apps'], resources: ['*', '*/*'] })
const denied = [resourceRule()]

/** One policy that asks for all writes; now and then it says something else, and for a while another one denies. */
export async function playPolicies(stage: Stage, server: RecordsServer): Promise<void> {
  const spec = () => {
    const approval = { expirationSeconds: stage.between(90, 300) }
    return policy('writes', {
      matchConstraints: { resourceRules: [everything] },
      grantSeconds: stage.is(0.5) ? stage.between(60, 150) : stage.between(300, 900),
      approval,
    }).spec
  }
  const where = { collection: policiesCollection, namespace: '' }
  const key = { ...where, name: 'writes' }
  const draft = () => ({ apiVersion: 'countersign.dev/v1alpha1', kind: 'ApprovalPolicy', spec: spec() })
  server.objects.create(where, { ...draft(), metadata: { name: 'writes' } })
  while (!stage.calm()) {
    await stage.pause(60_000, 400_000)
    if (stage.calm()) return
    if (stage.is(0.6)) server.objects.replace(key, { ...draft(), metadata: { name: 'writes' } })
    else await denyForAWhile(stage, server)
    stage.tell('a policy changes')
  }
}

async function denyForAWhile(stage: Stage, server: RecordsServer): Promise<void> {
  const where = { collection: policiesCollection, namespace: '' }
  const { spec } = policy('deny', { matchConstraints: { resourceRules: denied }, effect: 'Deny' })
  server.objects.create(where, { apiVersion: 'v1', kind: 'ApprovalPolicy', metadata: { name: 'deny' }, spec })
  stage.tell('a policy denies')
  await stage.pause(5_000, 60_000)
  server.objects.delete({ ...where, name: 'deny' })
}
