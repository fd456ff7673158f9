import type { Action } from '../domain/action.ts'
import { approversOf } from '../domain/approvers.ts'
import type { Digest } from '../domain/digest.ts'
import { requestName } from '../domain/digest.ts'
import { inert } from '../domain/inert.ts'
import { parseInstant } from '../domain/instant.ts'
import type {
  AgentIdentity,
  ApprovalPolicy,
  ApprovalRequest,
  ApproverGroup,
  Justification,
  Pause,
} from '../domain/kinds.ts'
import { indexPolicies } from '../domain/policy.ts'
import type { Circumstances, Policy } from '../domain/policy.ts'
import { present } from '../domain/present.ts'
import type { Labels } from '../domain/selector.ts'
import type { PersonsWord } from '../domain/wording.ts'
import type { KnownAgent, Memory } from './admit-ports.ts'
import type { Ref } from './ports.ts'

/** The objects that the webhook watches, as they are now. */
export type Watched = {
  readonly policies: () => Iterable<ApprovalPolicy>
  readonly groups: () => Iterable<ApproverGroup>
  readonly identity: (name: string) => AgentIdentity | undefined
  readonly namespaceLabels: (name: string) => Labels | undefined
  readonly undecided: () => Iterable<ApprovalRequest>
  readonly request: (name: string) => ApprovalRequest | undefined
  readonly decided: (request: Ref, until: AbortSignal) => Promise<ApprovalRequest | undefined>
  readonly silentMs: () => number
  /** Raised at every change of a policy or a group. */
  readonly policyEpoch: () => number
}

/** Judges a policy object before it is used: the hash of what it says, and what is wrong with it. */
export type Prepare = (policy: ApprovalPolicy) => Policy

/** What the webhook knows without asking. Policies are prepared once for each epoch. */
export function makeMemory(watched: Watched, prepare: Prepare): Memory {
  let prepared = { epoch: -1, index: indexPolicies([]), approvers: approversOf([], () => new Set()) }

  function current(): typeof prepared {
    const epoch = watched.policyEpoch()
    if (epoch === prepared.epoch) return prepared
    const index = indexPolicies([...watched.policies()].map(prepare))
    prepared = { epoch, index, approvers: approversOf([...watched.groups()], () => new Set()) }
    return prepared
  }

  return {
    policies: () => current().index,
    approvers: () => current().approvers,
    epoch: (agent) => `${watched.policyEpoch()} ${watched.identity(agent)?.metadata.resourceVersion ?? ''}`,
    agent: (username) => knownAgent(username, watched.identity(identityName(username))),
    circumstances: (action) => circumstancesOf(watched, action),
    newest: (digest) => newestOf(watched, digest),
    undecidedOf: (label) => [...watched.undecided()].filter((request) => labelOf(request) === label),
    decided: watched.decided,
    staleMs: watched.silentMs,
  }
}

const prefix = 'system:serviceaccount:'

/** The name of the AgentIdentity of a service account: `agents.bot`. Others are named by a hash, which is not needed here. */
function identityName(username: string): string {
  return username.startsWith(prefix) ? username.slice(prefix.length).replace(':', '.') : username
}

function knownAgent(username: string, identity: AgentIdentity | undefined): KnownAgent {
  const name = username.startsWith(prefix) ? username.slice(prefix.length).replace(':', '/') : inert(username).text
  const known = identity === undefined ? nothingKnown : factsOf(identity)
  return { name, label: identityName(username), ...known }
}

type Facts = Omit<KnownAgent, 'name' | 'label'>

const nothingKnown: Facts = {
  identity: undefined,
  paused: undefined,
  owner: undefined,
  onBehalfOf: undefined,
  wait: {},
  justification: undefined,
}

function factsOf(identity: AgentIdentity): Facts {
  const { metadata, spec, status = {} } = identity
  return {
    identity: { name: metadata.name, uid: metadata.uid ?? '' },
    paused: spec.paused && pausedBy(spec.paused),
    owner: status.owner,
    onBehalfOf: status.onBehalfOf,
    wait: status.wait ?? {},
    justification: justificationOf(identity),
  }
}

function pausedBy({ by, time = '', reason }: Pause): PersonsWord {
  return { by, time: parseInstant(time) ?? 0, comment: reason }
}

/** What the agent says of itself, as its own claim. */
function justificationOf({ metadata }: AgentIdentity): Justification | undefined {
  const text = metadata.annotations?.['countersign.dev/reason']
  const ticket = metadata.annotations?.['countersign.dev/ticket']
  if (text === undefined && ticket === undefined) return undefined
  return present({
    source: 'AgentIdentity' as const,
    text: text === undefined ? undefined : inert(text).text.slice(0, 1024),
    ticket: ticket === undefined ? undefined : inert(ticket).text.slice(0, 256),
  })
}

function circumstancesOf(watched: Watched, { agent, namespace }: Action): Circumstances {
  const namespaceLabels = namespace === '' ? undefined : watched.namespaceLabels(namespace)
  if (!agent.username.startsWith(prefix)) {
    return { accountLabels: undefined, accountNamespaceLabels: undefined, namespaceLabels }
  }
  const home = agent.username.slice(prefix.length).replace(/:.*/, '')
  const status = watched.identity(identityName(agent.username))?.status
  return {
    accountLabels: status?.subjectLabels ?? {},
    accountNamespaceLabels: watched.namespaceLabels(home) ?? {},
    namespaceLabels,
  }
}

/** Attempts are named in a row; memory may know any part of it. */
function newestOf(watched: Watched, digest: Digest): ApprovalRequest | undefined {
  let newest = watched.request(requestName(digest))
  for (let number = 2; ; number += 1) {
    const next = watched.request(`${requestName(digest)}-${number}`)
    if (next === undefined) return newest
    newest = next
  }
}

function labelOf({ metadata }: ApprovalRequest): string | undefined {
  return metadata.labels?.['countersign.dev/agent']
}
