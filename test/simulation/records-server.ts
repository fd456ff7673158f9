import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { FakeObjects } from '../fake/api-server-objects.ts'
import type { FakeDraft } from '../fake/api-server-objects.ts'
import { FakeRefusal } from '../fake/api-server-refusal.ts'
import type { SeenRequest, Verb } from '../fake/api-server-request.ts'
import { FakeVerbs } from '../fake/api-server-verbs.ts'
import { breaksRule } from './record-rules.ts'
import type { Stage } from './stage.ts'
import type { World } from './world.ts'

export type Asked = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: string
}
export type Served = { readonly status: number; readonly text: string }

/** The API server as our own processes see it: their records, with the rules of the schema, and what agents work on. */
export type RecordsServer = {
  readonly objects: FakeObjects
  readonly serve: (asked: Asked) => Served
}

export const recordsNamespace = 'countersign-system'
const group = '/apis/countersign.dev/v1alpha1'
export const requestsCollection = `${group}/approvalrequests`
export const votesCollection = `${group}/approvalvotes`

export type ServerOptions = {
  /** The transition rules of the schema hold. */
  readonly rules: boolean
  /** Kinds of the world that our service account may not read. */
  readonly forbidden: readonly string[]
}

export function makeRecordsServer(stage: Stage, world: World, { rules, forbidden }: ServerOptions): RecordsServer {
  const objects = new FakeObjects(() => stage.clock.now())
  const verbs = new FakeVerbs(objects, new Set(), () => stage.clock.now())

  function serveRecords(asked: Asked): Served {
    const request = seen(asked)
    const old = request.subresource === 'status' ? objects.find(request) : undefined
    const { status, body } = verbs.serve(request, (draft) => {
      const broken = rules && old !== undefined ? breaksRule(asRequest(old), asRequest(draft)) : undefined
      if (broken !== undefined) throw new FakeRefusal(422, 'Invalid', { message: broken })
      return draft
    })
    return { status, text: JSON.stringify(body) }
  }

  function serveWorld(asked: Asked): Served {
    const { resource, name } = seen(asked)
    if (forbidden.includes(resource)) throw new FakeRefusal(403, 'Forbidden')
    if (name === '') return { status: 200, text: JSON.stringify({ kind: 'List', items: world.all(resource) }) }
    const found = world.find(resource, name)
    if (found === undefined) throw new FakeRefusal(404, 'NotFound', { details: { name } })
    return { status: 200, text: JSON.stringify(found) }
  }

  return {
    objects,
    serve: (asked) => {
      try {
        return asked.path.startsWith(group) ? serveRecords(asked) : serveWorld(asked)
      } catch (error) {
        if (!(error instanceof FakeRefusal)) throw error
        return { status: error.code, text: JSON.stringify(error.status()) }
      }
    },
  }
}

/** An object of this kind, as loosely as the fake looks at it. */
export function asRequest(object: FakeDraft): ApprovalRequest {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fake stores what our own code sends
  return object as unknown as ApprovalRequest
}

const verbOf: Readonly<Record<string, Verb>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

function seen({ method, path, query, body }: Asked): SeenRequest {
  const segments = path.split('/').slice(1).map(decodeURIComponent)
  const version = segments.slice(0, segments[0] === 'api' ? 2 : 3)
  const rest = segments.slice(version.length)
  const [, namespace = '', resource = '', name = '', subresource = ''] =
    rest[0] === 'namespaces' ? rest : ['', '', ...rest]
  return {
    verb: verbOf[method] ?? (name === '' ? 'list' : 'get'),
    method,
    path,
    query,
    headers: { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : 'application/json' },
    body,
    collection: `/${[...version, resource].join('/')}`,
    resource,
    namespace,
    name,
    subresource,
  }
}
