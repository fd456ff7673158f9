import type { Stage } from './stage.ts'

/** An object on which agents work. */
export type Thing = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly resourceVersion: string
    readonly generation?: number
    readonly generateName?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly creationTimestamp?: string
  }
  readonly [field: string]: unknown
}

/** What is stored of the things that agents change, and what it was before: the API server may present an old copy. */
export type World = {
  readonly find: (resource: string, name: string) => Thing | undefined
  readonly before: (resource: string, name: string) => Thing | undefined
  readonly all: (resource: string) => readonly Thing[]
  /** Stores it with a new version; gives whether anything about it is new. */
  readonly put: (resource: string, thing: Thing) => boolean
  readonly remove: (resource: string, name: string) => void
}

export const things = { deployments: 'apps/v1', pods: 'v1', configmaps: 'v1' } as const
export type ThingKind = keyof typeof things
const noGeneration: ReadonlySet<string> = new Set(['configmaps', 'pods'])

export function makeWorld(): World {
  const now = new Map<string, Thing>()
  const old = new Map<string, Thing>()
  let version = 1000
  const keyOf = (resource: string, name: string): string => `${resource}/${name}`

  function put(resource: string, thing: Thing): boolean {
    const key = keyOf(resource, thing.metadata.name)
    const there = now.get(key)
    if (there !== undefined && textOf(there) === textOf(thing)) return false
    version += 1
    const { generation: _generation, ...metadata } = thing.metadata
    const same = there?.metadata.uid === metadata.uid ? there : undefined
    const raised = (same?.metadata.generation ?? 0) + (contentOf(same) === contentOf(thing) ? 0 : 1)
    const generation = noGeneration.has(resource) ? {} : { generation: raised }
    const stored = { ...thing, metadata: { ...metadata, ...generation, resourceVersion: String(version) } }
    if (there !== undefined) old.set(key, there)
    now.set(key, stored)
    return true
  }

  return {
    find: (resource, name) => now.get(keyOf(resource, name)),
    before: (resource, name) => old.get(keyOf(resource, name)),
    all: (resource) => [...now].flatMap(([key, thing]) => (key.startsWith(`${resource}/`) ? [thing] : [])),
    put,
    remove: (resource, name) => {
      const key = keyOf(resource, name)
      const there = now.get(key)
      if (there !== undefined) old.set(key, there)
      now.delete(key)
    },
  }
}

function textOf({ metadata, ...rest }: Thing): string {
  const { resourceVersion: _version, generation: _generation, ...identity } = metadata
  return JSON.stringify([identity, rest])
}

/** What raises the generation. */
function contentOf(thing: Thing | undefined): string {
  return JSON.stringify([thing?.['spec'], thing?.['data']])
}

export function makeThing(stage: Stage, resource: ThingKind, name: string): Thing {
  const metadata = {
    name,
    namespace: 'prod',
    uid: stage.newUID(),
    resourceVersion: '',
    creationTimestamp: new Date(stage.clock.now()).toISOString().replace(/\.\d+Z/, 'Z'),
    labels: { app: 'web' },
  }
  const apiVersion = things[resource]
  if (resource === 'configmaps') return { apiVersion, kind: 'ConfigMap', metadata, data: { key: 'value' } }
  const containers = [{ name: 'web', image: 'registry.example/web:a' }]
  if (resource === 'pods') return { apiVersion, kind: 'Pod', metadata, spec: { containers } }
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers } }
  const spec = { replicas: 3, selector: { matchLabels: { app: 'web' } }, template }
  return { apiVersion, kind: 'Deployment', metadata, spec, status: { observed: 0 } }
}

/** Other people and controllers, who ask nobody. */
export async function playOthers(stage: Stage, world: World): Promise<void> {
  for (const name of ['web', 'api']) world.put('deployments', makeThing(stage, 'deployments', name))
  world.put('pods', makeThing(stage, 'pods', 'web-0'))
  const longestMs = stage.pick([25_000, 150_000])
  while (!stage.calm()) {
    await stage.pause(200, longestMs)
    const resource = stage.pick(['deployments', 'deployments', 'configmaps', 'pods'] as const)
    if (!stage.calm()) meddle(stage, world, resource, resource === 'pods' ? 'web-0' : stage.pick(['web', 'api']))
  }
  for (const name of ['web', 'api']) {
    if (world.find('deployments', name) === undefined) world.put('deployments', makeThing(stage, 'deployments', name))
  }
}

const deeds = ['touch', 'touch', 'label', 'restore', 'restore', 'rebirth'] as const

/** Somebody writes now. */
export function meddle(stage: Stage, world: World, resource: ThingKind, name: string): void {
  const there = world.find(resource, name)
  const deed = resource === 'deployments' && there !== undefined ? stage.pick(deeds) : 'rebirth'
  if (resource === 'configmaps') for (const { metadata } of world.all(resource)) world.remove(resource, metadata.name)
  else if (there === undefined || deed === 'rebirth') world.put(resource, makeThing(stage, resource, name))
  else world.put(resource, changed(stage, there, deed))
  stage.tell(`others: ${resource === 'configmaps' ? 'clean' : deed} ${name}`)
}

/** A controller that keeps to what is declared takes back what was done: only then can the same be done once more. */
export async function putBack(stage: Stage, world: World, resource: ThingKind, name: string): Promise<void> {
  await stage.pause(50, 20_000)
  const there = world.find(resource, name)
  if (resource === 'configmaps') world.remove(resource, name)
  else if (there === undefined) world.put(resource, makeThing(stage, resource, name))
  else if (resource === 'deployments') world.put(resource, changed(stage, there, 'restore'))
  stage.tell(`others: put back ${name}`)
}

function changed(stage: Stage, thing: Thing, deed: 'touch' | 'label' | 'restore'): Thing {
  if (deed === 'touch') return { ...thing, status: { observed: stage.between(0, 1e9) } }
  const { metadata } = thing
  if (deed === 'label') return { ...thing, metadata: { ...metadata, labels: { app: 'web', note: stage.newUID() } } }
  const fresh = makeThing(stage, 'deployments', metadata.name)
  return { ...thing, spec: fresh['spec'], metadata: { ...metadata, labels: { app: 'web' } } }
}
