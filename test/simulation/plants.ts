import type { AdmitPorts } from '../../src/app/admit-ports.ts'
import type { Call } from '../../src/app/gated-call.ts'
import type { LiveRequest } from '../../src/app/ports.ts'
import { readDecisionRecord } from '../../src/domain/decision-record.ts'
import { openNameBase } from '../../src/domain/generated-name.ts'
import { replaceAt } from '../../src/domain/json.ts'
import { ofRecords } from '../../src/domain/record.ts'
import { approvalRequests } from '../../src/kubernetes/kinds.ts'
import type { Wrong } from './ledger.ts'
import { sound } from './plant.ts'
import type { Plant } from './plant.ts'
import { recordsNamespace } from './records-server.ts'

/** A fault, and the rule that a run with it breaks sooner or later. */
export type Planted = readonly [fault: string, breaks: Wrong, plant: Partial<Plant>]

export function plantOf([, , plant]: Planted): Plant {
  return { ...sound, ...plant }
}

function unverified(ports: AdmitPorts): AdmitPorts {
  const verified: AdmitPorts['records']['verified'] = ({ status }) =>
    Promise.resolve(status?.record && readDecisionRecord(status.record.payload))
  return { ...ports, records: { verified } }
}

function claimedAnyway(ports: AdmitPorts): AdmitPorts {
  const claim: AdmitPorts['requests']['claim'] = async (...asked) => {
    const claimed = await ports.requests.claim(...asked)
    const live = claimed.outcome === 'Lost' ? claimed.live : undefined
    return live === undefined ? claimed : { ...live, outcome: 'Claimed', tries: 1 }
  }
  return { ...ports, requests: { ...ports.requests, claim } }
}

function claimedLater(ports: AdmitPorts): AdmitPorts {
  let seen: LiveRequest | undefined
  const verified: AdmitPorts['records']['verified'] = (request) => {
    seen = { request, date: undefined }
    return ports.records.verified(request)
  }
  const claim: AdmitPorts['requests']['claim'] = (...asked) => {
    const claimed = ports.requests.claim(...asked)
    claimed.catch(() => undefined)
    return seen === undefined ? claimed : Promise.resolve({ ...seen, outcome: 'Claimed', tries: 1 })
  }
  return { ...ports, records: { verified }, requests: { ...ports.requests, claim } }
}

type Applies = (call: Call, ports: AdmitPorts) => boolean | Promise<boolean>

const isUpdate: Applies = ({ action }) => action.operation === 'Update'
const isExec: Applies = ({ action }) => action.operation === 'Connect'
const isGenerated: Applies = ({ action }) => openNameBase(action) !== undefined
const isThere: Applies = async ({ action, gone }, { targets }) =>
  action.operation === 'Create' && (await targets.liveUID(action, gone)) !== undefined

/** The last claim of what is read looks like that of the very call, which every claim covers. */
function repeats(applies: Applies): Plant['ports'] {
  return (ports, call) => {
    const latest: AdmitPorts['requests']['latest'] = async (...asked) => {
      const live = await ports.requests.latest(...asked)
      const { grant } = live?.request.status ?? {}
      const last = grant?.claims.at(-1)
      if (live === undefined || grant === undefined || last === undefined) return live
      if (!(await applies(call, ports))) return live
      const claims = [...grant.claims.slice(0, -1), { ...last, admissionUID: call.uid }]
      const { request } = live
      return { ...live, request: { ...request, status: { ...request.status, grant: { ...grant, claims } } } }
    }
    return { ...ports, requests: { ...ports.requests, latest } }
  }
}

const givesBackEarly: Plant['operator'] = (ports, { clock }) => ({
  ...ports,
  times: { leaseMs: 1, callMs: 0 },
  readTarget: async (target) => {
    const seen = await ports.readTarget(target)
    await clock.sleep(25_000)
    return seen
  },
})

const lettingDenied: Plant['admit'] = (real) => async (ports, call) => {
  const answer = await real(ports, call)
  const denied = answer.kind === 'Refuse' && answer.refusal.reason === 'ApprovalDenied'
  return denied ? { kind: 'Allow', warnings: [], annotations: answer.annotations } : answer
}

