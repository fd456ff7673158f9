import { decisionRecord } from '../domain/evidence.ts'
import { executedCondition, meaningOf } from '../domain/executed.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest, Condition, Grant, RequestedAction } from '../domain/kinds.ts'
import { sighting, targetOf } from '../domain/outcome.ts'
import type { Sighting } from '../domain/outcome.ts'
import { present } from '../domain/present.ts'
import { ofRecords } from '../domain/record.ts'
import { announcements } from './announce.ts'
import type { Happening } from './announce.ts'
import type { LoopPorts } from './loop-ports.ts'
import type { DecidedStatus, NoteOutcome, StatusNote } from './ports.ts'
import type { Effect } from './reconcile.ts'
import { requesterIdentities } from './requester-identities.ts'
import { contextOf } from './survey.ts'

type Deed<Do extends Effect['do']> = Extract<Effect, { readonly do: Do }>

/** Carries one effect out. Resolves to when to look again, if the watch will not tell. */
export function carryOut(ports: LoopPorts, request: ApprovalRequest, effect: Effect): Promise<Instant | undefined> {
  switch (effect.do) {
    case 'pause':
      return pause(ports, request, effect)
    case 'decide':
      return decide(ports, request, effect)
    case 'revoke':
      return revoke(ports, request, effect)
    case 'note':
      return note(ports, request, effect.note)
    case 'survey':
      return survey(ports, request)
    case 'look':
      return look(ports, request)
    case 'wake':
      return Promise.resolve(effect.time)
  }
}

/** What our memory did not know yet comes with the watch; this is for when it does not. */
const soonMs = 1_000
/** For as long as there is no key to sign with. */
const keyMs = 250
/** A write that the API server refuses for good is tried again in case that somebody mends what refuses it. */
const refusedMs = 30_000

async function decide(
  ports: LoopPorts,
  request: ApprovalRequest,
  effect: Deed<'decide'>,
): Promise<Instant | undefined> {
  const { comment, ...status } = effect.decided
  const { decision, basis, decisionTime, decidedBy, grant } = status
  const about = { request, decision, basis, decisionTime, decidedBy, comment, votes: effect.votes }
  const record = await ports.sign(decisionRecord({ ...about, grantExpirationTime: grant?.expirationTime }))
  if (record === undefined) return ports.now() + keyMs
  const decided: DecidedStatus = present({ ...status, record })
  const stored = await ports.requests.decide(request, ofRecords(decided))
  if (stored !== 'Stored') return retryTime(ports, request, stored)
  ports.evidence(JSON.stringify(record))
  const opened = parseInstant(request.metadata.creationTimestamp ?? '') ?? ports.now()
  const seconds = Math.max(0, ports.now() - opened) / 1000
  ports.measure({ fact: 'Decided', decision, basis, seconds })
  for (const { refusal } of decided.votes ?? []) ports.measure({ fact: 'VoteJudged', refusal })
  ports.log.info('Decided', { request: request.metadata.name, decision, basis })
  tell(ports, request, ['Decided', decided.conditions[0]])
  return undefined
}

async function note(ports: LoopPorts, request: ApprovalRequest, noted: StatusNote): Promise<Instant | undefined> {
  const stored = await ports.requests.note(request, ofRecords(noted))
  if (stored !== 'Stored') return retryTime(ports, request, stored)
  for (const { refusal } of noted.votes ?? []) ports.measure({ fact: 'VoteJudged', refusal })
  await tellNoted(ports, request, noted)
  return undefined
}

async function tellNoted(ports: LoopPorts, request: ApprovalRequest, { conditions = [] }: StatusNote): Promise<void> {
  for (const condition of conditions) {
    if (condition.type === 'Executed') tellOutcome(ports, request, condition)
    if (condition.type !== 'Decided') continue
    tell(ports, request, ['Requested', { reason: 'Requested', message: 'a person must decide' }])
    await linkEarlier(ports, request)
  }
}

const settled = { Executed: 'Executed', NotObserved: 'NotObserved', Unobservable: 'Unobservable' } as const

function tellOutcome(ports: LoopPorts, request: ApprovalRequest, condition: Condition): void {
  const outcome = Object.values(settled).find((one) => one === condition.reason)
  if (outcome !== undefined) ports.measure({ fact: 'Settled', outcome })
  if (condition.reason !== 'Released') tell(ports, request, ['Outcome', condition])
}

