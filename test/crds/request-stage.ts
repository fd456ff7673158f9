import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import type { ApiClient } from './api-client.ts'
import { histories, sampleRequest } from './sample-request.ts'
import type { Mutable, State } from './sample-request.ts'

export const requestsPath = '/apis/countersign.dev/v1alpha1/namespaces/countersign-system/approvalrequests'

/** A request of its own for every attack, in the wanted state. */
export type RequestStage = {
  readonly requestIn: (state: State) => Promise<Mutable<ApprovalRequest>>
  readonly live: (name: string) => Promise<unknown>
}

export function makeRequestStage(api: ApiClient): RequestStage {
  let count = 0
  const live = (name: string): Promise<unknown> => api.must({ method: 'GET', path: `${requestsPath}/${name}` })
  const requestIn = async (state: State): Promise<Mutable<ApprovalRequest>> => {
    count += 1
    const name = `apr-${count}`
    await api.must({ method: 'POST', path: requestsPath, body: sampleRequest(name) })
    for (const status of histories[state]) {
      const body = { ...asRequest(await live(name)), status }
      await api.must({ method: 'PUT', path: `${requestsPath}/${name}/status`, body })
    }
    return asRequest(await live(name))
  }
  return { requestIn, live }
}

function asRequest(body: unknown): Mutable<ApprovalRequest> {
  if (!isRequest(body)) throw new Error('no ApprovalRequest came back')
  return body
}

function isRequest(body: unknown): body is Mutable<ApprovalRequest> {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'ApprovalRequest'
}
