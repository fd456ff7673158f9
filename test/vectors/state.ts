import { setTimeout as delay } from 'node:timers/promises'
import { at, isList, textAt } from '../../src/domain/json.ts'
import type { Json } from '../../src/domain/json.ts'
import { mergePatch } from './admin.ts'
import type { Admin } from './admin.ts'
import { shop } from './paths.ts'

/** The objects that scenarios may touch, as one sees them in lists. */
export type ClusterState = {
  /** Waits until two looks, a quarter of a second apart, show the same: controllers have done their work. */
  settled(): Promise<void>
  /** Deletes whatever was not there when this was made, finalizers or not, and waits until it is gone. */
  restored(): Promise<void>
}

type Listed = { readonly path: string; readonly version: string; readonly held: boolean }

// What a namespace and a control plane make by themselves.
const skipped = new Set(['events', 'leases', 'componentstatuses', 'apiservices', 'flowschemas', 'bindings'])
const looks = 120
const discovery = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** Remembers the present state as the one to come back to. */
export async function rememberState(admin: Admin): Promise<ClusterState> {
  const base = new Set((await everything(admin)).map(({ path }) => path))
  return {
    async settled() {
      let before = ''
      for (let look = 0; look < looks; look += 1) {
        const now = JSON.stringify(await everything(admin))
        if (now === before) return
        before = now
        await delay(250)
      }
      throw new Error('the controllers do not come to rest')
    },
    async restored() {
      let extra: readonly Listed[] = []
      for (let look = 0; look < looks; look += 1) {
        extra = (await everything(admin)).filter(({ path }) => !base.has(path))
        if (extra.length === 0) return
        await Promise.all(extra.map((object) => remove(admin, object)))
        await delay(100)
      }
      throw new Error(`these objects cannot be deleted: ${extra.map(({ path }) => path).join(' ')}`)
    },
  }
}

async function remove(admin: Admin, { path, held }: Listed): Promise<void> {
  await admin.call('DELETE', path, { body: { gracePeriodSeconds: 0, propagationPolicy: 'Background' } })
  if (!held) return
  const isNamespace = path.startsWith('/api/v1/namespaces/') && path.split('/').length === 5
  if (isNamespace) return
  await admin.call('PATCH', path, { body: { metadata: { finalizers: null } }, type: mergePatch })
}

async function everything(admin: Admin): Promise<readonly Listed[]> {
  const collections = await collectionPaths(admin)
  const lists = await Promise.all(collections.map((path) => listed(admin, path)))
  return lists.flat()
}

async function listed(admin: Admin, collection: string): Promise<readonly Listed[]> {
  const { body } = await admin.call('GET', collection)
  return listAt(body, 'items').map((item) => ({
    path: `${collection}/${textAt(item, 'metadata', 'name') ?? ''}`,
    version: textAt(item, 'metadata', 'resourceVersion') ?? '',
    held: listAt(item, 'metadata', 'finalizers').length > 0,
  }))
}

// Aggregated discovery: groups, their versions (the preferred one first), and what each serves.
async function collectionPaths(admin: Admin): Promise<readonly string[]> {
  const found: string[] = []
  for (const root of ['/api', '/apis']) {
    const answer = await admin.must('GET', root, { accept: discovery })
    for (const group of listAt(answer, 'items')) found.push(...groupPaths(root, group))
  }
  return found
}

function groupPaths(root: string, group: Json): readonly string[] {
  // The other versions show the same objects.
  const [preferred] = listAt(group, 'versions')
  const steps = [root, textAt(group, 'metadata', 'name'), textAt(preferred, 'version')]
  const base = steps.filter((step) => step !== undefined && step !== '').join('/')
  return listAt(preferred, 'resources')
    .filter((resource) => !skipped.has(textAt(resource, 'resource') ?? '') && isListedAndDeleted(resource))
    .map(
      (resource) =>
        (textAt(resource, 'scope') === 'Namespaced' ? `${base}/namespaces/${shop}` : base) + nameOf(resource),
    )
}

function isListedAndDeleted(resource: Json): boolean {
  const verbs = listAt(resource, 'verbs')
  return verbs.includes('list') && verbs.includes('delete')
}

function nameOf(resource: Json): string {
  return `/${textAt(resource, 'resource') ?? ''}`
}

function listAt(value: Json | undefined, ...keys: readonly string[]): readonly Json[] {
  const found = at(value, ...keys)
  return isList(found) ? found : []
}