const withoutTarget: Plant['admit'] = (real) => (ports, call) => {
  const { oldObject } = call.action
  if (oldObject === undefined) return real(ports, call)
  const same = replaceAt(oldObject, ['metadata', 'uid'], () => 'the same')
  const action = { ...call.action, oldObject: same }
  return real({ ...ports, checkTarget: () => Promise.resolve('Unchecked') }, { ...call, action })
}

const decidesAgain: Plant['operator'] = (ports) => ({
  ...ports,
  requests: {
    ...ports.requests,
    decide: (seen, { decision, basis, decisionTime, record, grant }) => {
      const written: object = { decision, basis, decisionTime, record, ...(grant === undefined ? {} : { grant }) }
      return ports.requests.note(seen, ofRecords(written))
    },
  },
})

const neverDeciding: Plant['operator'] = (ports) => ({
  ...ports,
  requests: {
    ...ports.requests,
    decide: (seen, decided) =>
      seen.spec.actions[0]?.operation === 'Connect' ? Promise.resolve('Busy') : ports.requests.decide(seen, decided),
  },
})

const neverSettling: Plant['operator'] = (ports) => ({
  ...ports,
  requests: {
    ...ports.requests,
    note: (seen, note) =>
      seen.status?.decision === undefined ? ports.requests.note(seen, note) : Promise.resolve('Stored'),
  },
})

const claimsOver: Plant['ports'] = (ports, _call, { objects }) => {
  const claim: AdmitPorts['requests']['claim'] = async ({ name }, made) => {
    const operations = [{ op: 'replace' as const, path: '/status/grant/claims', value: [made] }]
    const ref = { namespace: recordsNamespace, name, subresource: 'status' }
    const stored = await objects.patch(approvalRequests, { ...ref, operations })
    if (typeof stored === 'string') return { outcome: 'Lost', live: undefined }
    return { outcome: 'Claimed', request: stored.object, date: stored.date, tries: 1 }
  }
  return { ...ports, requests: { ...ports.requests, claim } }
}

function throwing(ports: AdmitPorts): AdmitPorts {
  return {
    ...ports,
    measure: () => {
      throw new TypeError('a bug')
    },
  }
}

export const planted: readonly Planted[] = [
  ['records are read and not verified', 'NoClaim', { ports: unverified }],
  ['a claim that is lost is taken for one', 'SecondEffect', { ports: claimedAnyway }],
  ['yes is said before the claim is stored', 'NoClaim', { ports: claimedLater }],
  ['the webhook goes by its own clock alone', 'LateClaim', { ownClock: true, skewMs: () => -140_000 }],
  ['a repeat of an Update is let through whatever its guard', 'SecondEffect', { ports: repeats(isUpdate) }],
  ['a repeat of a generated name is let through', 'SecondEffect', { ports: repeats(isGenerated) }],
  ['a repeat of an exec is let through', 'SecondEffect', { ports: repeats(isExec) }],
  ['a repeat of a Create is let through while its object is there', 'SecondEffect', { ports: repeats(isThere) }],
  ['an approval is given back while the write is on its way', 'SecondEffect', { operator: givesBackEarly }],
  ['what was denied is let through', 'DeniedEffect', { admit: lettingDenied }],
  ['every target is taken for the same', 'OtherTarget', { admit: withoutTarget }],
  ['an operator decides what is decided', 'DecisionChanged', { operator: decidesAgain, rules: false }],
  ['a claim is written over the others', 'ClaimsChanged', { ports: claimsOver, rules: false }],
  ['a hold has no end', 'NoAnswer', { ports: (ports) => ({ ...ports, timeout: () => new AbortController().signal }) }],
  [
    'nobody counts what is open',
    'TooManyOpen',
    { ports: (ports) => ({ ...ports, openings: { begin: () => () => undefined } }) },
  ],
  ['a port has a bug', 'Unhandled', { ports: throwing }],
  ['an exec is never decided', 'Stuck', { operator: neverDeciding }],
  ['what became of an approval is never noted', 'Stuck', { operator: neverSettling }],
]
