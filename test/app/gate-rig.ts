import { makeHoldSlots } from '../../src/app/hold-slots.ts'
import { makeOpenings } from '../../src/app/openings.ts'
import { admit } from '../../src/app/admit.ts'
import type { AdmitPorts, CallerFacts, KnownAgent } from '../../src/app/admit-ports.ts'
import type { Answer } from '../../src/app/answer.ts'
import type { ClaimOutcome, GrantRef, RequestDraft } from '../../src/app/ports.ts'
import { approversOf } from '../../src/domain/approvers.ts'
import { decisionStatus } from '../../src/domain/decision-status.ts'
import { readDecisionRecord } from '../../src/domain/decision-record.ts'
import type { DigestContext } from '../../src/domain/digest.ts'
import { decisionRecord } from '../../src/domain/evidence.ts'
import type { ApprovalRequest, ApproverGroup, Claim, Verdict } from '../../src/domain/kinds.ts'
import { fromMasked } from '../../src/domain/mask.ts'
import { indexPolicies } from '../../src/domain/policy.ts'
import type { Policy } from '../../src/domain/policy.ts'
import { timestamp } from '../../src/domain/request.ts'
import { excerpt, printView } from '../../src/text/diff.ts'
import { agentUser, digestContext, now, readText, reviewText } from '../make.ts'
import type { Request } from '../make.ts'
import { vote } from '../make-request.ts'

export const noFacts: CallerFacts = { groups: [], pod: undefined, credentialID: 'JTI=1' }

const bot: KnownAgent = {
  name: 'agents/bot',
  label: 'agents.bot',
  identity: { name: 'agents.bot', uid: 'identity-1' },
  paused: undefined,
  owner: undefined,
  onBehalfOf: undefined,
  wait: {},
  justification: undefined,
}

export type RigOptions = {
  readonly policies?: readonly Policy[]
  readonly groups?: readonly ApproverGroup[]
  readonly agent?: Partial<KnownAgent>
  readonly staleMs?: number
  readonly mayCall?: boolean
  /** The live uid of whatever an action works on. */
  readonly liveUID?: string
}

/**
 * The webhook's use case with a store in memory, a clock that stands still until it is moved, and a person who decides.
 * Holds end when `endHolds` is called, decisions wake whoever holds.
 */
