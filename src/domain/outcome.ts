import { resultHash } from './digest.ts'
import type { HmacKey } from './digest.ts'
import { repeatabilityOf } from './grant.ts'
import type { Repeatability } from './grant.ts'
import { at, textAt } from './json.ts'
import type { JsonObject } from './json.ts'
import type { Claim, Grant, RequestedAction } from './kinds.ts'
import { parsePath } from './path.ts'
import type { Path } from './path.ts'

/** What a live read of the target brought. The last three: it cannot be read, now or ever. */
export type Observation = JsonObject | 'NotFound' | 'NotAllowed' | 'NoSuchResource' | 'Unreadable'

/**
 * What is seen of an approved action. `Absent`: not done, as far as one sees, and it may still be. `Moved`: somebody has
 * changed the target meanwhile, so that the action is not to be seen in it, and no call that was let through can do it
 * any more.
 */
export type Sighting = 'Executed' | 'Absent' | 'Moved' | 'Unobservable'

/** Where a target is served: in the version in which an action names it, since only there the values compare. */
export type Target = {
  readonly group: string
  readonly version: string
  /** Plural, lower case. */
  readonly resource: string
  /** Empty for what is not in a namespace. */
  readonly namespace: string
  readonly name: string
  /** Empty for the object itself. */
  readonly subresource: string
}

/** What is to be read to see what became of an action; undefined when nothing would tell. Secrets are never read. */
export function targetOf(action: RequestedAction): Target | undefined {
  const { operation, resource, namespace = '', name } = action
  if (name === undefined || effectOf(action) === 'Never') return undefined
  if (resource.group === '' && resource.resource === 'secrets') return undefined
  // A scale is read as it was written; every other subresource is a part of the object itself.
  const subresource = operation === 'Update' && resource.subresource === 'scale' ? 'scale' : ''
  return { group: resource.group, version: resource.version, resource: resource.resource, namespace, name, subresource }
}

/** By what the effect of the action can be told. */
export function effectOf({ operation, resource, generateName }: RequestedAction): Repeatability {
  return repeatabilityOf({ operation, subresource: resource.subresource, generatedName: generateName !== undefined })
}

export type Looking = {
  readonly action: RequestedAction
  readonly grant: Pick<Grant, 'claims'>
  /** The key under which the request's hash was made; undefined when it is gone. */
  readonly key: HmacKey | undefined
}

/** What a live read tells about an action for which there is a claim. */
export function sighting({ action, grant, key }: Looking, live: Observation): Sighting {
  if (live === 'NotAllowed' || live === 'NoSuchResource' || live === 'Unreadable') return 'Unobservable'
  switch (effectOf(action)) {
    case 'Create':
      return created(grant.claims, live)
    case 'Update':
      return updated({ action, grant, key }, live)
    case 'Delete':
      return deleted(action, live)
    case 'Never':
      return 'Unobservable'
  }
}

type Live = JsonObject | 'NotFound'

function uidOf(live: Live): string | undefined {
  return live === 'NotFound' ? undefined : textAt(live, 'metadata', 'uid')
}

/** The API server has chosen the uid before the claim was made. */
function created(claims: readonly Claim[], live: Live): Sighting {
  const made = claims.flatMap(({ objectUID }) => objectUID ?? [])
  if (made.length === 0) return 'Unobservable'
  return made.includes(uidOf(live) ?? '') ? 'Executed' : 'Absent'
}

/** Gone, going, or another one of the same name. */
function deleted({ targetUID }: RequestedAction, live: Live): Sighting {
  if (live === 'NotFound') return 'Executed'
  if (targetUID === undefined) return 'Unobservable'
  const going = textAt(live, 'metadata', 'deletionTimestamp') !== undefined
  return going || uidOf(live) !== targetUID ? 'Executed' : 'Absent'
}

function updated({ action, grant, key }: Looking, live: Live): Sighting {
  if (live === 'NotFound' || uidOf(live) !== action.targetUID) return 'Moved'
  const last = grant.claims.at(-1)
  if (last !== undefined && isUnmoved(last, live)) return 'Absent'
  return changed({ action, key }, live)
}

function changed({ action, key }: Omit<Looking, 'grant'>, live: JsonObject): Sighting {
  const paths = comparablePaths(action)
  if (paths === undefined || key === undefined || action.resultHash === undefined) return 'Unobservable'
  if (resultHash(live, paths, key) === action.resultHash) return 'Executed'
  return paths.some(isTimeOfRestart) ? 'Unobservable' : 'Moved'
}

/** The guard of the claim: while it stands, nobody has changed the target, so the update was not made. */
function isUnmoved({ generation, resourceVersion }: Claim, live: JsonObject): boolean {
  if (generation !== undefined) return at(live, 'metadata', 'generation') === generation
  return resourceVersion !== undefined && textAt(live, 'metadata', 'resourceVersion') === resourceVersion
}

/** All changed paths; undefined when they are not all listed, or one was written so that it cannot be read back. */
function comparablePaths({ paths = [], pathCount }: RequestedAction): readonly Path[] | undefined {
  if (paths.length === 0 || paths.length !== pathCount) return undefined
  const parsed = paths.flatMap((path) => {
    const read = parsePath(path)
    return read === undefined ? [] : [read]
  })
  return parsed.length === paths.length ? parsed : undefined
}

/** Each sending of `kubectl rollout restart` writes its own time, and all are one action: the hash knows only the first. */
function isTimeOfRestart(path: Path): boolean {
  return path.at(-1) === 'kubectl.kubernetes.io/restartedAt'
}
