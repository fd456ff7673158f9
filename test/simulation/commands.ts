import { makeThing, things } from './world.ts'
import type { Thing, ThingKind, World } from './world.ts'
import type { Stage } from './stage.ts'

/** What agents are told to do. */
type Task = {
  readonly kind: 'SetImage' | 'Scale' | 'Label' | 'Create' | 'Generate' | 'Delete' | 'Exec'
  readonly resource: ThingKind
  readonly name: string
  readonly username: string
}

/** What an agent types. */
export type Command = Task & {
  readonly id: number
  /** Update: a PUT carries the version that was read when the command began, and is refused when that is old. */
  readonly put: boolean
}

const kinds: readonly Task['kind'][] = [
  ...(['SetImage', 'SetImage', 'Scale', 'Scale', 'Label', 'Label'] as const),
  ...(['Create', 'Create', 'Generate', 'Generate', 'Delete', 'Delete', 'Exec', 'Exec'] as const),
]

/** In most runs many do the same few things, since that is where an approval could be used twice; in the others many do many. */
export function makeCommands(stage: Stage): readonly Command[] {
  const tasks = Array.from({ length: stage.is(0.7) ? stage.between(1, 4) : 20 }, () => makeTask(stage))
  return Array.from({ length: stage.between(6, 21) }, (_value, id) => ({
    ...stage.pick(tasks),
    id,
    put: stage.is(0.3),
  }))
}

function makeTask(stage: Stage): Task {
  const kind = stage.pick(kinds)
  const username = `system:serviceaccount:agents:${stage.is(0.8) ? 'bot' : 'other'}`
  if (kind === 'Exec') return { kind, username, resource: 'pods', name: 'web-0' }
  if (kind === 'Create') return { kind, username, resource: 'configmaps', name: 'job' }
  if (kind === 'Generate') return { kind, username, resource: 'configmaps', name: 'gen-' }
  return { kind, username, resource: 'deployments', name: stage.pick(['web', 'api']) }
}

/** One presentation of a command to admission. */
export type Presented = {
  readonly command: Command
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  /** The name, as the API server has chosen it where it is generated. */
  readonly name: string
  readonly object: Thing | Readonly<Record<string, unknown>> | undefined
  readonly old: Thing | undefined
}

/** What the API server makes of a command now; undefined when there is nothing for it to work on. */
export function present(stage: Stage, world: World, command: Command): Presented | undefined {
  const { kind, resource, name } = command
  if (kind === 'Create' || kind === 'Generate') return created(stage, command)
  const there = world.find(resource, name)
  if (there === undefined) return undefined
  if (kind === 'Exec') {
    const object = { apiVersion: 'v1', kind: 'PodExecOptions', stdout: true, container: 'web', command: ['ls'] }
    return { command, operation: 'CONNECT', name, object, old: undefined }
  }
  const old = stage.mishap(0.15) ? (world.before(resource, name) ?? there) : there
  if (kind === 'Delete') return { command, operation: 'DELETE', name, object: undefined, old }
  return { command, operation: 'UPDATE', name, object: updated(old, kind), old }
}

const letters = Array.from('bcdfghjklmnpqrstvwxz2456789')

function created(stage: Stage, command: Command): Presented {
  const { kind, resource, name } = command
  if (kind === 'Create') {
    return { command, operation: 'CREATE', name, object: makeThing(stage, resource, name), old: undefined }
  }
  const suffix = Array.from({ length: 5 }, () => stage.pick(letters)).join('')
  const thing = makeThing(stage, resource, name + suffix)
  const object = { ...thing, metadata: { ...thing.metadata, generateName: name } }
  return { command, operation: 'CREATE', name: name + suffix, object, old: undefined }
}

function updated(old: Thing, kind: 'SetImage' | 'Scale' | 'Label'): Thing {
  const spec = fieldsOf(old['spec'])
  if (kind === 'Scale') return { ...old, spec: { ...spec, replicas: 0 } }
  const { metadata } = old
  if (kind === 'Label') return { ...old, metadata: { ...metadata, labels: { ...metadata.labels, team: 'x' } } }
  const containers = [{ name: 'web', image: 'registry.example/web:b' }]
  return { ...old, spec: { ...spec, template: { metadata: { labels: { app: 'web' } }, spec: { containers } } } }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** The body of the review. */
export function reviewOf({ command, operation, name, object, old }: Presented, uid: string): string {
  const { resource } = command
  const apiVersion = things[resource]
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const kind = { deployments: 'Deployment', pods: 'PodExecOptions', configmaps: 'ConfigMap' }[resource]
  const request = {
    uid,
    operation,
    resource: { group, version, resource },
    ...(operation === 'CONNECT' ? { subResource: 'exec' } : {}),
    kind: { group, version, kind },
    name,
    namespace: 'prod',
    userInfo: userOf(command),
    object: object ?? null,
    oldObject: old ?? null,
    options: operation === 'DELETE' ? { kind: 'DeleteOptions', propagationPolicy: 'Background' } : null,
    dryRun: false,
  }
  return JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request })
}

function userOf({ username }: Command): object {
  return {
    username,
    uid: `uid-of-${username}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:agents'],
    extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${username}`] },
  }
}
