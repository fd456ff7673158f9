import { isRoleBinding, reachOf } from './effects-roles.ts'
import type { RequestedAction } from './kinds.ts'
import { isSaid, safe } from './safe-text.ts'

const connects: Readonly<Record<string, string>> = {
  exec: 'RUN A COMMAND IN',
  attach: 'ATTACH TO',
  portforward: 'FORWARD PORTS OF',
  proxy: 'SEND REQUESTS THROUGH',
}

/** `DELETE`, `CHANGE 2 fields of`, `GIVE RIGHTS IN EVERY NAMESPACE`: what the agent wants to do, in front of the target. */
export function deedOf(action: RequestedAction): string {
  const { operation, resource } = action
  const { subresource } = resource
  if (operation === 'Connect') return connects[subresource] ?? `CONNECT TO ${safe(subresource)} OF`
  if (subresource === 'eviction') return 'EVICT'
  if (isRoleBinding(action)) return `${rights[operation]} RIGHTS IN ${safe(reachOf(action))}`
  const of = subresource === '' ? '' : ` ${safe(subresource)} OF`
  return operation === 'Update' ? `CHANGE ${fields(action)} of${of}` : `${operation.toUpperCase()}${of}`
}

const rights = { Create: 'GIVE', Update: 'CHANGE WHO HAS', Delete: 'TAKE AWAY' } as const

function fields({ paths = [], pathCount = paths.length }: RequestedAction): string {
  return pathCount === 1 ? '1 field' : `${pathCount} fields`
}

/** `Deployment   prod / web   (new)`. */
export function targetOf(action: RequestedAction): string {
  const { kind, namespace, name, generateName, operation, resource, connect } = action
  const named = name ?? (generateName === undefined ? '' : `${generateName}????? (the agent may choose)`)
  const place = [namespace, named].filter(isSaid).map(safe).join(' / ')
  const news = operation === 'Create' && resource.subresource === '' ? '   (new)' : ''
  const container = connect?.container === undefined ? '' : `   container ${safe(connect.container)}`
  return `${safe(kind)}   ${place}${news}${container}`
}
