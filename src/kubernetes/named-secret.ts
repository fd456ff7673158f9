import { secrets } from './kinds.ts'
import type { Secret } from './kinds.ts'
import { makeReflector, reflectorLimits } from './reflector.ts'
import type { Reflector, ReflectorPorts } from './reflector.ts'

export type SecretWatchPorts = Pick<ReflectorPorts<unknown>, 'transport' | 'timers' | 'random' | 'failed'> & {
  readonly namespace: string
}

/** The `data` of one Secret, as it is now and whenever it changes. The right to watch one by its name is enough. */
export function watchSecret(
  ports: SecretWatchPorts,
  name: string,
  changed: (data: Readonly<Record<string, string>>) => void,
): Pick<Reflector<unknown>, 'start' | 'stop' | 'synced' | 'silentMs'> {
  return makeReflector<Secret, Readonly<Record<string, string>>>(
    {
      ...ports,
      handle: (change) => {
        if (change.type === 'Added' || change.type === 'Updated') changed(change.object)
      },
      handleFailed: ports.failed,
      limits: reflectorLimits,
    },
    {
      resource: secrets,
      namespace: ports.namespace,
      selector: { fieldSelector: `metadata.name=${name}` },
      trim: ({ data = {} }) => data,
    },
  )
}
