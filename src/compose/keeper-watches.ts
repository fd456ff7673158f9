import { gatedAgents } from '../app/gated-agents.ts'
import type { GatedAgents } from '../app/gated-agents.ts'
import type { AgentsRoleBinding, WebhookConfiguration } from '../app/gate-objects.ts'
import { makeFreshReplicas } from '../app/fresh-replicas.ts'
import type { FreshReplicas } from '../app/fresh-replicas.ts'
import type { Tagged } from '../app/keep-identities.ts'
import { recordsNamespace, webhookConfigurationName } from '../config.ts'
import type { AgentIdentity, AgentSubject, ApprovalPolicy, ApproverGroup } from '../domain/kinds.ts'
import { componentLabel } from '../domain/replica.ts'
import {
  agentIdentities,
  approvalPolicies,
  approverGroups,
  namespaces,
  roleBindings,
  serviceAccounts,
  webhookConfigurations,
} from '../kubernetes/kinds.ts'
import { leases } from '../kubernetes/lease.ts'
import type { Lease } from '../kubernetes/lease.ts'
import type { Live } from '../kubernetes/live-object.ts'
import type { KubernetesObject } from '../kubernetes/resource.ts'
import type { ReadyCheck, Surroundings } from './component.ts'
import { needs } from './keeper-names.ts'
import type { KeeperName, Wake } from './keeper-names.ts'
import { readLease } from './replica-lease.ts'
import { makeWatchSet } from './watch-set.ts'
import type { WatchSet } from './watch-set.ts'

/** The name of the RoleBinding and of the FlowSchema whose subjects are the agents. */
export const agentsName = 'countersign-agents'

