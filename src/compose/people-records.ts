import type { Records } from '../cli/records.ts'
import { recordsNamespace } from '../config.ts'
import type { ApprovalRequest, ApprovalVote } from '../domain/kinds.ts'
import { ApiError } from '../kubernetes/api-error.ts'
import { fieldsOf, parseFields } from '../kubernetes/fields.ts'
import { agentIdentities, approvalRequests, approvalVotes, configMaps } from '../kubernetes/kinds.ts'
import type { Objects } from '../kubernetes/objects.ts'
import type { Transport } from '../kubernetes/transport.ts'

export type PeopleRecordsPorts = { readonly transport: Pick<Transport, 'call'>; readonly objects: Objects }

/** The records as a person may read and write them, under the person's own name. */
export function makePeopleRecords({ transport, objects }: PeopleRecordsPorts): Records {
  const namespace = recordsNamespace
  const listed = async (fieldSelector?: string): Promise<readonly ApprovalRequest[]> => {
    const where = fieldSelector === undefined ? { namespace } : { namespace, fieldSelector }
    return (await objects.list(approvalRequests, where)).items
  }
  return {
    undecided: () => listed('status.decision='),
    all: () => listed(),
    find: async (name) => {
      const found = await objects.get(approvalRequests, { namespace, name })
      return found === 'NotFound' ? undefined : found.object
    },
    fullText: async (name) => {
      const found = await objects.get(configMaps, { namespace, name })
      return found === 'NotFound' ? undefined : Object.values(found.object.data ?? {})[0]
    },
    me: () => whoAmI(transport),
    cast: (vote) => cast(objects, vote),
    isPaused: async (name) => {
      const found = await objects.get(agentIdentities, { namespace, name })
      return found === 'NotFound' ? undefined : found.object.spec.paused !== undefined
    },
    setPause: async (name, pause) => {
      const change = { spec: { paused: pause ?? null } }
      const stored = await objects.merge(agentIdentities, { namespace, name, change })
      if (stored === 'NotFound') return undefined
      if (typeof stored === 'string') throw refused('PATCH agentidentities', stored)
      return stored.object
    },
  }
}

/** Who the API server takes us for. Source: KEP-3325, SelfSubjectReview. */
async function whoAmI(transport: Pick<Transport, 'call'>) {
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' })
  const reply = await transport.call({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body,
  })
  const { username, uid, groups } = fieldsOf(fieldsOf(fieldsOf(parseFields(reply.text))['status'])['userInfo'])
  if (typeof username !== 'string' || username === '') throw refused('POST selfsubjectreviews', 'UnreadableReply')
  return {
    username,
    uid: typeof uid === 'string' ? uid : '',
    groups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
  }
}

/** The vote's name is its own, so one that is there already under it is ours, from a try that got no answer. */
async function cast(objects: Objects, vote: ApprovalVote): Promise<ApprovalVote> {
  const { namespace = recordsNamespace, name } = vote.metadata
  try {
    const stored = await objects.create(approvalVotes, { ...vote, metadata: { ...vote.metadata, namespace } })
    if (typeof stored !== 'string') return stored.object
    throw refused('POST approvalvotes', stored)
  } catch (error) {
    if (!(error instanceof ApiError) || !error.outcomeUnknown) throw error
    const found = await objects.get(approvalVotes, { namespace, name })
    if (found === 'NotFound') throw error
    return found.object
  }
}

function refused(asked: string, reason: string): ApiError {
  const status = { Invalid: 422, Conflict: 409, AlreadyExists: 409, NotFound: 404 }[reason] ?? 0
  return new ApiError({ asked, status, reason })
}
