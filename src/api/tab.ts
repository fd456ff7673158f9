import type { Inbox, RawAnswer, RawRequest } from '../app/raw.ts'
import { callerOf } from './caller.ts'
import { makeWaiting, showChanges } from './changes.ts'
import type { Waiting } from './changes.ts'
import { showInbox, showRequest } from './looking.ts'
import type { Asked, TabPorts } from './ports.ts'
import { refusalAnswer } from './respond.ts'
import type { Refused } from './respond.ts'
import { vote } from './voting.ts'

type Route = {
  readonly method: 'GET' | 'POST'
  readonly path: RegExp
  readonly answer: (asked: Asked) => RawAnswer | Refused | Promise<RawAnswer | Refused>
}

type Found = { readonly route: Route; readonly name: string }

/**
 * The API of the tab in Teams, under `/api/tab/`. Every answer is JSON and not to be kept. Who asks is known by the bearer
 * token of Teams' single sign-on alone, so no page can ask in somebody's name. Never rejects: what a port rejects with is
 * handed to `refused`, and answered as unavailable.
 */
export function makeTabApi(ports: TabPorts): Inbox {
  const routes = routesOf(makeWaiting())
  return async (raw) => {
    try {
      const answered = await answerTo(ports, routes, raw)
      if (!('refusal' in answered)) return answered
      ports.refused(answered.refusal, { words: answered.why })
      return refusalAnswer(answered.refusal)
    } catch (error) {
      ports.refused('Unavailable', { error })
      return refusalAnswer('Unavailable')
    }
  }
}

async function answerTo(ports: TabPorts, routes: readonly Route[], raw: RawRequest): Promise<RawAnswer | Refused> {
  const found = find(routes, raw)
  if ('refusal' in found) return found
  if (raw.crowdedOut === true) return { refusal: 'CrowdedOut' }
  const caller = await callerOf(raw.header('authorization'), ports.channels())
  if ('refusal' in caller) return caller
  if (!ports.mayAsk(caller.voter.objectID ?? '')) return { refusal: 'AskedTooOften' }
  return found.route.answer({ ports, caller, raw, name: found.name })
}

/** Names of requests are as Countersign makes them; nothing else is looked up. */
function routesOf(waiting: Waiting): readonly Route[] {
  return [
    { method: 'GET', path: /^\/api\/tab\/requests$/, answer: showInbox },
    { method: 'GET', path: /^\/api\/tab\/requests\/(apr-[a-z0-9-]{1,60})$/, answer: showRequest },
    { method: 'POST', path: /^\/api\/tab\/requests\/(apr-[a-z0-9-]{1,60})\/votes$/, answer: vote },
    { method: 'GET', path: /^\/api\/tab\/changes$/, answer: (asked) => showChanges(waiting, asked) },
  ]
}

function find(routes: readonly Route[], { method, path }: RawRequest): Found | Refused {
  const here = routes.filter((route) => route.path.test(path))
  const route = here.find((one) => one.method === method)
  if (route !== undefined) return { route, name: route.path.exec(path)?.[1] ?? '' }
  return { refusal: here.length > 0 ? 'MethodNotAllowed' : 'NoSuchPath' }
}
