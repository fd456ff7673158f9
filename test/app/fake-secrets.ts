import type { SecretData, SecretStore, StoredSecret } from '../../src/app/secret-store.ts'
import { oneTurn } from '../until.ts'

/** Secrets in memory, under compare-and-swap as at the API server. */
export type FakeSecrets = SecretStore & {
  readonly data: (name: string) => SecretData
  /** Somebody else writes. */
  readonly put: (name: string, data: SecretData) => void
  readonly remove: (name: string) => void
  /** Names of the Secrets that were written through `replace`, in order. */
  readonly writes: readonly string[]
  /** The next tries to write that are to go wrong: not stored, or stored and the answer lost; or others win. */
  readonly faults: ('LostBefore' | 'LostAfter' | 'Conflict' | 'None')[]
}

export class Lost extends Error {
  override readonly name = 'Lost'
}

export function makeFakeSecrets(names: readonly string[]): FakeSecrets {
  const stored = new Map<string, StoredSecret>(names.map((name) => [name, { name, version: '1', data: {} }]))
  const writes: string[] = []
  const faults: FakeSecrets['faults'] = []
  let version = 1

  function store(name: string, data: SecretData): void {
    version += 1
    stored.set(name, { name, version: String(version), data: { ...data } })
  }

  async function replace(seen: StoredSecret, data: SecretData): Promise<'Stored' | 'Conflict' | 'NotFound'> {
    await oneTurn()
    const fault = faults.shift()
    if (fault === 'LostBefore') throw new Lost('before')
    const now = stored.get(seen.name)
    if (now === undefined) return 'NotFound'
    if (fault === 'Conflict' || now.version !== seen.version) return 'Conflict'
    store(seen.name, data)
    writes.push(seen.name)
    if (fault === 'LostAfter') throw new Lost('after')
    return 'Stored'
  }

  return {
    read: async (name) => {
      await oneTurn()
      return stored.get(name) ?? 'NotFound'
    },
    replace,
    data: (name) => stored.get(name)?.data ?? {},
    put: store,
    remove: (name) => stored.delete(name),
    writes,
    faults,
  }
}
