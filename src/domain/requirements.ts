import { createHash } from 'node:crypto'
import { canonical } from './canonical.ts'
import type {
  ApprovalPolicySpec,
  Assurance,
  CommentRule,
  InteractiveRule,
  JustificationRule,
  NameRef,
  Requirements,
  RiskLevel,
  Stage,
  WaitRule,
} from './kinds.ts'

/** What all policies that fired ask for together. */
export type Demand = {
  readonly requirements: Requirements
  readonly risk: RiskLevel
  readonly expirationSeconds: number
  readonly grantSeconds: number
  readonly justification: JustificationRule
  readonly interactive: InteractiveRule
  /** Only what shortens; absent where no policy does. */
  readonly wait: WaitRule
  readonly maskedPaths: readonly string[]
}

type Asking = { readonly snapshot: { readonly name: string }; readonly spec: ApprovalPolicySpec }

/** From the mildest to the strictest; what is not listed does not exist (the schema sees to it). */
const risks: readonly RiskLevel[] = ['Low', 'Medium', 'High', 'Critical']
const commentRules: readonly CommentRule[] = ['Optional', 'OnDeny', 'Always']
const assurances: readonly Assurance[] = ['Card', 'SignedIn']
const justifications: readonly JustificationRule[] = ['Optional', 'Required']
const interactives: readonly InteractiveRule[] = ['Allow', 'Refuse']

/** A policy without stages asks one person of the group `approvers`. */
const defaultStage: Stage = { name: 'approvers', approverGroupRefs: [{ name: 'approvers' }], quorum: 1 }

/** The strictest of everything: what one policy asks for, another cannot take away. */
export function combined(policies: readonly Asking[]): Demand {
  const approvals = policies.map(({ spec }) => spec.approval)
  const risk = highestRisk(policies.map(({ spec }) => spec.risk))
  return {
    requirements: {
      stages: stagesOf(policies),
      comment: strictest(
        commentRules,
        approvals.map(({ comment }) => comment),
      ),
      assurance: strictest(assurances, [...approvals.map(({ assurance }) => assurance), assuranceFor(risk)]),
      separation: union(approvals.map(({ separation }) => separation)),
      channelRefs: channelsOf(approvals.map(({ channelRefs = [] }) => channelRefs)),
      escalation: union(approvals.map(({ escalation = [] }) => escalation)),
    },
    risk,
    expirationSeconds: Math.min(...approvals.map(({ expirationSeconds }) => expirationSeconds)),
    grantSeconds: Math.min(...policies.map(({ spec }) => spec.grantSeconds)),
    justification: strictest(
      justifications,
      approvals.map(({ justification }) => justification),
    ),
    interactive: strictest(
      interactives,
      approvals.map(({ interactive }) => interactive),
    ),
    wait: shortest(policies.map(({ spec }) => spec.wait ?? {})),
    maskedPaths: union(policies.map(({ spec }) => spec.masking?.paths ?? [])),
  }
}

/** The most of each that one request can hold, by its schema. */
export const mostInRequest = { policies: 32, stages: 16, channelRefs: 16, escalation: 16 } as const

/**
 * Why what the policies ask for together cannot be written into one request, with their names; undefined when it can.
 * Nothing of it is ever cut off: that would be an approval that one of them did not ask for.
 */
export function excessOf({ requirements }: Demand, policies: readonly Asking[]): string | undefined {
  const counts: readonly (readonly [what: string, count: number, limit: number])[] = [
    ['policies', policies.length, mostInRequest.policies],
    ['stages', requirements.stages.length, mostInRequest.stages],
    ['channels', requirements.channelRefs?.length ?? 0, mostInRequest.channelRefs],
    ['escalations', requirements.escalation?.length ?? 0, mostInRequest.escalation],
  ]
  const over = counts.find(([, count, limit]) => count > limit)
  if (over === undefined) return undefined
  const [what, count, limit] = over
  return `${count} ${what} of ${policies.map(({ snapshot }) => snapshot.name).join(', ')} together; at most ${limit}`
}

/** The highest of several levels; Low of none. */
export function highestRisk(levels: readonly RiskLevel[]): RiskLevel {
  return strictest(risks, levels)
}

/** What the risk alone asks for: nobody approves the worst with one click. */
export function assuranceFor(risk: RiskLevel): Assurance {
  return risk === 'Critical' ? 'SignedIn' : 'Card'
}

/** All stages, equal ones once. Two that differ and share a name keep apart by the name of their policy. */
function stagesOf(policies: readonly Asking[]): readonly Stage[] {
  const stages: Stage[] = []
  for (const { snapshot, spec } of policies) {
    const asked = spec.approval.stages ?? []
    for (const stage of asked.length > 0 ? asked : [defaultStage]) {
      if (stages.some((other) => sameStage(other, stage))) continue
      const taken = new Set(stages.map(({ name }) => name))
      stages.push(taken.has(stage.name) ? { ...stage, name: stageName(snapshot.name, stage.name, taken) } : stage)
    }
  }
  return stages
}

function sameStage(a: Stage, b: Stage): boolean {
  return a.quorum === b.quorum && groupsOf(a) === groupsOf(b)
}

function groupsOf({ approverGroupRefs }: Stage): string {
  return JSON.stringify(approverGroupRefs.map(({ name }) => name).toSorted())
}

const longestStageName = 63

/** A name that the schema takes (letters, digits, hyphens) and no other stage has. */
function stageName(policy: string, stage: string, taken: ReadonlySet<string>): string {
  const name = `${policy}-${stage}`.replaceAll('.', '-')
  if (name.length <= longestStageName && !taken.has(name)) return name
  const mark = createHash('sha256')
    .update(canonical([policy, stage]))
    .digest('hex')
    .slice(0, 8)
  return `${name.slice(0, longestStageName - 9)}-${mark}`
}

function strictest<Level extends string>(order: readonly Level[], levels: readonly Level[]): Level {
  const index = Math.max(0, ...levels.map((level) => order.indexOf(level)))
  return order[index] ?? never(order)
}

function never(order: readonly string[]): never {
  throw new TypeError(`no such level: ${order.join(', ')}`)
}

function union<Value>(lists: readonly (readonly Value[])[]): readonly Value[] {
  return [...new Map(lists.flat().map((value) => [JSON.stringify(value), value])).values()]
}

/** No reference means every channel, and that is the most that can be asked for. */
function channelsOf(lists: readonly (readonly NameRef[])[]): readonly NameRef[] {
  return lists.some((list) => list.length === 0) ? [] : union(lists)
}

function shortest(rules: readonly WaitRule[]): WaitRule {
  const seconds = rules.flatMap(({ patienceSeconds }) => patienceSeconds ?? [])
  return {
    ...(rules.some(({ mode }) => mode === 'Immediate') ? { mode: 'Immediate' } : {}),
    ...(seconds.length > 0 ? { patienceSeconds: Math.min(...seconds) } : {}),
  }
}
