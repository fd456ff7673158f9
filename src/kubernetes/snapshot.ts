import type { Watched } from '../app/memory.ts'
import type { AgentIdentity, ApprovalPolicy, ApprovalRequest, ApproverGroup } from '../domain/kinds.ts'
import type { Labels } from '../domain/selector.ts'
import type { Change } from './change.ts'
import { agentIdentities, approvalPolicies, approvalRequests, approverGroups, namespaces } from './kinds.ts'
import { makeReflector, reflectorLimits } from './reflector.ts'
import type { Interest, Reflector, ReflectorPorts } from './reflector.ts'
import type { KubernetesObject } from './resource.ts'
import { makeUndecided } from './undecided.ts'
import type { Undecided } from './undecided.ts'

export type SnapshotPorts = Pick<ReflectorPorts<unknown>, 'transport' | 'timers' | 'random'> & {
  /** The records namespace. */
  readonly namespace: string
  /** A list or watch of this resource failed; it is tried again. */
  readonly failed: (resource: string, error: unknown) => void
}

type Watch = {
  readonly resource: string
  readonly synced: boolean
  readonly silentMs: number
  /** Answers rest on it. Of requests they rest on a live read in the end, so that their watch may be behind. */
  readonly matters: boolean
}

/** What the webhook knows without asking, kept by watches. */
export type Snapshot = Watched & {
  readonly start: () => void
  readonly stop: () => Promise<void>
  readonly watches: () => readonly Watch[]
  /** A request as it was just made or read, ahead of the watch. */
  readonly seen: (request: ApprovalRequest) => void
  readonly undecidedCount: () => number
  /** The uid of the namespace kube-system, which stands for the cluster; undefined until the namespaces are known. */
  readonly clusterUID: () => string | undefined
}

export function makeSnapshot(ports: SnapshotPorts): Snapshot {
  const { namespace } = ports
  let policyEpoch = 0
  const undecided = makeUndecided()
  const raise = (): void => {
    policyEpoch += 1
  }
  const requests = watchRequests(ports, undecided)
  const known = watchKnown(ports, raise)
  const all = { ...known, approvalrequests: requests }
  return {
    policies: () => known.approvalpolicies.cache.values(),
    groups: () => known.approvergroups.cache.values(),
    identity: (name) => known.agentidentities.cache.get(`${namespace}/${name}`),
    namespaceLabels: (name) => known.namespaces.cache.get(name)?.labels,
    undecided: undecided.values,
    request: undecided.get,
    decided: undecided.decided,
    seen: undecided.seen,
    undecidedCount: undecided.size,
    silentMs: () => Math.max(...Object.values(known).map((one) => one.silentMs())),
    policyEpoch: () => policyEpoch,
    clusterUID: () => known.namespaces.cache.get('kube-system')?.uid,
    start: () => Object.values(all).forEach((one) => one.start()),
    stop: async () => {
      await Promise.all(Object.values(all).map((one) => one.stop()))
    },
    watches: () =>
      Object.entries(all).map(([resource, one]) => ({
        resource,
        synced: one.synced(),
        silentMs: one.silentMs(),
        matters: resource in known,
      })),
  }
}

type Namespace = { readonly uid: string; readonly labels: Labels }

/** What an answer rests on. An answer from a memory that has heard nothing for long is none. */
type Known = {
  readonly approvalpolicies: Reflector<ApprovalPolicy>
  readonly approvergroups: Reflector<ApproverGroup>
  readonly agentidentities: Reflector<AgentIdentity>
  readonly namespaces: Reflector<Namespace>
}

function watchKnown(ports: SnapshotPorts, raise: () => void): Known {
  const { namespace } = ports
  return {
    approvalpolicies: reflect(ports, { resource: approvalPolicies, trim: (policy) => policy }, (change) => {
      if (change.type !== 'Updated' || isAnotherSpec(change.object, change.previous)) raise()
    }),
    approvergroups: reflect(ports, { resource: approverGroups, trim: (group) => group }, raise),
    agentidentities: reflect(ports, { resource: agentIdentities, namespace, trim: (identity) => identity }),
    namespaces: reflect(ports, {
      resource: namespaces,
      trim: ({ metadata }) => ({ uid: metadata.uid, labels: metadata.labels ?? {} }),
    }),
  }
}

function isAnotherSpec(after: ApprovalPolicy, before: ApprovalPolicy): boolean {
  return after.metadata.generation !== before.metadata.generation
}

function watchRequests(ports: SnapshotPorts, undecided: Undecided): Reflector<ApprovalRequest> {
  const interest: Interest<ApprovalRequest, ApprovalRequest> = {
    resource: approvalRequests,
    namespace: ports.namespace,
    whileKept: {
      listSelector: { fieldSelector: 'status.decision=' },
      keep: ({ status }) => status?.decision === undefined,
    },
    trim: (request) => request,
  }
  return reflect(ports, interest, undecided.changed)
}

function reflect<K extends KubernetesObject, T>(
  ports: SnapshotPorts,
  interest: Interest<K, T>,
  handle: (change: Change<T>) => void = () => undefined,
): Reflector<T> {
  const failed = (error: unknown): void => ports.failed(interest.resource.plural, error)
  return makeReflector<K, T>({ ...ports, handle, handleFailed: failed, failed, limits: reflectorLimits }, interest)
}
