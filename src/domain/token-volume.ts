import { generatedSuffix } from './generated-name.ts'
import { at, isList, isObject, mapEntries, replaceAt, same, textAt, withKey } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** The volume that the ServiceAccount admission plugin adds to a new pod, but for its name. */
const sources: Json = [
  { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
  { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
]

const prefix = 'kube-api-access-'

/** No volume can be called this: it is no DNS label. */
const settledName = `${prefix}?????`

/**
 * Create of a Pod: renames the one service-account token volume, and its mounts, from its random name. The volume stays:
 * one that the agent wrote itself, with automount switched off, then reads the same and differs by that switch.
 */
export function settleTokenVolume(pod: JsonObject): JsonObject {
  const volumes = at(pod, 'spec', 'volumes')
  const named = isList(volumes) ? volumes.filter((volume) => isTokenName(textAt(volume, 'name'))) : []
  const [volume] = named
  if (named.length !== 1 || !isTokenVolume(volume)) return pod
  const name = textAt(volume, 'name')
  const renamed = replaceAt(pod, ['spec', 'volumes'], (list) => renameIn(list, name))
  return replaceAt(renamed, ['spec'], (spec) => (isObject(spec) ? mapEntries(spec, renameMounts(name)) : spec))
}

function isTokenName(name: string | undefined): boolean {
  return name !== undefined && name.startsWith(prefix) && generatedSuffix.test(name.slice(prefix.length))
}

function isTokenVolume(volume: Json | undefined): boolean {
  if (!isObject(volume) || Object.keys(volume).length !== 2) return false
  const projected = volume['projected']
  return isObject(projected) && same(projected, { sources, defaultMode: 420 })
}

function renameMounts(name: string | undefined) {
  return (key: string, containers: Json): Json => {
    if (key !== 'containers' && key !== 'initContainers') return containers
    if (!isList(containers)) return containers
    return containers.map((container) =>
      isObject(container) ? replaceAt(container, ['volumeMounts'], (mounts) => renameIn(mounts, name)) : container,
    )
  }
}

function renameIn(list: Json | undefined, name: string | undefined): Json | undefined {
  if (!isList(list)) return list
  return list.map((element) =>
    isObject(element) && element['name'] === name ? withKey(element, 'name', settledName) : element,
  )
}
