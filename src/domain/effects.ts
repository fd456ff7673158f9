import { connectEffects } from './effects-connect.ts'
import { deleteEffects } from './effects-delete.ts'
import { isRoleBinding, roleEffects } from './effects-roles.ts'
import { updateEffects } from './effects-update.ts'
import type { ApprovalRequestSpec, RequestedAction } from './kinds.ts'
import { partsOf } from './printed-change.ts'
import type { PrintedPart } from './printed-change.ts'
import { readPrinted } from './printed-yaml.ts'
import type { Printed } from './printed-yaml.ts'

/** The masked change, whole; or its beginning, and why there is no more. */
export type ShownDiff = { readonly text: string; readonly missing?: string }

/** A part of the deed, such as `replicas`: `4  →  6`. Names and values in it are the agent's. */
export type Detail = { readonly label: string; readonly text: string }

/**
 * What an action does: its parts, for the line below the deed, and what follows from it, most important first.
 * `detailed`: the details leave nothing of the change out.
 */
export type Told = {
  readonly details: readonly Detail[]
  readonly detailed?: boolean
  readonly effects: readonly string[]
}

/** An action as it is stored, taken apart. `document`: the object or the options that were printed whole. */
export type Deed = {
  readonly action: RequestedAction
  readonly summary: string
  readonly parts: readonly PrintedPart[]
  readonly document: Printed | undefined
  readonly options: Printed | undefined
  readonly whole: boolean
}

const notComputed: Told = { details: [], effects: ['Effect not computed.'] }

/**
 * What the action of a request does, in words, as far as the stored request tells it: nothing is read from the cluster.
 * What is not known is said.
 */
export function effectsOf(spec: ApprovalRequestSpec, diff: ShownDiff): Told {
  const deed = deedOf(spec, diff)
  return deed === undefined ? notComputed : told(deed)
}

function told(deed: Deed): Told {
  const { operation, resource } = deed.action
  if (operation === 'Connect') return connectEffects(deed)
  if (isRoleBinding(deed.action)) return roleEffects(deed)
  const special = subresourceEffects(deed)
  if (special !== undefined) return special
  if (operation === 'Delete') return deleteEffects(deed)
  if (operation === 'Update' && (resource.subresource === '' || resource.subresource === 'scale')) {
    return updateEffects(deed)
  }
  return notComputed
}

function subresourceEffects({ action }: Deed): Told | undefined {
  const { operation, resource } = action
  if (operation !== 'Create') return undefined
  if (resource.subresource === 'eviction') return eviction
  if (resource.subresource === 'token') return token
  return undefined
}

const eviction: Told = {
  details: [],
  effects: [
    'The pod stops. If a controller owns it, another one is started, perhaps on another node.',
    'A PodDisruptionBudget may still refuse it.',
  ],
}

const token: Told = {
  details: [],
  effects: [
    'Whoever holds the token acts as this service account until the token ends, and Countersign does not see who does.',
    'What the account may do is not looked at.',
  ],
}

/** Undefined: the request has no action. */
export function deedOf({ summary, actions }: ApprovalRequestSpec, { text, missing }: ShownDiff): Deed | undefined {
  const action = actions[0]
  if (action === undefined) return undefined
  const whole = missing === undefined
  const read = partsOf(text, action.operation)
  // The last part may go on where the text ends.
  const parts = whole ? read : read.slice(0, -1)
  const body = parts.find(({ path }) => path === undefined)
  const options = parts.find(({ path }) => path === 'options')
  return {
    action,
    summary,
    parts,
    document: body !== undefined ? readPrinted(sideOf(body, action)) : undefined,
    options: options === undefined ? undefined : readPrinted(options.same),
    whole,
  }
}

function sideOf({ before, after, same }: PrintedPart, { operation }: RequestedAction): readonly string[] {
  if (operation === 'Delete') return before
  return operation === 'Connect' ? same : after
}
