import { chainName } from '../domain/digest.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import type { Records } from './records.ts'
import { safe } from '../domain/safe-text.ts'

export type Resolved = { readonly request: ApprovalRequest } | { readonly problem: string }

const whole = /^apr-[a-z0-9]{20}(?:-\d+)?$/

/**
 * The request that a person means: by its name, with or without `apr/` before it, or by any beginning that only the
 * attempts of one action have, of which it is then the newest. Those that wait are looked at first.
 */
export async function resolve(records: Pick<Records, 'find' | 'undecided' | 'all'>, given: string): Promise<Resolved> {
  const name = given.replace(/^(?:apr|approvalrequests?)(?:\.countersign\.dev)?\//, '')
  if (whole.test(name)) {
    const request = await records.find(name)
    return request === undefined ? none(given) : { request }
  }
  const prefix = name.startsWith('apr-') ? name : `apr-${name}`
  if (prefix === 'apr-' || !/^[a-z0-9-]+$/.test(prefix)) return none(given)
  return chosen(await records.undecided(), prefix) ?? chosen(await records.all(), prefix) ?? none(given)
}

function chosen(requests: readonly ApprovalRequest[], prefix: string): Resolved | undefined {
  const found = requests.filter(({ metadata }) => metadata.name.startsWith(prefix))
  const chains = new Set(found.map(({ metadata }) => chainName(metadata.name)))
  if (chains.size > 1) return { problem: ambiguous(prefix, found) }
  const newest = found.toSorted((a, b) => b.spec.attempt.number - a.spec.attempt.number)[0]
  return newest === undefined ? undefined : { request: newest }
}

const mostCandidates = 20

function ambiguous(prefix: string, found: readonly ApprovalRequest[]): string {
  const shown = found.slice(0, mostCandidates).map(({ metadata, spec }) => `  ${metadata.name}  ${safe(spec.summary)}`)
  const more = found.length > mostCandidates ? [`  and ${found.length - mostCandidates} more`] : []
  return [`${prefix} may be any of these; give more of the name:`, ...shown, ...more].join('\n')
}

function none(given: string): Resolved {
  return { problem: `there is no request ${safe(given)}; kubectl countersign get --all lists them` }
}
