import type { ApprovalRequest } from '../domain/kinds.ts'
import type { Resource } from './resource.ts'

/** Where our kinds are served. */
export const approvalRequests: Resource<ApprovalRequest> = {
  group: 'countersign.dev',
  version: 'v1alpha1',
  plural: 'approvalrequests',
  kind: 'ApprovalRequest',
  namespaced: true,
  exact: true,
}
