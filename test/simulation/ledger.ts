import { parseInstant } from '../../src/domain/instant.ts'
import type { ApprovalRequest, Claim } from '../../src/domain/kinds.ts'
import { emptyBook, foundAmong } from './book.ts'
import type { Approval, Book } from './book.ts'
import type { Presented } from './commands.ts'
import type { Keys } from './keys.ts'
import { decisionOf, isPrefix, same } from './record-rules.ts'
import { asRequest, requestsCollection } from './records-server.ts'
import type { RecordsServer } from './records-server.ts'
import type { Stage } from './stage.ts'

/** What must never happen. */
export type Wrong =
  /** Something was let through without a stored claim under a signed approval of that very thing. */
  | 'NoClaim'
  /** Something was let through by a claim that was stored after the approval had ended, by the API server's clock. */
  | 'LateClaim'
  | 'SecondEffect'
  /** Something else was done than what was approved. */
  | 'OtherTarget'
  | 'DecisionChanged'
  | 'ClaimsChanged'
  /** Something was done of which somebody had said no, or taken his yes back. */
  | 'DeniedEffect'
  | 'NoAnswer'
  | 'TooManyOpen'
  | 'Unhandled'
  /** Something waits for ever. */
  | 'Stuck'

export type Violation = { readonly wrong: Wrong; readonly words: string }

/** Watches over the rules, from what is stored and what is done, never from what our own code says of itself. */
export type Ledger = {
  readonly violations: readonly Violation[]
  readonly report: (wrong: Wrong, words: string) => void
  /** A webhook has said yes to this call. `judged`: the uid of the request by which it did; undefined: it was none of ours. */
  readonly allowed: (call: { readonly uid: string; readonly judged: string | undefined }) => void
  /** The API server has done what was let through. `changed`: it is another object now. */
  readonly carriedOut: (uid: string, done: Presented, changed: boolean) => void
  readonly approvals: () => readonly Approval[]
}

/** A `Date` has whole seconds, and its answer has a way to go. */
const lateMs = 2_000

export function makeLedger(stage: Stage, server: RecordsServer, keys: Keys): Ledger {
  const violations: Violation[] = []
  const book = emptyBook()

  function report(wrong: Wrong, words: string): void {
    stage.tell(`!! ${wrong}: ${words}`)
    violations.push({ wrong, words })
  }

  server.objects.listen(({ collection, type, object, previous }) => {
    if (collection !== requestsCollection || type === 'DELETED') return
    const after = asRequest(object)
    const before = previous === undefined ? undefined : asRequest(previous)
    for (const [wrong, words] of changesOf(before, after)) report(wrong, `${after.metadata.name} ${words}`)
    const claims = after.status?.grant?.claims ?? []
    for (const claim of claims.slice(before?.status?.grant?.claims.length ?? 0)) claimed(after, claim)
    const approval = foundAmong(book, after)
    approval.request = after
  })

  function claimed(request: ApprovalRequest, claim: Claim): void {
    stage.tell(`claim ${request.metadata.name.slice(-8)} by ${claim.admissionUID.slice(-4)}`)
    const approval = foundAmong(book, request)
    book.claims.set(claim.admissionUID, approval)
    const record = keys.read(request.status)
    const fits = record?.decision === 'Approved' && record.digest === claim.digest
    const name = `${request.metadata.name} ${claim.admissionUID}`
    if (!fits || record.request.uid !== request.metadata.uid) report('NoClaim', `${name}: no signed approval of it`)
    if (request.status?.grant?.revoked !== undefined) report('NoClaim', `${name}: taken back`)
    const over = stage.clock.now() - (parseInstant(record?.grantExpirationTime ?? '') ?? 0)
    if (over > lateMs) book.late.add(claim.admissionUID)
  }

  return {
    violations,
    report,
    approvals: () => [...book.approvals.values()],
    allowed: ({ uid, judged }) => {
      const approval = judged === undefined ? undefined : book.approvals.get(judged)
      if (judged !== undefined && (approval?.request.status?.grant?.claims ?? []).length === 0) {
        report('NoClaim', `${uid} was let through, and no claim is stored`)
      }
      if (book.late.has(uid)) report('LateClaim', `${uid} was let through by a claim that came too late`)
      if (approval === undefined) return
      book.allowed.set(uid, approval)
      for (const [wrong, words] of allowedTwice(approval, uid)) report(wrong, words)
    },
    carriedOut: (uid, done, changed) => {
      const approval = book.allowed.get(uid)
      stage.tell(`done ${done.command.kind} ${done.name} by ${uid.slice(-4)}${changed ? '' : ', nothing new'}`)
      if (!changed) return
      if (approval === undefined) report('NoClaim', `${done.command.kind} by ${uid} without any approval`)
      else for (const [wrong, words] of effectFaults(book, approval, { uid, done, keys })) report(wrong, words)
    },
  }
}

type Fault = readonly [wrong: Wrong, words: string]

function changesOf(before: ApprovalRequest | undefined, after: ApprovalRequest): readonly Fault[] {
  const was = before?.status ?? {}
  const is = after.status ?? {}
  const faults: Fault[] = []
  if (was.decision !== undefined && !same(decisionOf(was), decisionOf(is))) faults.push(['DecisionChanged', ''])
  if (before !== undefined && !same(before.spec, after.spec)) faults.push(['DecisionChanged', 'what was asked'])
  if (!isPrefix(was.grant?.claims ?? [], is.grant?.claims ?? [])) faults.push(['ClaimsChanged', ''])
  return faults
}

/** What has an effect at every call may be let through once. */
function allowedTwice(approval: Approval, uid: string): readonly Fault[] {
  const action = approval.request.spec.actions[0]
  const once = action?.operation === 'Connect' || action?.generateName !== undefined
  approval.allowed.add(uid)
  return once && approval.allowed.size > 1
    ? [['SecondEffect', `let through twice: ${approval.request.spec.summary}`]]
    : []
}

type Effect = { readonly uid: string; readonly done: Presented; readonly keys: Keys }

function effectFaults(book: Book, approval: Approval, { uid, done, keys }: Effect): readonly Fault[] {
  const { metadata, spec, status } = approval.request
  const words = `${metadata.name} ${spec.summary} by ${uid}`
  const faults: Fault[] = []
  approval.effects.push(uid)
  if (approval.effects.length > 1) faults.push(['SecondEffect', words])
  if (keys.read(status)?.decision !== 'Approved') faults.push(['DeniedEffect', words])
  const no = (status?.votes ?? []).some(({ counted, verdict }) => counted && ['Deny', 'Revoke'].includes(verdict))
  if (no || status?.grant?.revoked !== undefined) faults.push(['DeniedEffect', `${words}: somebody said no`])
  if (!isWhatWasApproved(approval.request, done)) faults.push(['OtherTarget', words])
  if (![...book.claims.values()].includes(approval)) faults.push(['NoClaim', words])
  return faults
}

/** By the words of the signed record's own request: who, what, on which object. */
function isWhatWasApproved({ spec }: ApprovalRequest, { command, operation, name, old }: Presented): boolean {
  const [action] = spec.actions
  const named = action?.generateName === undefined ? action?.name === name : name.startsWith(action.generateName)
  return (
    named &&
    action?.operation.toUpperCase() === operation &&
    spec.requester.username === command.username &&
    action.resource.resource === command.resource &&
    (old === undefined || action.targetUID === old.metadata.uid)
  )
}
