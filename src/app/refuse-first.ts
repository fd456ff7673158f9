import type { Approvers } from '../domain/approvers.ts'
import type { Check } from '../domain/check.ts'
import { at } from '../domain/json.ts'
import {
  agentPaused,
  interactiveExec,
  nameObjects,
  noEligibleApprover,
  reasonRequired,
  tooManyPending,
} from '../domain/refused-message.ts'
import type { AdmitPorts } from './admit-ports.ts'
import type { Call, GatedCall } from './gated-call.ts'

/** A call with what it is judged by. */
export type Facing = { readonly ports: AdmitPorts; readonly gated: GatedCall }

/** What is refused without asking anybody, before any I/O, in order. */
export const refuseFirst: readonly Check<Facing>[] = [
  ({ gated }) => (gated.agent.paused === undefined ? undefined : agentPaused(gated.agent.name, gated.agent.paused)),
  deletecollection,
  interactive,
  reasonMissing,
  nobodyEligible,
]

/** A service account acts with its uid; without it, somebody acts in its name (impersonation leaves it empty). */
export function isImpersonated({ action }: Call): boolean {
  return action.agent.uid === '' && action.agent.username.startsWith('system:serviceaccount:')
}

function deletecollection({ gated }: Facing): ReturnType<Check<Facing>> {
  const { action } = gated.call
  if (action.operation !== 'Delete' || action.name !== '') return undefined
  return nameObjects(gated.deed.action, action)
}

function interactive({ gated }: Facing): ReturnType<Check<Facing>> {
  const { action } = gated.call
  const { subresource } = action.resource
  const opens = at(action.object, 'stdin') === true || at(action.object, 'tty') === true
  const command = subresource === 'exec' || subresource === 'attach'
  if (action.operation !== 'Connect' || !command || !opens || gated.demand.interactive === 'Allow') return undefined
  return interactiveExec(gated.deed, { verb: subresource, namespace: action.namespace, pod: action.name })
}

function reasonMissing({ ports, gated }: Facing): ReturnType<Check<Facing>> {
  const said = (gated.agent.justification?.text ?? '') !== ''
  if (gated.demand.justification !== 'Required' || said) return undefined
  return reasonRequired(gated.deed, { namespace: ports.settings.namespace, identity: gated.agent.label })
}

/** Only where the whole of a group is known by name: a directory elsewhere may always hold somebody. */
function nobodyEligible({ ports, gated }: Facing): ReturnType<Check<Facing>> {
  const approvers = ports.memory.approvers()
  const apart = setApart(gated, approvers)
  for (const stage of gated.demand.requirements.stages) {
    const listed = stage.approverGroupRefs.map(({ name }) => approvers.listed(name))
    if (listed.includes(undefined)) continue
    const people = new Set(listed.flatMap((members) => members ?? []).map(({ name }) => name))
    const eligible = [...people].filter((name) => !apart.has(name)).length
    if (eligible >= stage.quorum) continue
    const group = stage.approverGroupRefs.map(({ name }) => name).join(', ')
    const why = `${people.size} people, ${people.size - eligible} of them set apart as owner of ${gated.agent.name}`
    return noEligibleApprover(gated.deed, { approvals: stage.quorum, group, why })
  }
  return undefined
}

/** Names of the people who may not approve what this agent asks. */
function setApart({ agent, demand }: GatedCall, approvers: Approvers): ReadonlySet<string> {
  const separation = demand.requirements.separation ?? []
  const names = [
    ...(separation.includes('Owner') && agent.owner !== undefined ? [agent.owner] : []),
    ...(separation.includes('OnBehalfOf') && agent.onBehalfOf !== undefined ? [agent.onBehalfOf] : []),
  ]
  return new Set(names.flatMap((name) => [name, ...(approvers.listed(name) ?? []).map((member) => member.name)]))
}

/** The agent has as many requests open as one may have. Asked before another one is opened. */
export function tooManyOpen({ ports, gated }: Facing): ReturnType<Check<Facing>> {
  const { namespace, mostPending } = ports.settings
  const { name, label } = gated.agent
  if (ports.memory.undecidedOf(label).length < mostPending) return undefined
  return tooManyPending({ name, label }, { pending: mostPending, namespace })
}