export function makeRig(options: RigOptions = {}) {
  const requests = new Map<string, ApprovalRequest>()
  const waiting = new Set<() => void>()
  let clock = now
  let uid = 0
  let holds: AbortController[] = []
  let epoch = 1
  let deaf = false
  let contexts: readonly [DigestContext, ...DigestContext[]] = [digestContext]
  const alarms: string[] = []

  const store = (request: ApprovalRequest): void => {
    requests.set(request.metadata.name, request)
    if (!deaf) for (const wake of waiting) wake()
  }

  const decided = (ref: { readonly name: string }, until: AbortSignal): Promise<ApprovalRequest | undefined> =>
    new Promise((resolve) => {
      const look = (): void => {
        const request = requests.get(ref.name)
        const done = !deaf && request?.status?.decision !== undefined
        if (!done && !until.aborted) return
        waiting.delete(look)
        resolve(done ? request : undefined)
      }
      waiting.add(look)
      until.addEventListener('abort', look)
      look()
    })

  const chain = (first: string): readonly ApprovalRequest[] =>
    [...requests.values()].filter(({ metadata }) => metadata.name === first || metadata.name.startsWith(`${first}-`))

  const ports: AdmitPorts = {
    memory: {
      policies: () => indexPolicies(options.policies ?? []),
      approvers: () => approversOf(options.groups ?? [], () => new Set()),
      epoch: () => String(epoch),
      agent: () => ({ ...bot, ...options.agent }),
      circumstances: () => ({ accountLabels: {}, accountNamespaceLabels: {}, namespaceLabels: {} }),
      newest: (digest) => [...requests.values()].findLast(({ spec }) => spec.actions[0]?.digest === digest),
      undecidedOf: () => [...requests.values()].filter(({ status }) => status?.decision === undefined),
      decided,
      staleMs: () => options.staleMs ?? 0,
    },
    requests: {
      open: (draft: RequestDraft) => {
        const there = requests.get(draft.name)
        const made: ApprovalRequest = {
          apiVersion: 'countersign.dev/v1alpha1',
          kind: 'ApprovalRequest',
          metadata: {
            name: draft.name,
            namespace: 'countersign-system',
            uid: `uid-${(uid += 1)}`,
            creationTimestamp: timestamp(clock),
            labels: draft.labels ?? {},
          },
          spec: draft.spec,
        }
        if (there === undefined) store(made)
        return Promise.resolve({ request: there ?? made, date: undefined })
      },
      latest: ({ digest }) => {
        const request = [...requests.values()].findLast(({ spec }) => spec.actions[0]?.digest === digest)
        return Promise.resolve(request === undefined ? undefined : { request, date: undefined })
      },
      claim: (grant: GrantRef, claim: Claim): Promise<ClaimOutcome> => {
        const request = requests.get(grant.name)
        const stored = request?.status?.grant
        if (request === undefined || stored === undefined) return Promise.resolve({ outcome: 'Lost', live: undefined })
        const seen = JSON.stringify(stored.claims) === JSON.stringify(grant.claims)
        if (!seen) return Promise.resolve({ outcome: 'Lost', live: { request, date: undefined } })
        const status = { ...request.status, grant: { ...stored, claims: [...stored.claims, claim] } }
        const claimed = { ...request, status }
        store(claimed)
        return Promise.resolve({ outcome: 'Claimed', request: claimed, date: undefined, tries: 1 })
      },
    },
    targets: { liveUID: () => Promise.resolve(options.liveUID), live: () => Promise.resolve('NotAllowed') },
    records: {
      verified: ({ status }) => Promise.resolve(status?.record && readDecisionRecord(status.record.payload)),
    },
    diffs: {
      store: (view) => {
        const diff = printView(view)
        return Promise.resolve(
          fromMasked(excerpt(diff, 4096), ({ text, truncated }) => ({ text, truncated, totalLines: diff.totalLines })),
        )
      },
    },
    slots: makeHoldSlots({ total: 12, perAgent: 2 }),
    draining: () => false,
    openings: makeOpenings(),
    checkTarget: () => Promise.resolve('Unchecked'),
    measure: () => undefined,
    alarm: (alarm, request) => void alarms.push(`${alarm} ${request}`),
    digestContexts: () => contexts,
    mayCall: () => options.mayCall ?? true,
    elapsed: () => clock,
    within: (_milliseconds, gone) => gone,
    now: () => clock,
    timeout: () => {
      const hold = new AbortController()
      holds.push(hold)
      return hold.signal
    },
    settings: {
      namespace: 'countersign-system',
      cluster: { uid: digestContext.cluster, name: 'prod-eu1' },
      holdMs: 20_000,
      patienceMs: 45_000,
      marginMs: 3_000,
      staleMs: 90_000,
      mostPending: 3,
      leaseMs: 45_000,
    },
  }

  let calls = 0
  /** The agent sends a command; each sending is a call of its own. */
  function send(
    changes: Request = {},
    more: { readonly gone?: AbortSignal; readonly leftMs?: number } = {},
  ): Answer | Promise<Answer> {
    const { action, dryRun } = readText(reviewText({ userInfo: agentUser, ...changes }))
    const gone = more.gone ?? new AbortController().signal
    return admit(ports, {
      uid: `call-${(calls += 1)}`,
      action,
      caller: noFacts,
      dryRun,
      deadline: clock + (more.leftMs ?? 30_000),
      gone,
    })
  }

  /** A person decides the newest undecided request, with a record that is signed as far as this rig goes. */
  function decide(verdict: Verdict, comment?: string): void {
    const request = [...requests.values()].findLast(({ status }) => status?.decision === undefined)
    if (request === undefined) throw new Error('nothing waits for a person')
    const decision = ({ Approve: 'Approved', Deny: 'Denied', RequestChanges: 'ChangesRequested' } as const)[
      verdict as 'Approve'
    ]
    const votes = [vote(verdict, comment === undefined ? {} : { comment })]
    const standing = { judged: votes.map((one) => ({ vote: one, refusal: undefined })), stages: [] }
    const { comment: said, ...status } = decisionStatus(
      request,
      { ...standing, outcome: { decision, basis: 'Votes', votes } },
      { decision: { decision, basis: 'Votes', votes }, now: clock },
    )
    const grantExpirationTime = status.grant?.expirationTime
    const payload = decisionRecord({ ...status, request, comment: said, grantExpirationTime, votes })
    const record = { keyID: 'e-1', protected: 'e30', payload, signature: 'c2ln' }
    store({ ...request, status: JSON.parse(JSON.stringify({ ...status, record })) })
  }

  return {
    send,
    decide,
    ports,
    requests: () => [...requests.values()],
    chain,
    change: (request: ApprovalRequest) => store(request),
    /** Every hold that goes on now runs out. */
    endHolds: () => {
      for (const hold of holds) hold.abort()
      holds = []
    },
    pass: (milliseconds: number) => {
      clock += milliseconds
    },
    policiesChanged: () => {
      epoch += 1
    },
    held: () => ports.slots.taken(),
    /** The watch tells nothing from now on. */
    deafen: () => {
      deaf = true
    },
    /** Another key is the current one. */
    rotate: () => {
      contexts = [{ ...digestContext, key: { id: 'next', secret: new Uint8Array(32).fill(9) } }, ...contexts]
    },
    alarms,
  }
}
