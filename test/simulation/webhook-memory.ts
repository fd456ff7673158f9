import { makeMemory } from '../../src/app/memory.ts'
import type { Memory } from '../../src/app/admit-ports.ts'
import { preparePolicy } from '../../src/app/prepare-policy.ts'
import type { AgentIdentity, ApprovalPolicy, ApprovalRequest } from '../../src/domain/kinds.ts'
import { makeUndecided } from '../../src/kubernetes/undecided.ts'
import type { Undecided } from '../../src/kubernetes/undecided.ts'
import type { FakeObject } from '../fake/api-server-objects.ts'
import { group, member } from '../make-request.ts'
import { asRequest, requestsCollection } from './records-server.ts'
import type { RecordsServer } from './records-server.ts'
import { watchLate } from './stale-view.ts'
import type { Stage } from './stage.ts'

export const policiesCollection = '/apis/countersign.dev/v1alpha1/approvalpolicies'
export const people: readonly string[] = ['alice', 'bob', 'carol']
export const approvers = group('approvers', { people: people.map((name) => member(name, ['kubernetes'])) })

/** What a replica knows without asking: the real memory over watches that lag. */
export type WatchedMemory = {
  readonly memory: Memory
  readonly undecided: Undecided
  /** It has not heard all yet that has happened. */
  readonly lagging: () => boolean
  readonly stop: () => void
}

/** The two agents of a run, as the operator has written of them: nobody is asked for an agent that it does not know yet. */
const identities: readonly AgentIdentity[] = ['bot', 'other'].map((name) => ({
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'AgentIdentity',
  metadata: { name: `agents.${name}`, uid: `uid-of-${name}`, resourceVersion: '1' },
  spec: { subject: { serviceAccount: { namespace: 'agents', name } } },
  status: { subjectLabels: {} },
}))

/** `empty`: it knows no request at its start, and learns of those there are later. */
export function watchMemory(
  { stage, server }: { readonly stage: Stage; readonly server: RecordsServer },
  empty: boolean,
): WatchedMemory {
  const undecided = makeUndecided()
  const policies = new Map<string, ApprovalPolicy>()
  let policyEpoch = 0
  const requests = watchLate({ stage, server }, { collection: requestsCollection, late: empty }, ({ type, object }) =>
    tellOf(undecided, asRequest(object), type),
  )
  const known = watchLate({ stage, server }, { collection: policiesCollection, late: false }, ({ type, object }) => {
    policyEpoch += 1
    if (type === 'DELETED') policies.delete(object.metadata.name)
    else policies.set(object.metadata.name, asPolicy(object))
  })
  const memory = makeMemory(
    {
      policies: () => policies.values(),
      groups: () => [approvers],
      identity: (name) => identities.find(({ metadata }) => metadata.name === name),
      namespaceLabels: () => ({}),
      undecided: undecided.values,
      request: undecided.get,
      decided: undecided.decided,
      silentMs: known.silentMs,
      policyEpoch: () => policyEpoch,
    },
    preparePolicy,
  )
  const stop = (): void => {
    requests.stop()
    known.stop()
  }
  return { memory, undecided, lagging: () => requests.silentMs() > 0 || known.silentMs() > 0, stop }
}

/** As the reflector of the undecided tells: what is decided leaves, and is told of once. */
function tellOf(undecided: Undecided, request: ApprovalRequest, type: 'ADDED' | 'MODIFIED' | 'DELETED'): void {
  const key = request.metadata.name
  const previous = undecided.get(key)
  if (type === 'DELETED') return undecided.changed({ type: 'Deleted', key, object: request })
  if (request.status?.decision === undefined) return undecided.changed({ type: 'Added', key, object: request })
  if (type === 'MODIFIED') undecided.changed({ type: 'Left', key, object: request, previous: previous ?? request })
}

function asPolicy(object: FakeObject): ApprovalPolicy {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- stored by this run
  return object as unknown as ApprovalPolicy
}
