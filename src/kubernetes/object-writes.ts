import { answerOf } from './answer.ts'
import type { Refused, Stored } from './answer.ts'
import type { Objects } from './objects.ts'
import { apiVersionOf, collectionPath, objectPath } from './resource.ts'
import type { KubernetesObject, Resource } from './resource.ts'
import { checkMerged, checkPatched, checkStored, parseObject } from './stored.ts'
import type { Call, Transport } from './transport.ts'

export type WritePorts = {
  readonly transport: Pick<Transport, 'call'>
  /** Stands in managedFields: which of us wrote a field. */
  readonly fieldManager: string
}

const refusals = ['AlreadyExists', 'Conflict', 'Invalid', 'NotFound'] as const

/** The writing half of Objects. */
export function makeWrites(ports: WritePorts): Omit<Objects, 'get' | 'list'> {
  const send = makeSend(ports)
  return {
    create: (resource, object, options) => {
      const body = bodyOf(resource, object)
      const { namespace, name } = object.metadata ?? {}
      const check = (returned: KubernetesObject): void => checkStored(resource, body, returned)
      return send(
        { method: 'POST', path: collectionPath(resource, namespace), body, ...options },
        { resource, name, check },
      )
    },
    replace: (resource, object, options) => {
      const body = bodyOf(resource, object)
      const { namespace, name = '' } = object.metadata ?? {}
      const path = objectPath(resource, namespace === undefined ? { name } : { namespace, name })
      const check = (returned: KubernetesObject): void => checkStored(resource, body, returned)
      return send({ method: 'PUT', path, body, ...options }, { resource, name, check })
    },
    patch: (resource, { subresource, operations, ...ref }, options) => {
      const body = JSON.stringify(operations)
      const check = (returned: KubernetesObject): void => checkPatched(resource, operations, returned)
      const call: Call = { method: 'PATCH', path: objectPath(resource, ref, subresource), body, ...options }
      return send({ ...call, contentType: 'application/json-patch+json' }, { resource, name: ref.name, check })
    },
    merge: (resource, { subresource, change, ...ref }, options) => {
      const body = JSON.stringify(change)
      const check = (returned: KubernetesObject): void => checkMerged(resource, body, returned)
      const call: Call = { method: 'PATCH', path: objectPath(resource, ref, subresource), body, ...options }
      return send({ ...call, contentType: 'application/merge-patch+json' }, { resource, name: ref.name, check })
    },
    remove: async (resource, { preconditions, ...ref }, options) => {
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions })
      const call: Call = { method: 'DELETE', path: objectPath(resource, ref), body, ...options }
      const answered = await answerOf(ports.transport, call, ['Conflict', 'NotFound'])
      return typeof answered === 'string' ? answered : 'Deleted'
    },
  }
}

type Written<T extends KubernetesObject> = {
  readonly resource: Resource<T>
  readonly name: string | undefined
  readonly check: (returned: T) => void
}

type Send = <T extends KubernetesObject>(call: Call, written: Written<T>) => Promise<Stored<T> | Refused>

function makeSend({ transport, fieldManager }: WritePorts): Send {
  const query = { fieldValidation: 'Strict', fieldManager }
  return async (call, written) => {
    const answered = await answerOf(transport, { ...call, query }, refusals)
    if (typeof answered === 'string') return answered
    const object = parseObject(call, answered, written)
    written.check(object)
    return { object, date: answered.date }
  }
}

function bodyOf(resource: Resource<KubernetesObject>, object: KubernetesObject): string {
  return JSON.stringify({ ...object, apiVersion: apiVersionOf(resource), kind: resource.kind })
}
