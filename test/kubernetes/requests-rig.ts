import type { OperatorRequests, WebhookRequests } from '../../src/app/ports.ts'
import type { ApprovalRequest, ApprovalRequestStatus } from '../../src/domain/kinds.ts'
import { attemptName } from '../../src/domain/digest.ts'
import { approvalRequests } from '../../src/kubernetes/kinds.ts'
import { makeOperatorRequests, makeWebhookRequests } from '../../src/kubernetes/requests.ts'
import type { Key } from '../fake/api-server-objects.ts'
import { startRig } from './objects-rig.ts'
import type { Rig } from './objects-rig.ts'
import { digest, makeSpec, name, namespace } from './requests-make.ts'

export const collection = '/apis/countersign.dev/v1alpha1/approvalrequests'

/** The requests store over an API server that lies when told to. */
export type RequestsRig = Rig & {
  readonly webhook: WebhookRequests
  readonly operator: OperatorRequests
  /** Puts an attempt there, as somebody else; gives its uid. */
  readonly store: (attempt?: StoredAttempt) => string
  /** Somebody else writes the status. */
  readonly setStatus: (status: ApprovalRequestStatus, number?: number) => void
  readonly remove: () => void
  /** The request as it is stored now. */
  readonly live: () => Promise<ApprovalRequest>
  /** What was asked of the server so far, such as `get N-2`, where N stands for the name of the chain. */
  readonly asked: () => readonly string[]
}

type StoredAttempt = {
  readonly number?: number
  readonly spec?: ApprovalRequest['spec']
  readonly status?: ApprovalRequestStatus
}

export async function startRequestsRig(): Promise<RequestsRig> {
  const rig = await startRig()
  const ports = { objects: rig.objects, namespace }
  const setStatus = (status: ApprovalRequestStatus, number = 1): void => {
    rig.api.objects.replace(keyOf(number), { status }, { part: 'status' })
  }
  return {
    ...rig,
    webhook: makeWebhookRequests(ports),
    operator: makeOperatorRequests(ports),
    store: ({ number = 1, spec = makeSpec(), status } = {}) => {
      const { name: attempt } = keyOf(number)
      const draft = {
        apiVersion: 'countersign.dev/v1alpha1',
        kind: 'ApprovalRequest',
        metadata: { name: attempt },
        spec,
      }
      const { uid } = rig.api.objects.create({ collection, namespace }, draft).metadata
      if (status !== undefined) setStatus(status, number)
      return uid
    },
    setStatus,
    remove: () => {
      rig.api.objects.delete(keyOf(1))
    },
    live: async () => {
      const before = rig.api.requests.length
      const found = await rig.objects.get(approvalRequests, { namespace, name })
      rig.api.requests.splice(before)
      if (found === 'NotFound') throw new Error('the request is gone')
      return found.object
    },
    asked: () => rig.api.requests.map((request) => `${request.verb} ${request.name.replace(name, 'N')}`.trim()),
  }
}

function keyOf(number: number): Key {
  return { collection, namespace, name: attemptName(digest, number) }
}
