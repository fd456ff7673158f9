import type { AgentsFlowSchema, AgentsRoleBinding, WebhookConfiguration } from '../app/gate-objects.ts'
import type {
  AgentIdentity,
  ApprovalChannel,
  ApprovalPolicy,
  ApprovalRequest,
  ApproverGroup,
  ApprovalVote,
} from '../domain/kinds.ts'
import type { KubernetesObject, Resource } from './resource.ts'

/** Where our kinds are served. */
export const approvalRequests: Resource<ApprovalRequest> = {
  group: 'countersign.dev',
  version: 'v1alpha1',
  plural: 'approvalrequests',
  kind: 'ApprovalRequest',
  namespaced: true,
  exact: true,
}

/** Cluster-scoped: which actions of which agents need a person. */
export const approvalPolicies: Resource<ApprovalPolicy> = {
  group: 'countersign.dev',
  version: 'v1alpha1',
  plural: 'approvalpolicies',
  kind: 'ApprovalPolicy',
  namespaced: false,
  exact: false,
}

/** Cluster-scoped: people. */
export const approverGroups: Resource<ApproverGroup> = {
  group: 'countersign.dev',
  version: 'v1alpha1',
  plural: 'approvergroups',
  kind: 'ApproverGroup',
  namespaced: false,
  exact: true,
}

/** Cluster-scoped: where people are asked. */
export const approvalChannels: Resource<ApprovalChannel> = {
  group: 'countersign.dev',
  version: 'v1alpha1',
  plural: 'approvalchannels',
  kind: 'ApprovalChannel',
  namespaced: false,
  exact: false,
}

export const agentIdentities: Resource<AgentIdentity> = {
  group: 'countersign.dev',
  version: 'v1alpha1',
  plural: 'agentidentities',
  kind: 'AgentIdentity',
  namespaced: true,
  exact: true,
}

export const namespaces: Resource<KubernetesObject> = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
  exact: false,
}

/** The values are base64. */
export type Secret = KubernetesObject & {
  readonly type?: string
  readonly data?: Readonly<Record<string, string>>
}

export const secrets: Resource<Secret> = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
  exact: false,
}

export type ConfigMap = KubernetesObject & {
  readonly immutable?: boolean
  readonly data?: Readonly<Record<string, string>>
}

export const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  exact: false,
}

export const approvalVotes: Resource<ApprovalVote> = {
  group: 'countersign.dev',
  version: 'v1alpha1',
  plural: 'approvalvotes',
  kind: 'ApprovalVote',
  namespaced: true,
  exact: true,
}

export const serviceAccounts: Resource<KubernetesObject> = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
  exact: false,
}

/** Whoever writes one says every field, so that the server adds none. */
export const webhookConfigurations: Resource<WebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
  exact: false,
}

export const roleBindings: Resource<AgentsRoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'rolebindings',
  kind: 'RoleBinding',
  namespaced: true,
  exact: false,
}

export const flowSchemas: Resource<AgentsFlowSchema> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  plural: 'flowschemas',
  kind: 'FlowSchema',
  namespaced: false,
  exact: false,
}
