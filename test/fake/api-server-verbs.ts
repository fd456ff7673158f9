import { randomUUID } from 'node:crypto'
import { applyJsonPatch, applyMergePatch } from './api-server-patch.ts'
import type { FakeDraft, FakeObject, FakeObjects, Key, Preconditions } from './api-server-objects.ts'
import { FakeRefusal } from './api-server-refusal.ts'
import { makeSelection } from './api-server-request.ts'
import type { SeenRequest, Verb } from './api-server-request.ts'

type Answer = { readonly status: number; readonly body: object }
type Mutate = (draft: FakeDraft) => FakeDraft
type Rest = { readonly items: readonly FakeObject[]; readonly version: string }

/** Everything but watch. Throws FakeRefusal. */
export class FakeVerbs {
  readonly #objects: FakeObjects
  readonly #tokens: Set<string>
  readonly #now: () => number
  #rests = new Map<string, Rest>()

  constructor(objects: FakeObjects, tokens: Set<string>, now: () => number) {
    this.#objects = objects
    this.#tokens = tokens
    this.#now = now
  }

  /** From now on every `continue` given out so far is answered with 410. */
  expireContinues(): void {
    this.#rests.clear()
  }

  /** `mutate` is what a policy makes of the object that is sent. */
  serve(request: SeenRequest, mutate: Mutate): Answer {
    if (request.path === '/version') return ok({ major: '1', minor: '36', gitVersion: 'v1.36.3' })
    return this.#byVerb[request.verb](request, mutate)
  }

  readonly #byVerb: Readonly<Record<Verb, (request: SeenRequest, mutate: Mutate) => Answer>> = {
    get: (request) => ok(this.#objects.get(request)),
    list: (request) => ok(this.#list(request)),
    create: (request, mutate) => this.#create(request, mutate(draftOf(request))),
    update: (request, mutate) => ok(this.#replace(request, mutate(draftOf(request)))),
    patch: (request, mutate) => this.#patch(request, mutate),
    delete: (request) => ok(this.#delete(request)),
    deletecollection: (request) => ok(this.#deleteAll(request)),
    watch: () => {
      throw new Error('a watch is served elsewhere')
    },
  }

  #list(request: SeenRequest): object {
    const { items, version } = this.#rest(request)
    const limit = Number(request.query['limit'] ?? '0') || items.length
    const rest = items.slice(limit)
    const token = rest.length > 0 ? Buffer.from(randomUUID()).toString('base64url') : undefined
    if (token !== undefined) this.#rests.set(token, { items: rest, version })
    const builtIn = request.collection.startsWith('/api/')
    return {
      kind: 'List',
      apiVersion: 'v1',
      metadata: {
        resourceVersion: version,
        ...(token === undefined ? {} : { continue: token, remainingItemCount: rest.length }),
      },
      items: items.slice(0, limit).map((item) => (builtIn ? withoutType(item) : item)),
    }
  }

  #rest(request: SeenRequest): Rest {
    const token = request.query['continue']
    if (token === undefined) {
      const items = this.#objects.all(request.collection).filter(makeSelection(request))
      return { items, version: this.#objects.printed(this.#objects.version) }
    }
    const rest = this.#rests.get(token)
    if (rest === undefined)
      throw new FakeRefusal(410, 'Expired', { message: 'The provided continue parameter is too old' })
    return rest
  }

  #create(request: SeenRequest, draft: FakeDraft): Answer {
    if (request.subresource === 'token') return { status: 201, body: this.#mintToken(draft) }
    return { status: 201, body: this.#objects.create(request, draft, isDryRun(request)) }
  }

  #mintToken(draft: FakeDraft): object {
    const token = `minted-${randomUUID()}`
    this.#tokens.add(token)
    const { spec } = draft
    const asked =
      typeof spec === 'object' && spec !== null && 'expirationSeconds' in spec ? Number(spec.expirationSeconds) : 3600
    const expirationTimestamp = `${new Date(this.#now() + asked * 1000).toISOString().slice(0, 19)}Z`
    return {
      ...draft,
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      status: { token, expirationTimestamp },
    }
  }

  #replace(request: SeenRequest, draft: FakeDraft): FakeObject {
    return this.#objects.replace(request, draft, { part: partOf(request), dryRun: isDryRun(request) })
  }

  #patch(request: SeenRequest, mutate: Mutate): Answer {
    const type = request.headers['content-type'] ?? ''
    const old = this.#objects.find(request)
    if (type === 'application/apply-patch+yaml') {
      if (request.query['fieldManager'] === undefined) throw new FakeRefusal(400, 'BadRequest')
      if (old === undefined) return this.#create(request, mutate(draftOf(request)))
    }
    const current = old ?? this.#objects.get(request)
    const next = type === 'application/json-patch+json' ? jsonPatched(current, request) : mergePatched(current, request)
    return ok(this.#replace(request, mutate(next)))
  }

  #deleteAll(request: SeenRequest): object {
    for (const { metadata } of this.#objects.all(request.collection).filter(makeSelection(request))) {
      this.#objects.delete({ ...request, namespace: metadata.namespace ?? '', name: metadata.name })
    }
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
  }

  #delete(request: SeenRequest): object {
    const options: { readonly preconditions?: Preconditions } = request.body === '' ? {} : JSON.parse(request.body)
    const key: Key = request
    if (isDryRun(request)) return this.#objects.get(key)
    const deleted = this.#objects.delete(key, options.preconditions)
    if (this.#objects.find(key) !== undefined) return deleted
    const details = { name: key.name, kind: request.resource, uid: deleted.metadata.uid }
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
  }
}

function ok(body: object): Answer {
  return { status: 200, body }
}

function draftOf(request: SeenRequest): FakeDraft {
  try {
    const draft: FakeDraft = JSON.parse(request.body)
    return draft
  } catch {
    throw new FakeRefusal(400, 'BadRequest', { message: 'the body is not JSON' })
  }
}

function jsonPatched(current: FakeObject, request: SeenRequest): FakeDraft {
  const patch: Parameters<typeof applyJsonPatch>[1] = JSON.parse(request.body)
  return applyJsonPatch(current, patch)
}

function mergePatched(current: FakeObject, request: SeenRequest): FakeDraft {
  const patched = applyMergePatch(current, draftOf(request))
  return typeof patched === 'object' && patched !== null ? { ...patched } : {}
}

function partOf(request: SeenRequest): 'main' | 'status' {
  return request.subresource === 'status' ? 'status' : 'main'
}

function isDryRun(request: SeenRequest): boolean {
  return request.query['dryRun'] === 'All'
}

/** As in real lists of built-in kinds. */
function withoutType(object: FakeObject): unknown {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object
  return rest
}