async function revoke(
  ports: LoopPorts,
  request: ApprovalRequest,
  effect: Deed<'revoke'>,
): Promise<Instant | undefined> {
  const stored = await ports.requests.revoke(request, effect.revoked, ofRecords(effect.note))
  if (stored !== 'Stored') return retryTime(ports, request, stored)
  ports.log.info('Revoked', { request: request.metadata.name })
  await tellNoted(ports, request, effect.note)
  return undefined
}

/** A pause that finds nobody to pause is an alarm; the denial that goes with it stands nevertheless. */
async function pause(ports: LoopPorts, request: ApprovalRequest, effect: Deed<'pause'>): Promise<Instant | undefined> {
  const paused = await ports.pause(requesterIdentities(request.spec.requester), effect.pause)
  const fields = { request: request.metadata.name, agent: request.spec.requester.agent }
  if (paused === 'Paused') ports.log.info('AgentPaused', fields)
  else alarm(ports, 'NobodyToPause', fields)
  return undefined
}

async function survey(ports: LoopPorts, request: ApprovalRequest): Promise<Instant | undefined> {
  const stored = await ports.requests.note(request, ofRecords({ context: await contextOf(ports, request) }))
  return stored === 'Stored' ? undefined : retryTime(ports, request, stored)
}

async function look(ports: LoopPorts, request: ApprovalRequest): Promise<Instant | undefined> {
  const [action] = request.spec.actions
  const grant = request.status?.grant
  if (action === undefined || grant === undefined) return undefined
  const seen = await seenAt(ports, action, grant)
  const now = ports.now()
  const meaning = meaningOf(request, seen, { times: ports.times, now: ports.earliest() })
  if ('lookTime' in meaning) return meaning.lookTime
  const noted = { conditions: [executedCondition(meaning.executed, now)] }
  return meaning.rearm ? giveBack(ports, request, noted) : note(ports, request, noted)
}

async function seenAt(ports: LoopPorts, action: RequestedAction, grant: Grant): Promise<Sighting> {
  const target = targetOf(action)
  if (target === undefined) return 'Unobservable'
  const key = action.digestKeyID === undefined ? undefined : ports.hmacKey(action.digestKeyID)
  return sighting({ action, grant, key }, await ports.readTarget(target))
}

async function giveBack(ports: LoopPorts, request: ApprovalRequest, noted: StatusNote): Promise<Instant | undefined> {
  const stored = await ports.requests.rearm(request, ofRecords(noted))
  if (stored !== 'Stored') return retryTime(ports, request, stored)
  ports.log.info('GivenBack', { request: request.metadata.name })
  await tellNoted(ports, request, noted)
  return undefined
}

type NotStored = Exclude<NoteOutcome, 'Stored'> | 'AlreadyDecided' | 'Changed'

function retryTime(ports: LoopPorts, request: ApprovalRequest, outcome: NotStored): Instant | undefined {
  const fields = { request: request.metadata.name }
  switch (outcome) {
    case 'NotFound':
      return undefined
    case 'AlreadyDecided':
    case 'Changed':
    case 'Busy':
      return ports.now() + soonMs
    case 'Invalid':
      alarm(ports, 'StatusRefused', fields)
      return ports.now() + refusedMs
  }
}

function alarm(ports: LoopPorts, name: string, fields: Parameters<LoopPorts['log']['info']>[1]): void {
  ports.measure({ fact: 'Alarm', alarm: name })
  ports.log.error(name, undefined, fields)
}

type Told = readonly [happening: Happening, said: Pick<Condition, 'reason' | 'message'> | undefined]

function tell(ports: LoopPorts, request: ApprovalRequest, [happening, said]: Told): void {
  if (said !== undefined) announcements(request, happening, said).forEach(ports.announce)
}

/** A hint on the attempt before, and on the first, from which others begin to look. */
async function linkEarlier(ports: LoopPorts, { metadata, spec }: ApprovalRequest): Promise<void> {
  const { previous } = spec.attempt
  if (previous === undefined) return
  const first = metadata.name.replace(/^(apr-[^-]+)-\d+$/, '$1')
  for (const name of new Set([previous.name, first])) {
    const earlier = await ports.read(name)
    if (earlier !== undefined) await ports.requests.note(earlier, ofRecords({ latestAttempt: metadata.name }))
  }
}
