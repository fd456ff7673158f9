import type { MembershipAnswer, MembershipQuestion } from '../app/memberships.ts'
import { makeBreaker } from './breaker.ts'
import type { Breaker } from './breaker.ts'
import { askGraph } from './graph-call.ts'
import type { GraphCall, GraphFailure, GraphPorts } from './graph-call.ts'
import { makeAnswerCache } from './answer-cache.ts'
import type { AnswerCache } from './answer-cache.ts'
import { readGroups, readUser } from './graph-answer.ts'
import type { UserKind } from './graph-answer.ts'

export type EntraGroupsPorts = GraphPorts & {
  /** Milliseconds on a clock that nobody sets: how old an answer is, is a duration. */
  readonly elapsed: () => number
}

/** The groups of one tenant. */
export type EntraGroups = {
  readonly ask: (question: Omit<MembershipQuestion, 'tenantID'>) => Promise<Exclude<MembershipAnswer, 'NoTenant'>>
}

/**
 * Who is in which group, by Microsoft Graph: `checkMemberGroups`, which looks through nested groups. A group that is not
 * returned is one that he is not in; those with hidden membership may be left out. Answers are kept for a minute at the
 * most. A service that fails is left alone for a while, and one question at a time finds out whether it is back.
 */
export function makeEntraGroups(ports: EntraGroupsPorts): EntraGroups {
  const cache = makeAnswerCache(ports.elapsed)
  const breaker = makeBreaker(ports.elapsed)
  return {
    ask: async ({ objectID, groupIDs, fresh }) => {
      const asked = groupIDs.filter(isID)
      // A malformed id fails a whole call, and `/users/` takes names too.
      if (!isID(objectID) || asked.length === 0) return nothing
      const kept = fresh ? undefined : cache.read(objectID, asked)
      if (kept !== undefined) return kept
      const wait = breaker.wait()
      if (wait !== undefined) return { unknown: wait.why, againMs: wait.ms }
      return askAll({ ...ports, cache, breaker }, objectID, asked)
    },
  }
}

const nothing = { groupIDs: new Set<string>(), counts: false }

function isID(text: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)
}

/** More than 20 in one call are refused. */
const mostGroups = 20

type Asking = EntraGroupsPorts & { readonly cache: AnswerCache; readonly breaker: Breaker }

async function askAll(asking: Asking, objectID: string, asked: readonly string[]): ReturnType<EntraGroups['ask']> {
  const sent = asking.elapsed()
  const parts = Array.from({ length: Math.ceil(asked.length / mostGroups) }, (_, part) =>
    asked.slice(part * mostGroups, (part + 1) * mostGroups),
  )
  const [user, ...found] = await Promise.all([
    askGraph(asking, userCall(objectID), readUser),
    ...parts.map((ids) => askGraph(asking, groupsCall(objectID, ids), (answer) => readGroups(answer, ids))),
  ])
  const answer = joined(user, found)
  if ('failure' in answer) {
    if (answer.alone === true) return { unknown: answer.failure }
    return { unknown: answer.failure, againMs: asking.breaker.failed(answer.failure, answer.againMs) }
  }
  asking.breaker.worked()
  asking.cache.keep(objectID, asked, { ...answer, sent })
  return answer
}

function userCall(objectID: string): GraphCall {
  return { method: 'GET', path: `/v1.0/users/${objectID}?$select=userType,accountEnabled` }
}

function groupsCall(objectID: string, groupIDs: readonly string[]): GraphCall {
  return { method: 'POST', path: `/v1.0/users/${objectID}/checkMemberGroups`, body: { groupIds: groupIDs } }
}

type Known = { readonly groupIDs: ReadonlySet<string>; readonly counts: boolean }

/** Somebody who is not there is in no group, whatever else was said. */
function joined(
  user: UserKind | GraphFailure,
  found: readonly (ReadonlySet<string> | GraphFailure)[],
): Known | GraphFailure {
  if (user === 'NotThere') return nothing
  if (typeof user !== 'string') return user
  const groupIDs = new Set<string>()
  for (const part of found) {
    if ('failure' in part) return part
    for (const id of part) groupIDs.add(id)
  }
  return { groupIDs, counts: user === 'Member' }
}
