import type { RawAnswer } from '../app/raw.ts'
import type { TabRequest } from '../app/tab-wire.ts'
import type { Brief } from '../domain/briefing.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { inboxOf } from './inbox-view.ts'
import type { Asked, TabPorts } from './ports.ts'
import { previousOf } from './previous.ts'
import { requestView } from './request-view.ts'
import { answer } from './respond.ts'
import type { Refused } from './respond.ts'

/** `GET /api/tab/requests`: everything that waits. */
export function showInbox({ ports, caller }: Asked): RawAnswer {
  const sight = { requests: ports.requests(), approvers: ports.approvers(), caller }
  return answer(inboxOf({ ...sight, version: ports.feed.version(), now: ports.now() }))
}

/** `GET /api/tab/requests/<name>`: everything about one. */
export async function showRequest(asked: Asked): Promise<RawAnswer | Refused> {
  // Before the reading: a change meanwhile is told once more, and none is missed.
  const version = asked.ports.feed.version()
  const request = await asked.ports.request(asked.name)
  return request === undefined ? { refusal: 'UnknownRequest' } : answer(await viewOf(asked, request, version))
}

/** Everything about a request as it was read. `version`: from before the reading. */
export async function viewOf(
  { ports, caller }: Pick<Asked, 'ports' | 'caller'>,
  request: ApprovalRequest,
  version: string,
): Promise<TabRequest> {
  const before = await previousOf(request, ports.request)
  const [brief, previous] = await Promise.all([briefOf(ports, request), before && briefOf(ports, before)])
  return requestView({ brief, previous, approvers: ports.approvers(), caller, version, now: ports.now() })
}

/** The request with the whole of its change. */
export async function briefOf({ diffOf }: TabPorts, request: ApprovalRequest): Promise<Brief> {
  return { request, diff: await diffOf(request) }
}
