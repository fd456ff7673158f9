import type { Watched } from '../app/memory.ts'
import type { AgentIdentity, ApprovalPolicy, ApprovalRequest, ApproverGroup } from '../domain/kinds.ts'
import type { Labels } from '../domain/selector.ts'
import type { Change } from './change.ts'
import { agentIdentities, approvalPolicies, approvalRequests, approverGroups, namespaces } from './kinds.ts'
import { makeReflector, reflectorLimits } from './reflector.ts'
import type { Interest, Reflector, ReflectorPorts } from './reflector.ts'
import type { KubernetesObject } from './resource.ts'
import { makeUndecided } from './undecided.ts'

export type SnapshotPorts = Pick<ReflectorPorts<unknown>, 'transport' | 'timers' | 'random'> & {
  /** The records namespace. */
  readonly namespace: string
  /** A list or watch of this resource failed; it is tried again. */
  readonly failed: (resource: string, error: unknown) => void
}

export type Watch = { readonly resource: string; readonly synced: boolean; readonly silentMs: number }

/** What the webhook knows without asking, kept by watches. */
export type Snapshot = Watched & {
  readonly start: () => void
  readonly stop: () => Promise<void>
  readonly watches: () => readonly Watch[]
  /** A request that was just opened, ahead of the watch. */
  readonly opened: (request: ApprovalRequest) => void
  /** The uid of the namespace kube-system, which stands for the cluster; undefined until the namespaces are known. */
  readonly clusterUID: () => string | undefined
}

type Namespace = { readonly uid: string; readonly labels: Labels }

export function makeSnapshot(ports: SnapshotPorts): Snapshot {
  const { namespace } = ports
  let policyEpoch = 0
  const raise = (): void => {
    policyEpoch += 1
  }
  const undecided = makeUndecided()
  const policies = reflect<ApprovalPolicy, ApprovalPolicy>(
    ports,
    { resource: approvalPolicies, trim: (policy) => policy },
    (change) => {
      if (change.type !== 'Updated' || change.object.metadata.generation !== change.previous.metadata.generation) raise()
    },
  )
  const groups = reflect<ApproverGroup, ApproverGroup>(
    ports,
    { resource: approverGroups, trim: (group) => group },
    raise,
  )
  const identities = reflect<AgentIdentity, AgentIdentity>(ports, {
    resource: agentIdentities,
    namespace,
    trim: (identity) => identity,
  })
  const homes = reflect<KubernetesObject, Namespace>(ports, {
    resource: namespaces,
    trim: ({ metadata }) => ({ uid: metadata.uid, labels: metadata.labels ?? {} }),
  })
  const requests = reflect<ApprovalRequest, ApprovalRequest>(
    ports,
    {
      resource: approvalRequests,
      namespace,
      whileKept: {
        listSelector: { fieldSelector: 'status.decision=' },
        keep: ({ status }) => status?.decision === undefined,
      },
      trim: (request) => request,
    },
    undecided.changed,
  )
  const known = { policies, groups, identities, homes }
  const all = { ...known, requests }
  return {
    policies: () => policies.cache.values(),
    groups: () => groups.cache.values(),
    identity: (name) => identities.cache.get(`${namespace}/${name}`),
    namespaceLabels: (name) => homes.cache.get(name)?.labels,
    undecided: undecided.values,
    request: undecided.get,
    decided: undecided.decided,
    opened: undecided.opened,
    silentMs: () => Math.max(...Object.values(known).map((one) => one.silentMs())),
    policyEpoch: () => policyEpoch,
    clusterUID: () => homes.cache.get('kube-system')?.uid,
    start: () => {
      for (const one of Object.values(all)) one.start()
    },
    stop: async () => {
      await Promise.all(Object.values(all).map((one) => one.stop()))
    },
    watches: () => Object.entries(all).map(([name, one]) => watchOf(name, one)),
  }
}

const resourceNames: Readonly<Record<string, string>> = {
  policies: 'approvalpolicies',
  groups: 'approvergroups',
  identities: 'agentidentities',
  homes: 'namespaces',
  requests: 'approvalrequests',
}

function watchOf(name: string, { synced, silentMs }: Pick<Reflector<unknown>, 'synced' | 'silentMs'>): Watch {
  return { resource: resourceNames[name] ?? name, synced: synced(), silentMs: silentMs() }
}

function reflect<K extends KubernetesObject, T>(
  ports: SnapshotPorts,
  interest: Interest<K, T>,
  handle: (change: Change<T>) => void = () => undefined,
): Reflector<T> {
  const failed = (error: unknown): void => ports.failed(interest.resource.plural, error)
  return makeReflector<K, T>({ ...ports, handle, handleFailed: failed, failed, limits: reflectorLimits }, interest)
}
