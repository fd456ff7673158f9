import { listAt } from './around.ts'
import { at, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** More than so many names are counted. */
const mostNamed = 4

/** What somebody who runs a command in the pod can use. */
export function usedBy(pod: JsonObject | undefined): readonly string[] {
  if (pod === undefined || at(pod, 'spec', 'containers') === undefined) return []
  const namespace = textAt(pod, 'metadata', 'namespace') ?? ''
  const secrets = [...new Set(secretsOf(pod))].map((name) => `${namespace}/${name}`)
  const account = textAt(pod, 'spec', 'serviceAccountName') ?? 'default'
  const token = at(pod, 'spec', 'automountServiceAccountToken') === false
  return [
    ...(secrets.length === 0
      ? []
      : [`The pod can use ${secrets.length === 1 ? 'Secret' : 'Secrets'} ${named(secrets)}.`]),
    ...(token ? [] : [`It acts as service account ${namespace}/${account}.`]),
    ...privileges(pod),
  ]
}

function named(names: readonly string[]): string {
  const more = names.length - mostNamed
  return more > 0 ? `${names.slice(0, mostNamed).join(', ')} and ${more} more` : names.join(', ')
}

function containersOf(pod: JsonObject): readonly Json[] {
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => listAt(pod, 'spec', list))
}

function secretsOf(pod: JsonObject): readonly string[] {
  const volumes = listAt(pod, 'spec', 'volumes')
  const mounted = volumes.map((volume) => textAt(volume, 'secret', 'secretName'))
  const projected = volumes
    .flatMap((volume) => listAt(volume, 'projected', 'sources'))
    .map((source) => textAt(source, 'secret', 'name'))
  const containers = containersOf(pod)
  const whole = containers.flatMap((one) => listAt(one, 'envFrom')).map((from) => textAt(from, 'secretRef', 'name'))
  const single = containers
    .flatMap((one) => listAt(one, 'env'))
    .map((variable) => textAt(variable, 'valueFrom', 'secretKeyRef', 'name'))
  return [...mounted, ...projected, ...whole, ...single].filter((name) => name !== undefined)
}

function privileges(pod: JsonObject): readonly string[] {
  const privileged = containersOf(pod).some((one) => at(one, 'securityContext', 'privileged') === true)
  const host = listAt(pod, 'spec', 'volumes').some((volume) => at(volume, 'hostPath') !== undefined)
  return [
    ...(privileged ? ['A container of it is privileged: what runs there owns the node.'] : []),
    ...(host ? ['It sees files of the node.'] : []),
  ]
}
