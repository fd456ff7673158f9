import type { SecretStore } from '../app/secret-store.ts'
import { secrets } from './kinds.ts'
import type { Objects } from './objects.ts'

/** The Secrets of one namespace, each read and replaced by its name. Labels and annotations stay as they are. */
export function makeSecretStore(objects: Pick<Objects, 'get' | 'replace'>, namespace: string): SecretStore {
  return {
    read: async (name) => {
      const found = await objects.get(secrets, { namespace, name })
      if (found === 'NotFound') return 'NotFound'
      const { metadata, data = {} } = found.object
      return { name, version: metadata?.resourceVersion ?? '', data }
    },
    replace: async ({ name, version }, data) => {
      const found = await objects.get(secrets, { namespace, name })
      if (found === 'NotFound') return 'NotFound'
      if (found.object.metadata?.resourceVersion !== version) return 'Conflict'
      const stored = await objects.replace(secrets, { ...found.object, data })
      if (stored === 'NotFound' || stored === 'Conflict') return stored
      if (typeof stored === 'string') throw new Error(`the API server refuses the Secret ${name} as ${stored}`)
      return 'Stored'
    },
  }
}