/** What the keepers know without asking. */
export type KeeperWatches = {
  readonly replicas: FreshReplicas
  readonly identities: () => Iterable<AgentIdentity>
  readonly gated: () => GatedAgents
  /** Labelled service accounts, and all namespaces. */
  readonly accounts: () => Iterable<Tagged>
  readonly namespaces: () => Iterable<Tagged>
  readonly namespace: (name: string) => Tagged | undefined
  readonly configuration: () => WebhookConfiguration | undefined
  readonly binding: () => AgentsRoleBinding | undefined
  readonly policies: () => Iterable<ApprovalPolicy>
  readonly isGroup: (name: string) => boolean
  /** Is it the name of a group, or of a person whom one lists? While that is not known, it is taken to be. */
  readonly isOwner: (name: string) => boolean
  /** Was all that a keeper goes by read at least once? */
  readonly knows: (keeper: KeeperName) => boolean
  /** All of it was read at least once. */
  readonly synced: () => boolean
  readonly checks: () => readonly ReadyCheck[]
  readonly silentSeconds: () => Readonly<Record<string, number>>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

/** `soon`: calls a moment later, once for all that happens until then: agents may come by the thousand. */
export function watchForKeepers(around: Surroundings, wake: Wake, soon: Wake): KeeperWatches {
  // Votes of agents do not count.
  const set = makeWatchSet(around, ['agentidentities'])
  return {
    ...watchAgents(set, wake, soon),
    ...watchWritten(set, wake),
    ...watchPolicies(set, wake),
    replicas: watchReplicas(around, set, wake),
    knows: (keeper) => set.synced(needs[keeper]),
    synced: () => set.synced(),
    checks: set.checks,
    silentSeconds: set.silentSeconds,
    start: set.start,
    stop: set.stop,
  }
}

/** What the keepers write for the agents, in case that others do. */
function watchWritten(set: WatchSet, wake: Wake): Pick<KeeperWatches, 'configuration' | 'binding'> {
  const configuration = set.watch<WebhookConfiguration, WebhookConfiguration>(
    'validatingwebhookconfigurations',
    { resource: webhookConfigurations, selector: named(webhookConfigurationName), trim: withoutManagers },
    () => wake('gate', 'certificates'),
  )
  const binding = set.watch<AgentsRoleBinding, AgentsRoleBinding>(
    'rolebindings',
    { resource: roleBindings, namespace: recordsNamespace, selector: named(agentsName), trim: withoutManagers },
    () => wake('role'),
  )
  return {
    configuration: () => configuration.cache.get(webhookConfigurationName),
    binding: () => binding.cache.get(`${recordsNamespace}/${agentsName}`),
  }
}

function watchPolicies(set: WatchSet, wake: Wake): Pick<KeeperWatches, 'policies' | 'isGroup' | 'isOwner'> {
  const policies = set.watch<ApprovalPolicy, ApprovalPolicy>(
    'approvalpolicies',
    { resource: approvalPolicies, trim: (policy) => policy },
    () => wake('policies'),
  )
  const groups = set.watch<ApproverGroup, readonly string[]>(
    'approvergroups',
    { resource: approverGroups, trim: ({ spec }) => (spec.people ?? []).map(({ name }) => name) },
    () => wake('policies', 'identities'),
  )
  const isGroup = (name: string): boolean => groups.cache.get(name) !== undefined
  const isPerson = (name: string): boolean => [...groups.cache.values()].some((people) => people.includes(name))
  return {
    policies: () => policies.cache.values(),
    isGroup,
    isOwner: (name) => !groups.synced() || isGroup(name) || isPerson(name),
  }
}

function watchReplicas(around: Surroundings, set: WatchSet, wake: Wake): FreshReplicas {
  const replicas = makeFreshReplicas({ now: around.now, elapsed: around.timers.elapsed })
  set.watch<Lease, Live<Lease>>(
    'leases',
    { resource: leases, namespace: recordsNamespace, selector: { labelSelector: componentLabel }, trim: (one) => one },
    ({ type, key, object }) => {
      const lease = type === 'Deleted' || type === 'Left' ? undefined : readLease(object)
      if (lease === undefined) replicas.gone(key)
      else if (replicas.seen(key, lease)) wake('keys', 'certificates', 'gate')
    },
  )
  return replicas
}

type AgentWatches = Pick<KeeperWatches, 'identities' | 'gated' | 'accounts' | 'namespaces' | 'namespace'>

function watchAgents(set: WatchSet, wake: Wake, soon: Wake): AgentWatches {
  let gated: GatedAgents | undefined
  const identities = set.watch<AgentIdentity, AgentIdentity>(
    'agentidentities',
    { resource: agentIdentities, namespace: recordsNamespace, trim: (identity) => identity },
    (change) => {
      wake('identities')
      if (change.type === 'Updated') return
      gated = undefined
      soon('gate', 'role', 'flow')
    },
  )
  const accounts = set.watch<KubernetesObject, Tagged>(
    'serviceaccounts',
    { resource: serviceAccounts, trim: accountOf },
    () => wake('identities'),
  )
  const homes = set.watch<KubernetesObject, Tagged>(
    'namespaces',
    { resource: namespaces, trim: ({ metadata }) => tagged({ namespace: metadata.name }, metadata) },
    () => wake('identities'),
  )
  return {
    identities: () => identities.cache.values(),
    gated: () => (gated ??= gatedAgents(identities.cache.values(), recordsNamespace)),
    accounts: () => accounts.cache.values(),
    namespaces: () => homes.cache.values(),
    namespace: (name) => homes.cache.get(name),
  }
}

function accountOf({ metadata }: Live<KubernetesObject>): Tagged {
  return tagged({ serviceAccount: { namespace: metadata.namespace ?? '', name: metadata.name } }, metadata)
}

function tagged(
  subject: AgentSubject,
  { uid, labels = {}, annotations = {} }: Live<KubernetesObject>['metadata'],
): Tagged {
  const ours = Object.entries(annotations).filter(([key]) => key.startsWith('countersign.dev/'))
  return { subject, uid, labels, annotations: Object.fromEntries(ours) }
}

function named(name: string): { readonly fieldSelector: string } {
  return { fieldSelector: `metadata.name=${name}` }
}

/** Whoever hands an object back without them leaves them as they are. */
function withoutManagers<T extends KubernetesObject>(object: Live<T>): T {
  const metadata = Object.entries(object.metadata).filter(([key]) => key !== 'managedFields')
  return { ...object, metadata: Object.fromEntries(metadata) }
}
