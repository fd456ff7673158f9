import type { Chain, LiveRequest } from '../app/ports.ts'
import { attemptName, requestName } from '../domain/digest.ts'
import type { Digest } from '../domain/digest.ts'
import { approvalRequests } from './kinds.ts'
import type { CallOptions } from './objects.ts'
import { ResponseDiffers } from './response-differs.ts'
import type { RequestPorts } from './swap.ts'

/**
 * The newest attempt of an action, by reading one after the other until there is none. A chain leaves the store highest
 * number first, so a gap is its end; where even the known attempt is gone, the walk begins at the first one.
 */
export async function latestAttempt(
  ports: RequestPorts,
  chain: Chain,
  options: CallOptions,
): Promise<LiveRequest | undefined> {
  const read = (number: number): Promise<LiveRequest | undefined> =>
    readAttempt(ports, { digest: chain.digest, name: attemptName(chain.digest, number) }, options)
  const known = Math.max(1, chain.known ?? 1)
  const begin = await firstOf(read, [known, 1])
  if (begin === undefined) return undefined
  const hint = attemptNumber(chain.digest, begin.live.request.status?.latestAttempt)
  let newest = (hint > begin.number ? await firstOf(read, [hint]) : undefined) ?? begin
  for (;;) {
    const next = await firstOf(read, [newest.number + 1])
    if (next === undefined) return newest.live
    newest = next
  }
}

type Attempt = { readonly number: number; readonly live: LiveRequest }

async function firstOf(
  read: (number: number) => Promise<LiveRequest | undefined>,
  numbers: readonly number[],
): Promise<Attempt | undefined> {
  for (const number of new Set(numbers)) {
    const live = await read(number)
    if (live !== undefined) return { number, live }
  }
  return undefined
}

/** 0 for what is no name of this chain: it is a hint, and may be wrong. */
function attemptNumber(digest: Digest, name: string | undefined): number {
  const number = Number(name?.slice(requestName(digest).length + 1))
  return Number.isSafeInteger(number) && number > 1 && name === attemptName(digest, number) ? number : 0
}

/**
 * Reads a request by its name. Throws ResponseDiffers when it is there for another action: the name holds 100 bits of
 * the digest, so that is no accident.
 */
export async function readAttempt(
  { objects, namespace }: RequestPorts,
  attempt: { readonly digest: string | undefined; readonly name: string },
  options: CallOptions,
): Promise<LiveRequest | undefined> {
  const found = await objects.get(approvalRequests, { namespace, name: attempt.name }, options)
  if (found === 'NotFound') return undefined
  if (found.object.spec.actions[0]?.digest === attempt.digest) return { request: found.object, date: found.date }
  throw new ResponseDiffers(`approvalrequests ${attempt.name}`, ['/spec/actions/0/digest'])
}
