import type { ServerResponse } from 'node:http'
import type { Change, FakeObject, FakeObjects } from './api-server-objects.ts'
import type { Fault } from './api-server-faults.ts'
import { FakeRefusal } from './api-server-refusal.ts'
import { makeSelection } from './api-server-request.ts'
import type { SeenRequest } from './api-server-request.ts'

/** One open watch, seen from the server, with everything that can go wrong with it. */
export type FakeWatch = {
  readonly request: SeenRequest
  /** Sends these bytes as they are. */
  readonly say: (bytes: string | Uint8Array) => void
  /** Sends one event. */
  readonly event: (type: string, object: unknown) => void
  /** Sends an ERROR event, for example `error(410, 'Expired')`. The stream stays open. */
  readonly error: (code: number, reason: string) => void
  /** Sends a bookmark with the current version, if this watch has asked for bookmarks. */
  readonly bookmark: () => void
  /** From now on nothing is sent, though the connection stays: what a dead middlebox does. */
  readonly silence: () => void
  /** The next event is cut in half, and the connection with it. */
  readonly truncateNext: () => void
  /** The next change that this watch should bring is not told; the stream goes on as if nothing were. */
  readonly loseNext: () => void
  /** Ends the answer as the API server does after timeoutSeconds. */
  readonly end: () => void
  /** Cuts the connection. */
  readonly reset: () => void
  /** Bytes that the client has not taken yet. */
  readonly waitingBytes: () => number
}

/** Serves a watch until one side ends it. Throws FakeRefusal when the version asked for is too old or no version. */
export function serveWatch(objects: FakeObjects, request: SeenRequest, response: ServerResponse): FakeWatch {
  const selected = makeSelection(request)
  let losing = false
  let mode: 'open' | 'silent' | 'truncate' = 'open'

  function say(bytes: string | Uint8Array): void {
    if (mode === 'silent' || response.writableEnded) return
    if (mode === 'open') {
      response.write(bytes)
      return
    }
    response.write(bytes.slice(0, Math.ceil(bytes.length / 2)), () => response.destroy())
    mode = 'silent'
  }

  const event = (type: string, object: unknown): void => say(`${JSON.stringify({ type, object })}\n`)

  function deliver(change: Change): void {
    if (change.collection !== request.collection) return
    const delivered = asSelected(change, selected)
    if (delivered === undefined) return
    if (!losing) event(delivered.type, delivered.object)
    losing = false
  }

  function bookmark(): void {
    if (request.query['allowWatchBookmarks'] !== 'true') return
    const resourceVersion = objects.printed(objects.version)
    event('BOOKMARK', { kind: 'Bookmark', apiVersion: 'v1', metadata: { resourceVersion, creationTimestamp: null } })
  }

  const missed = missedBy(objects, request)
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
  response.flushHeaders()
  const stop = objects.listen(deliver)
  const seconds = Number(request.query['timeoutSeconds'] ?? '0')
  const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000).unref() : undefined
  response.once('close', () => {
    stop()
    clearTimeout(timer)
  })
  if (missed === 'Expired')
    event('ERROR', new FakeRefusal(410, 'Expired', { message: 'too old resource version' }).status())
  else for (const change of missed) deliver(change)

  return {
    request,
    say,
    event,
    bookmark,
    error: (code, reason) => event('ERROR', new FakeRefusal(code, reason).status()),
    silence: () => {
      mode = 'silent'
    },
    truncateNext: () => {
      mode = 'truncate'
    },
    loseNext: () => {
      losing = true
    },
    end: () => {
      response.end()
    },
    reset: () => {
      response.destroy()
    },
    waitingBytes: () => response.writableLength,
  }
}

/** Lets a fault that is made for watches happen to one that has just opened. */
export function misbehave(watch: FakeWatch, fault: Fault | undefined): void {
  if (fault === undefined) return
  if (fault.do === 'silence') watch.silence()
  if (fault.do === 'truncate') watch.truncateNext()
  if (fault.do === 'resetAfter') watch.reset()
  if (fault.do === 'say') watch.say(fault.text)
}

function missedBy(objects: FakeObjects, request: SeenRequest): readonly Change[] | 'Expired' {
  const from = request.query['resourceVersion'] ?? ''
  if (from !== '' && from !== '0') {
    const version = objects.parsed(from)
    if (Number.isNaN(version)) throw new FakeRefusal(400, 'BadRequest', { message: 'invalid resource version' })
    return objects.changesSince(version) ?? 'Expired'
  }
  const all = objects.all(request.collection)
  return all.map((object) => ({ type: 'ADDED', at: 0, collection: request.collection, object, previous: undefined }))
}

/** A watch with a selector sees an object that begins or ceases to match as added or deleted. */
function asSelected(
  change: Change,
  selected: (object: FakeObject) => boolean,
): { readonly type: Change['type']; readonly object: FakeObject } | undefined {
  const is = selected(change.object)
  const was = change.previous !== undefined && selected(change.previous)
  if (change.type === 'DELETED') return was ? change : undefined
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: change.object }
  if (!was) return undefined
  const { resourceVersion } = change.object.metadata
  return { type: 'DELETED', object: { ...change.previous, metadata: { ...change.previous.metadata, resourceVersion } } }
}
