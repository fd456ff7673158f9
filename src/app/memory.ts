import type { Action } from '../domain/action.ts'
import { accountOf, agentLabel, agentLabelValue, agentSubjects, identityName } from '../domain/agent-name.ts'
import { approversOf } from '../domain/approvers.ts'
import type { Digest } from '../domain/digest.ts'
import { attemptName } from '../domain/digest.ts'
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
import type { Circumstances, KnownLabels, Policy } from '../domain/policy.ts'
import { present } from '../domain/present.ts'
import { isNamespaced } from '../domain/resource-rule.ts'
import type { Labels } from '../domain/selector.ts'
import type { PauseWord } from '../domain/wording.ts'
import type { CallerFacts, KnownAgent, Memory } from './admit-ports.ts'
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
    epoch: (username, caller) =>
      [watched.policyEpoch(), ...identitiesOf(watched, username, caller).map(versionOf)].join(' '),
    agent: (username, caller) => knownAgent(username, identitiesOf(watched, username, caller)),
    circumstances: (action) => circumstancesOf(watched, action),
    newest: (digest) => newestOf(watched, digest),
    undecidedOf: (label) => [...watched.undecided()].filter((request) => labelOf(request) === label),
    decided: watched.decided,
    staleMs: watched.silentMs,
  }
}

type Found = AgentIdentity | undefined

/** What there may be an identity of, the nearest first: the account and its namespace, or the user and his groups. */
function identitiesOf(watched: Watched, username: string, { groups }: CallerFacts): readonly Found[] {
  return agentSubjects(username, groups).map((subject) => watched.identity(identityName(subject)))
}

/** One that is deleted and made again is another one. */
function versionOf(identity: Found): string {
  return identity === undefined ? '-' : `${identity.metadata.uid ?? ''}/${identity.metadata.resourceVersion ?? ''}`
}

/**
 * The nearest identity tells of the agent; a pause of any of them holds. That of its namespace does not tell of a service
 * account: whom the account belongs to may stand on the account itself. Nor does one that the operator has just made.
 */
function knownAgent(username: string, identities: readonly Found[]): KnownAgent {
  const account = accountOf(username)
  const name = account === undefined ? inert(username).text : `${account.namespace}/${account.name}`
  const telling = account === undefined ? identities : identities.slice(0, 1)
  const nearest = telling.find((identity) => identity?.status !== undefined)
  const pause = identities.map((identity) => identity?.spec.paused).find((paused) => paused !== undefined)
  const known = nearest === undefined ? nothingKnown : factsOf(nearest)
  return { name, label: agentLabelValue(username), ...known, paused: pause && pausedBy(pause) }
}

type Facts = Omit<KnownAgent, 'name' | 'label' | 'paused'>

const nothingKnown: Facts = {
  identity: undefined,
  owner: undefined,
  onBehalfOf: undefined,
  wait: {},
  justification: undefined,
}

function factsOf(identity: AgentIdentity): Facts {
  const { metadata, status = {} } = identity
  return {
    identity: { name: metadata.name, uid: metadata.uid ?? '' },
    owner: status.owner,
    onBehalfOf: status.onBehalfOf,
    wait: status.wait ?? {},
    justification: justificationOf(identity),
  }
}

function pausedBy({ by, time = '', reason }: Pause): PauseWord {
  return { by, time: parseInstant(time), comment: reason }
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

function circumstancesOf(watched: Watched, action: Action): Circumstances {
  const account = accountOf(action.agent.username)
  const namespaceLabels = isNamespaced(action) ? watched.namespaceLabels(action.namespace) : undefined
  if (account === undefined) return { accountLabels: undefined, accountNamespaceLabels: undefined, namespaceLabels }
  const identity = watched.identity(identityName({ serviceAccount: account }))
  return {
    accountLabels: certain(identity?.status?.subjectLabels),
    accountNamespaceLabels: certain(watched.namespaceLabels(account.namespace)),
    namespaceLabels,
  }
}

/** What a service account certainly has, and memory may not have yet. */
function certain(labels: Labels | undefined): KnownLabels {
  return labels ?? 'Unknown'
}

/** Attempts are named in a row; memory may know any part of it. */
function newestOf(watched: Watched, digest: Digest): ApprovalRequest | undefined {
  let newest = watched.request(attemptName(digest, 1))
  for (let number = 2; ; number += 1) {
    const next = watched.request(attemptName(digest, number))
    if (next === undefined) return newest
    newest = next
  }
}

function labelOf({ metadata }: ApprovalRequest): string | undefined {
  return metadata.labels?.[agentLabel]
}
