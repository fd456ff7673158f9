import { isList, isObject, replaceAt, withKey } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { ownedSets, owns } from './owned-fields.ts'

const allocatedFields = ['clusterIP', 'clusterIPs', 'healthCheckNodePort']

/**
 * Service: drops addresses and node ports that the server allocated. managedFields tell which: they are computed from
 * what the client sent, before allocation. Without that evidence everything stays.
 */
export function dropAllocations(service: JsonObject): JsonObject {
  const sets = ownedSets(service)
  if (sets === undefined || !sets.some((set) => owns(set, 'f:spec'))) return service
  const unclaimed = (...path: readonly string[]): boolean => !sets.some((set) => owns(set, 'f:spec', ...path))
  const fields = allocatedFields.filter((field) => unclaimed(`f:${field}`))
  const withoutFields = fields.reduce<JsonObject>(
    (kept, field) => replaceAt(kept, ['spec', field], () => undefined),
    service,
  )
  return replaceAt(withoutFields, ['spec', 'ports'], (ports) => dropNodePorts(ports, unclaimed))
}

function dropNodePorts(ports: Json | undefined, unclaimed: (...path: readonly string[]) => boolean): Json | undefined {
  if (!isList(ports)) return ports
  const keys = ports.map(portKey)
  if (new Set(keys).size !== keys.length) return ports
  return ports.map((port, index) => {
    const key = keys[index]
    const allocated = key !== undefined && unclaimed('f:ports', key, 'f:nodePort')
    return isObject(port) && allocated ? withKey(port, 'nodePort', undefined) : port
  })
}

/** The port as managedFields name it: by its two list-map keys, sorted (structured-merge-diff fieldpath). */
function portKey(port: Json): string | undefined {
  if (!isObject(port) || typeof port['port'] !== 'number' || typeof port['protocol'] !== 'string') return undefined
  return `k:${JSON.stringify({ port: port['port'], protocol: port['protocol'] })}`
}
