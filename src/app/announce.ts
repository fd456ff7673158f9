import type { ApprovalRequest, Condition } from '../domain/kinds.ts'
import { shortened } from '../domain/inert.ts'

/** Something that people find by kubectl describe, on the request or on what it is about. */
export type Announcement = {
  /** The same for the same thing said by whomever, so that it is said once. */
  readonly name: string
  readonly namespace: string
  readonly regarding: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace?: string
    readonly name: string
    readonly uid?: string
  }
  readonly type: 'Normal' | 'Warning'
  readonly action: string
  readonly reason: string
  /** At most 1 KiB; nothing that an agent wrote but the names in the summary, which are inert. */
  readonly note: string
}

export type Happening = 'Requested' | 'Decided' | 'Outcome'

/** The Events of one thing that has happened: on the request, and on its target where that is in a namespace. */
export function announcements(
  request: ApprovalRequest,
  happening: Happening,
  said: Pick<Condition, 'reason' | 'message'>,
): readonly Announcement[] {
  const text = `${request.spec.summary}: ${said.message}`
  const about = {
    type: said.reason === 'Denied' || said.reason === 'NotObserved' ? 'Warning' : 'Normal',
    action: happening,
    reason: said.reason,
    note: shortened(text, 900),
  } as const
  const name = `${request.metadata.name}.${happening}-${said.reason}`.toLowerCase()
  const own = regardingRequest(request)
  const target = regardingTarget(request)
  return [
    { ...about, name, namespace: own.namespace, regarding: own },
    ...(target === undefined
      ? []
      : [{ ...about, name: `${name}.target`, namespace: target.namespace, regarding: target }]),
  ]
}

type Regarding = Announcement['regarding'] & { readonly namespace: string }

function regardingRequest({ apiVersion, kind, metadata }: ApprovalRequest): Regarding {
  const { namespace = '', name, uid } = metadata
  return { apiVersion, kind, namespace, name, ...(uid === undefined ? {} : { uid }) }
}

function regardingTarget({ spec }: ApprovalRequest): Regarding | undefined {
  const action = spec.actions[0]
  if (action?.namespace === undefined || action.name === undefined) return undefined
  const { group, version } = action.resource
  const apiVersion = group === '' ? version : `${group}/${version}`
  const { kind, namespace, name, targetUID } = action
  return { apiVersion, kind, namespace, name, ...(targetUID === undefined ? {} : { uid: targetUID }) }
}
