import type { AppCredentials } from '../app/access-token.ts'
import { credentialsIn } from '../app/channel-credentials.ts'
import { recordsNamespace } from '../config.ts'
import { watchSecret } from '../kubernetes/named-secret.ts'
import type { Surroundings } from './component.ts'
import { watchFailed } from './watch-failed.ts'

/** The Secrets that channels name, each watched by its name from then on. */
export type ChannelSecrets = {
  /** Undefined while it was not read, or says nothing. What cannot be read any more leaves what was read. */
  readonly credentials: (secret: string) => AppCredentials | undefined
  readonly stop: () => Promise<void>
}

/** `changed` is told the name of each Secret that says something else now. */
export function watchChannelSecrets(around: Surroundings, changed: (secret: string) => void): ChannelSecrets {
  const known = new Map<string, AppCredentials | undefined>()
  const watches = new Map<string, ReturnType<typeof watchSecret>>()

  function follow(name: string): void {
    const failed = watchFailed(around, 'secrets', name)
    const watch = watchSecret({ ...around, namespace: recordsNamespace, failed }, name, (data) => {
      known.set(name, credentialsIn(data))
      changed(name)
    })
    watches.set(name, watch)
    watch.start()
  }

  return {
    credentials: (name) => {
      if (!watches.has(name)) follow(name)
      return known.get(name)
    },
    stop: async () => {
      await Promise.all([...watches.values()].map((one) => one.stop()))
    },
  }
}
