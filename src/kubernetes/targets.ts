import type { Targets } from '../app/admit-ports.ts'
import type { Action } from '../domain/action.ts'
import { textAt } from '../domain/json.ts'
import type { Target } from '../domain/outcome.ts'
import { isNamespaced } from '../domain/resource-rule.ts'
import { readTarget } from './live-targets.ts'
import type { Transport } from './transport.ts'

/** Live reads of what an action works on, as the webhook. */
export function makeTargets(transport: Pick<Transport, 'call'>): Targets {
  return {
    liveUID: async (action, until) => {
      const place = { ...placeOf(action), name: parentName(action), subresource: '' }
      const live = await readTarget(transport, place, { signal: until })
      return typeof live === 'string' ? undefined : textAt(live, 'metadata', 'uid')
    },
    live: async (action, until) => {
      if (!isWholeObject(action)) return 'NotAllowed'
      const live = await readTarget(transport, placeOf(action), { signal: until })
      return live === 'NoSuchResource' ? 'NotAllowed' : live
    },
  }
}

/** A review of a Namespace carries its own name as its namespace. */
function placeOf(action: Action): Target {
  return { ...action.resource, namespace: isNamespaced(action) ? action.namespace : '', name: action.name }
}

/** Subresources that are read as the object that is written; of others (approval, ephemeralcontainers) the object itself is. */
const readable = new Set(['', 'scale'])

function isWholeObject({ resource, name }: Action): boolean {
  return name !== '' && readable.has(resource.subresource)
}

/** The name of a proxied pod, service or node may say scheme and port: `https:web:8443`. */
function parentName({ resource, name }: Action): string {
  if (resource.subresource !== 'proxy') return name
  const parts = name.split(':')
  return (parts.length === 3 ? parts[1] : parts[0]) ?? name
}
