import type { ApprovalRequest, ObjectRef, RequestedAction } from '../domain/kinds.ts'

/**
 * What was asked before: the attempt before this one, which asked for the very same; else the last time that this agent
 * asked for the same kind of thing on the same target, as the operator found it. Undefined when there is none.
 */
export async function previousOf(
  request: ApprovalRequest,
  find: (name: string) => Promise<ApprovalRequest | undefined>,
): Promise<ApprovalRequest | undefined> {
  const before = refBefore(request)
  const found = before === undefined ? undefined : await find(before.name)
  const isIt = found !== undefined && found.metadata.uid === before?.uid && isSameTarget(found, request)
  return isIt ? found : undefined
}

function refBefore({ spec, status }: ApprovalRequest): ObjectRef | undefined {
  return spec.attempt.previous ?? status?.context?.similar?.[0]
}

function isSameTarget(a: ApprovalRequest, b: ApprovalRequest): boolean {
  return placeOf(a) === placeOf(b)
}

/** Who does what to what, without how. */
function placeOf({ spec: { requester, actions } }: ApprovalRequest): string {
  return JSON.stringify([requester.username, ...(actions[0] === undefined ? [] : targetOf(actions[0]))])
}

function targetOf({ operation, resource, namespace, name, generateName }: RequestedAction): readonly unknown[] {
  return [operation, resource.group, resource.resource, resource.subresource, namespace, name, generateName]
}
