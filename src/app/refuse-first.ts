import type { Check, Refusal } from '../domain/check.ts'
import { at } from '../domain/json.ts'
import { agentPaused, interactiveExec, nameObjects, reasonRequired, tooManyPending } from '../domain/refused-message.ts'
import type { AdmitPorts } from './admit-ports.ts'
import type { Call, GatedCall } from './gated-call.ts'
import { nobodyEligible } from './nobody-eligible.ts'

/** A call with what it is judged by. */
export type Facing = { readonly ports: AdmitPorts; readonly gated: GatedCall }

/** What is refused without asking anybody, before any I/O, in order. */
export const refuseFirst: readonly Check<Facing>[] = [
  ({ gated }) => (gated.agent.paused === undefined ? undefined : agentPaused(gated.agent.name, gated.agent.paused)),
  deletecollection,
  interactive,
  reasonMissing,
  ({ ports, gated }) => nobodyEligible(ports.memory.approvers(), gated),
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
  const identity = gated.agent.identity?.name ?? gated.agent.label
  return reasonRequired(gated.deed, { namespace: ports.settings.namespace, identity })
}

/** The agent has as many requests open as one may have. */
export function tooManyOpen({ settings }: AdmitPorts, { agent }: GatedCall): Refusal {
  const { namespace, mostPending } = settings
  return tooManyPending({ name: agent.name, label: agent.label }, { pending: mostPending, namespace })
}
