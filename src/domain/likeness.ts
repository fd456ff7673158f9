import { createHash } from 'node:crypto'
import { canonical } from './canonical.ts'
import type { RequestedAction } from './kinds.ts'

/** Requests that bear the same value of this label are of one agent, and do the same to the same kind in the same place. */
export const likenessLabel = 'countersign.dev/like'

type Alike = Pick<RequestedAction, 'operation' | 'resource' | 'namespace'>

/** The value of {@link likenessLabel}: 20 hexadecimal digits. `agent`: as requests name it. */
export function likenessOf(agent: string, { operation, resource, namespace = '' }: Alike): string {
  const { group, resource: plural, subresource } = resource
  const alike = canonical([agent, operation, group, plural, subresource, namespace])
  return createHash('sha256').update(alike).digest('hex').slice(0, 20)
}
