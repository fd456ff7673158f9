import { readFile } from 'node:fs/promises'
import type { Http } from '../app/http.ts'
import type { AskMemberships, MembershipAnswer } from '../app/memberships.ts'
import { recordsNamespace as namespace } from '../config.ts'
import type { ApprovalChannel, TeamsChannel } from '../domain/kinds.ts'
import { credentialsIn } from '../app/channel-credentials.ts'
import { makeEntraGroups } from '../entra/groups.ts'
import type { EntraGroups } from '../entra/groups.ts'
import { makeHttp } from '../http/send.ts'
import { secrets } from '../kubernetes/kinds.ts'
import type { Surroundings } from './component.ts'
import { configuredCloud } from './gateway-clouds.ts'
import { makeGraphToken } from './graph-token.ts'

/**
 * Asks Microsoft Graph in the person's own tenant, as the app of a Teams channel of that tenant. Where there are several
 * apps, the first that gets an answer does.
 */
export function makeGraph(
  around: Surroundings,
  channels: () => Iterable<ApprovalChannel> | undefined,
  http: Http = makeHttp(),
): AskMemberships {
  const made = new Map<string, EntraGroups>()
  const tell = teller(around)

  function groupsAs(app: TeamsChannel): EntraGroups {
    const known = made.get(keyOf(app))
    if (known !== undefined) return known
    const groups = entraGroups(around, http, app)
    made.set(keyOf(app), groups)
    return groups
  }

  return async (question) => {
    const known = channels()
    if (known === undefined) return { unknown: 'the channels are not read yet' }
    const apps = [...appsIn(known, question.tenantID)]
    let answer: MembershipAnswer = 'NoTenant'
    for (const [name, app] of apps) {
      answer = await groupsAs(app).ask(question)
      tell(name, answer)
      if ('groupIDs' in answer) return answer
    }
    return answer
  }
}

/** By the channel's name, so that every replica asks as the same app. */
function appsIn(channels: Iterable<ApprovalChannel>, tenantID: string): ReadonlyMap<string, TeamsChannel> {
  const ours = [...channels].flatMap(({ metadata, spec }) =>
    spec.teams?.tenantID.toLowerCase() === tenantID ? [{ name: metadata.name, teams: spec.teams }] : [],
  )
  const byApp = new Map<string, readonly [string, TeamsChannel]>()
  for (const { name, teams } of ours.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!byApp.has(keyOf(teams))) byApp.set(keyOf(teams), [name, teams])
  }
  return new Map(byApp.values())
}

function keyOf({ cloud, tenantID, appID, credentialsSecretRef }: TeamsChannel): string {
  return [cloud, tenantID, appID, credentialsSecretRef.name].join(' ')
}

function entraGroups({ config, timers, objects }: Surroundings, http: Http, app: TeamsChannel): EntraGroups {
  const cloud = configuredCloud(config, app.cloud)
  const { name } = app.credentialsSecretRef
  const token = makeGraphToken(
    { http, elapsed: timers.elapsed, readFile: (path) => readFile(path, 'utf8') },
    { cloud, tenantID: app.tenantID, clientID: app.appID },
    async () => {
      const found = await objects.get(secrets, { namespace, name }, { deadlineMs: 3_000 }).catch(() => undefined)
      return found === undefined || found === 'NotFound' ? undefined : credentialsIn(found.object.data ?? {})
    },
  )
  return makeEntraGroups({ http, token, cloud, elapsed: timers.elapsed })
}

/** One line when an app cannot ask any more, or not for the same reason, and one when it can again. */
function teller({ log }: Surroundings): (channel: string, answer: Exclude<MembershipAnswer, 'NoTenant'>) => void {
  const failing = new Map<string, string>()
  return (channel, answer) => {
    const why = 'unknown' in answer ? answer.unknown : undefined
    if (why === failing.get(channel)) return
    if (why === undefined) {
      failing.delete(channel)
      log.info('MembershipsKnownAgain', { channel })
    } else {
      failing.set(channel, why)
      log.warn('MembershipsUnknown', { channel, why })
    }
  }
}
