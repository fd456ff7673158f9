import { collectionPath } from './resource.ts'
import type { KubernetesObject } from './resource.ts'
import { momentOf, takeIn, takeOut } from './run.ts'
import type { Run } from './run.ts'
import type { Call } from './transport.ts'
import { watchEvents } from './watch.ts'
import type { WatchEvent } from './watch.ts'

export type Watching = {
  /** Where to go on from. */
  readonly version: string
  /** The moment, on the clock of durations, at which the watch has to end. */
  readonly endAt: number
  /** Told the version of each event and bookmark, after it was taken in. */
  readonly reached: (version: string) => void
}

export type Watched = { readonly openMs: number; readonly error: unknown }

/**
 * Takes in events until the server ends the watch, or something goes wrong, or `endAt` comes, which is no error; `reached`
 * has the version up to which nothing was lost. Tells how long the watch was open. Never rejects.
 */
export async function watchOn<K extends KubernetesObject, T>(run: Run<K, T>, watching: Watching): Promise<Watched> {
  const { timers } = run.ports
  const { signal, end } = endingWith(run.signal)
  void timers.sleep(watching.endAt - timers.elapsed(), signal).then(end)
  let opened: number | undefined
  const openMs = (): number => (opened === undefined ? 0 : timers.elapsed() - opened)
  try {
    const call = watchCall(run, watching.version, signal)
    const bytes = await run.ports.transport.stream(call)
    opened = timers.elapsed()
    await takeInAll(run, watching, eventsOf(run, call, bytes))
    return { openMs: openMs(), error: undefined }
  } catch (error) {
    return { openMs: openMs(), error: timers.elapsed() >= watching.endAt ? undefined : error }
  } finally {
    end()
  }
}

function eventsOf<K extends KubernetesObject, T>(run: Run<K, T>, call: Call, bytes: AsyncIterable<Uint8Array>) {
  const { kind } = run.interest.resource
  const mostLineBytes = run.ports.limits.mostEventBytes
  return watchEvents<K>(bytes, { asked: `GET ${call.path}`, kind, mostLineBytes })
}

async function takeInAll<K extends KubernetesObject, T>(
  run: Run<K, T>,
  watching: Watching,
  events: AsyncIterable<WatchEvent<K>>,
): Promise<void> {
  for await (const event of events) {
    watching.reached(takeInEvent(run, event))
    run.heard(momentOf(run))
  }
}

function takeInEvent<K extends KubernetesObject, T>(run: Run<K, T>, event: WatchEvent<K>): string {
  if (event.type === 'BOOKMARK') return event.resourceVersion
  if (event.type === 'DELETED') takeOut(run, event.object)
  else takeIn(run, event.object)
  return event.object.metadata.resourceVersion
}

function watchCall<K extends KubernetesObject, T>(run: Run<K, T>, version: string, signal: AbortSignal): Call {
  const { interest, ports } = run
  const seconds = Math.ceil((ports.limits.watchMs * (1 + ports.random())) / 1000)
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: version,
    timeoutSeconds: String(seconds),
    ...interest.selector,
  }
  return { method: 'GET', path: collectionPath(interest.resource, interest.namespace), query, signal }
}

/** A signal that is aborted with `parent`, or by `end`, which has to be called in the end. */
function endingWith(parent: AbortSignal): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController()
  const end = (): void => {
    parent.removeEventListener('abort', end)
    controller.abort()
  }
  parent.addEventListener('abort', end)
  return { signal: controller.signal, end }
}
