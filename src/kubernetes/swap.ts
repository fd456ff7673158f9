import type { LiveRequest, Ref } from '../app/ports.ts'
import { ApiError } from './api-error.ts'
import type { PatchOperation } from './json-patch.ts'
import { approvalRequests } from './kinds.ts'
import type { CallOptions, Objects } from './objects.ts'
import { sameJson } from './same-json.ts'

export type RequestPorts = {
  readonly objects: Pick<Objects, 'get' | 'create' | 'patch'>
  /** The records namespace. */
  readonly namespace: string
}

/** What to send after a look at the live request, or the end of the matter. */
export type Next<Done> = { readonly operations: readonly PatchOperation[] } | { readonly done: Done }

export type Swap<Done> = {
  readonly ref: Ref
  readonly first: readonly PatchOperation[]
  readonly judge: (live: LiveRequest) => Next<Done>
  readonly options?: CallOptions
}

/** `Invalid`: the same operations were refused although they fit what is stored. `Busy`: no try of several came through. */
export type Swapped<Done> =
  | (LiveRequest & { readonly outcome: 'Stored'; readonly tries: number })
  | { readonly outcome: 'Done'; readonly done: Done; readonly tries: number }
  | { readonly outcome: 'NotFound' | 'Invalid' | 'Busy'; readonly live: LiveRequest | undefined }

const mostTries = 5

/**
 * Patches the status of a request until it is stored or the matter has ended otherwise. A refusal does not say which of
 * its tests, rules or policies failed, and a lost answer not whether it was stored, so after either the request is read
 * and judged. Rejects with the last error when even the last of several tries had no answer.
 */
export async function swap<Done>(ports: RequestPorts, asked: Swap<Done>): Promise<Swapped<Done>> {
  let round: Round<Done> = { operations: asked.first }
  for (let tries = 1; tries <= mostTries; tries += 1) {
    round = await once(ports, asked, { operations: round.operations, tries })
    if (round.end !== undefined) return round.end
  }
  if (round.error !== undefined) throw round.error
  return { outcome: 'Busy', live: round.live }
}

/** One try: its end, or what to send next. */
type Round<Done> = {
  readonly operations: readonly PatchOperation[]
  readonly end?: Swapped<Done>
  readonly live?: LiveRequest | undefined
  readonly error?: ApiError | undefined
}

async function once<Done>(
  ports: RequestPorts,
  asked: Swap<Done>,
  { operations, tries }: { readonly operations: readonly PatchOperation[]; readonly tries: number },
): Promise<Round<Done>> {
  const sent = await send(ports, asked, operations)
  if (sent.kind === 'Stored') {
    return { operations, end: { outcome: 'Stored', request: sent.request, date: sent.date, tries } }
  }
  const live = await read(ports, asked)
  if (live === undefined) return { operations, end: { outcome: 'NotFound', live } }
  const next = asked.judge(live)
  if ('done' in next) return { operations, end: { outcome: 'Done', done: next.done, tries } }
  const again = sameJson(next.operations, operations)
  if (sent.kind === 'Invalid' && again) return { operations, end: { outcome: 'Invalid', live } }
  return { operations: next.operations, live, error: sent.kind === 'Unknown' ? sent.error : undefined }
}

type Sent =
  | (LiveRequest & { readonly kind: 'Stored' })
  | { readonly kind: 'Invalid' | 'Conflict' | 'NotFound' }
  | { readonly kind: 'Unknown'; readonly error: ApiError }

async function send<Done>(
  ports: RequestPorts,
  { ref, options }: Swap<Done>,
  operations: readonly PatchOperation[],
): Promise<Sent> {
  const { objects, namespace } = ports
  const patch = { namespace, name: ref.name, subresource: 'status', operations }
  try {
    const stored = await objects.patch(approvalRequests, patch, options)
    if (typeof stored !== 'string') return { kind: 'Stored', request: stored.object, date: stored.date }
    return { kind: stored === 'AlreadyExists' ? 'Conflict' : stored }
  } catch (error) {
    if (error instanceof ApiError && error.outcomeUnknown) return { kind: 'Unknown', error }
    throw error
  }
}

async function read<Done>(
  { objects, namespace }: RequestPorts,
  { ref, options }: Swap<Done>,
): Promise<LiveRequest | undefined> {
  const found = await objects.get(approvalRequests, { namespace, name: ref.name }, options)
  if (found === 'NotFound' || found.object.metadata.uid !== ref.uid) return undefined
  return { request: found.object, date: found.date }
}
