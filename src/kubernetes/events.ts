import type { Announcement } from '../app/announce.ts'
import type { Instant } from '../domain/instant.ts'
import type { Objects } from './objects.ts'
import type { KubernetesObject, Resource } from './resource.ts'

/** events.k8s.io/v1, as far as we write it. */
type Event = KubernetesObject &
  Omit<Announcement, 'name' | 'namespace'> & {
    /** RFC 3339 with six decimals: MicroTime. */
    readonly eventTime: string
    readonly reportingController: string
    readonly reportingInstance: string
  }

const events: Resource<Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
  exact: false,
}

export type EventPorts = {
  readonly objects: Pick<Objects, 'create'>
  readonly now: () => Instant
  /** Of the process, in reportingInstance. */
  readonly instance: string
}

/** An Event on its way may not keep a decision waiting. */
const deadlineMs = 5_000

/** Publishes it unless somebody has already: its name says what has happened. Rejects when there is no usable answer. */
export async function publishEvent(
  { objects, now, instance }: EventPorts,
  { name, namespace, ...said }: Announcement,
): Promise<void> {
  const eventTime = new Date(now()).toISOString().replace('Z', '000Z')
  const reported = { reportingController: 'countersign.dev/operator', reportingInstance: instance }
  await objects.create(events, { metadata: { name, namespace }, ...said, ...reported, eventTime }, { deadlineMs })
}
