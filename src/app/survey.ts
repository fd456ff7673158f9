import { looksOf } from '../domain/around.ts'
import type { Around, Place } from '../domain/around.ts'
import { ownDiff } from '../domain/briefing.ts'
import { deedOf, effectsOf } from '../domain/effects.ts'
import { effectsAround } from '../domain/effects-around.ts'
import type { JsonObject } from '../domain/json.ts'
import type { ApprovalRequest, RequestContext } from '../domain/kinds.ts'
import { likenessOf } from '../domain/likeness.ts'
import type { Target } from '../domain/outcome.ts'
import { present } from '../domain/present.ts'
import { timestamp } from '../domain/request.ts'
import { similarTo } from '../domain/similar.ts'
import type { LoopPorts } from './loop-ports.ts'

type SurveyPorts = Pick<LoopPorts, 'readAround' | 'readList' | 'alike' | 'now'>

/**
 * What stands around the target of a request now, in words, and what the same agent has asked for before. What may not be
 * read is left out; that nothing could be read is said, and not tried again: people are waiting. Never rejects.
 */
export async function contextOf(ports: SurveyPorts, request: ApprovalRequest): Promise<RequestContext> {
  const { spec } = request
  const [action] = spec.actions
  const observedTime = timestamp(ports.now())
  if (action === undefined) return { observedTime }
  const diff = ownDiff(request)
  const [around, alike] = await Promise.all([
    lookAround(ports, request).catch(() => undefined),
    ports.alike(likenessOf(spec.requester.agent, action)).catch(() => []),
  ])
  const computed = effectsOf(spec, diff).effects
  const effects = around === undefined ? [...computed, unread] : effectsAround(action, computed, around)
  return { observedTime, effects: [...effects], similar: [...similarTo(request, alike)] }
}

const unread = 'What stands around the target could not be read.'

async function lookAround(ports: SurveyPorts, request: ApprovalRequest): Promise<Around> {
  const deed = deedOf(request.spec, ownDiff(request))
  if (deed === undefined) return {}
  const { target, role, lists } = looksOf(deed.action, deed.document)
  const one = async (place: Target | undefined): Promise<JsonObject | undefined> => {
    const found = place === undefined ? 'NotFound' : await ports.readAround(place)
    return typeof found === 'string' ? undefined : found
  }
  const many = (place: Place | undefined): Promise<readonly JsonObject[] | undefined> =>
    place === undefined ? Promise.resolve(undefined) : ports.readList(place)
  const [seen, bound, services, budgets, autoscalers] = await Promise.all([
    one(target),
    one(role),
    many(lists.services),
    many(lists.budgets),
    many(lists.autoscalers),
  ])
  return present({ target: seen, role: bound, services, budgets, autoscalers })
}
