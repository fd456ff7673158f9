import { configMaps } from './kinds.ts'
import type { Objects } from './objects.ts'

/** Stores whole diffs in ConfigMaps that nobody can change. Their names are made of their content. */
export function makeDiffStore(
  objects: Pick<Objects, 'create'>,
  namespace: string,
): (name: string, diff: { readonly text: string }) => Promise<void> {
  return async (name, { text }) => {
    const stored = await objects.create(configMaps, {
      metadata: { namespace, name, labels: { 'countersign.dev/diff': 'true' } },
      immutable: true,
      data: { diff: text },
    })
    if (typeof stored === 'string' && stored !== 'AlreadyExists') throw new Error(`the diff was not stored: ${stored}`)
  }
}
