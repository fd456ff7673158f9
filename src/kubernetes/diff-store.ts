import type { StoredDiff } from '../app/prune.ts'
import { parseInstant } from '../domain/instant.ts'
import { configMaps } from './kinds.ts'
import type { Live } from './live-object.ts'
import type { Objects } from './objects.ts'
import { readPage } from './page.ts'
import type { Page } from './page.ts'
import { collectionPath } from './resource.ts'
import type { KubernetesObject } from './resource.ts'
import type { Transport } from './transport.ts'

const diffLabel = 'countersign.dev/diff'

/** Stores whole diffs in ConfigMaps that nobody can change. Their names are made of their content. */
export function makeDiffStore(
  objects: Pick<Objects, 'create'>,
  namespace: string,
): (name: string, diff: { readonly text: string }) => Promise<void> {
  return async (name, { text }) => {
    const stored = await objects.create(configMaps, {
      metadata: { namespace, name, labels: { [diffLabel]: 'true' } },
      immutable: true,
      data: { diff: text },
    })
    if (typeof stored === 'string' && stored !== 'AlreadyExists') throw new Error(`the diff was not stored: ${stored}`)
  }
}

/**
 * All stored diffs, without their texts, which may be megabytes. Rejects with ApiError.
 * Source: Kubernetes API concepts, metadata-only fetches.
 */
export async function storedDiffs(
  transport: Pick<Transport, 'call'>,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly StoredDiff[]> {
  const diffs: StoredDiff[] = []
  const first = { limit: '500', labelSelector: `${diffLabel}=true` }
  const call = { method: 'GET', path: collectionPath(configMaps, namespace), accept: metadataOnly, signal } as const
  for (let query: Readonly<Record<string, string>> | undefined = first; query !== undefined;) {
    const page: Page<KubernetesObject> = await readPage<KubernetesObject>(
      transport,
      { ...call, query },
      'PartialObjectMetadata',
    )
    diffs.push(...page.items.map(storedDiff))
    query = page.next === '' ? undefined : { ...first, continue: page.next }
  }
  return diffs
}

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

function storedDiff({ metadata }: Live<KubernetesObject>): StoredDiff {
  const { name, uid, creationTimestamp = '' } = metadata
  return { name, uid, time: parseInstant(creationTimestamp) ?? Number.POSITIVE_INFINITY }
}
