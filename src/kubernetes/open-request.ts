import type { LiveRequest, RequestDraft } from '../app/ports.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import type { Refused, Stored } from './answer.ts'
import { ApiError } from './api-error.ts'
import { readAttempt } from './attempts.ts'
import { approvalRequests } from './kinds.ts'
import type { CallOptions } from './objects.ts'
import type { RequestPorts } from './swap.ts'

/** A request that vanishes between two looks is created anew; more often is no accident. */
const mostTries = 3

/**
 * Creates a request, or finds the one that is already there under its name for the same action. A create whose answer
 * was lost is looked for and, if it is not there, repeated: the name makes that safe.
 */
export async function openRequest(
  ports: RequestPorts,
  draft: RequestDraft,
  options: CallOptions,
): Promise<LiveRequest> {
  const { name, spec } = draft
  let failure: ApiError | undefined
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const created = await create(ports, draft, options)
    if (isStored(created)) return { request: created.object, date: created.date }
    failure = created === 'AlreadyExists' ? undefined : created
    const there = await readAttempt(ports, { digest: spec.actions[0]?.digest, name }, options)
    if (there !== undefined) return there
  }
  throw failure ?? new Error(`${name} is there for those who create it and not for those who read it`)
}

async function create(
  { objects, namespace }: RequestPorts,
  { name, labels, spec }: RequestDraft,
  options: CallOptions,
): Promise<Stored<ApprovalRequest> | 'AlreadyExists' | ApiError> {
  const metadata = { namespace, name, ...(labels === undefined ? {} : { labels }) }
  const request: ApprovalRequest = { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApprovalRequest', metadata, spec }
  const created = await objects.create(approvalRequests, request, options).catch((error: unknown) => {
    if (error instanceof ApiError && error.outcomeUnknown) return error
    throw error
  })
  if (created === 'Invalid' || created === 'NotFound' || created === 'Conflict') {
    throw new Error(`the API server refuses to create ${name}: ${created}`)
  }
  return created
}

function isStored(created: Stored<ApprovalRequest> | Refused | ApiError): created is Stored<ApprovalRequest> {
  return typeof created !== 'string' && !(created instanceof ApiError)
}
