import { makeFetchJson } from '../app/fetch-json.ts'
import type { Http } from '../app/http.ts'
import { cloudOf } from '../clouds.ts'
import type { Cloud } from '../clouds.ts'
import type { ApprovalChannel, ApprovalRequest, MicrosoftCloud, TeamsChannel } from '../domain/kinds.ts'
import { present } from '../domain/present.ts'
import { inboundChannels } from '../teams/inbox-channels.ts'
import { judgeForClouds } from '../teams/judge-clouds.ts'
import { makeJudgeInbound } from '../teams/judge-inbound.ts'
import type { JudgeInbound } from '../teams/judge-inbound.ts'
import { freshMs } from '../teams/rules.ts'
import { makeSeenActivities } from '../teams/seen-activities.ts'
import { tabLink } from '../teams/tab-link.ts'
import { makeVerifyToken } from '../tokens/jwt.ts'
import { keyTimes, makeKeyCache } from '../tokens/key-cache.ts'
import type { Surroundings } from './component.ts'

/** The cloud of that name, with what the configuration gives otherwise. */
export function configuredCloud({ microsoft }: Surroundings['config'], name: MicrosoftCloud): Cloud {
  return cloudOf(name, present(microsoft))
}

/** The request in the tab of Teams; undefined while no tab is served. */
export function tabURLOf(
  config: Surroundings['config'],
  { cloud, appID }: Pick<TeamsChannel, 'cloud' | 'appID'>,
  { metadata }: ApprovalRequest,
): string | undefined {
  if (config.gateway.url === undefined) return undefined
  return tabLink({ teamsURL: configuredCloud(config, cloud).teamsURL, appID, request: metadata.name })
}

/** A click may come again for as long as it is fresh, by a clock that is behind or ahead. */
const seen = { keepMs: 2 * freshMs, most: 50_000 }

/** The rules for what comes from Teams, in each cloud of which there is a channel; each has its keys of its own. */
export function judgeTeams(
  { config, timers }: Surroundings,
  http: Http,
  channels: () => Iterable<ApprovalChannel>,
): JudgeInbound {
  const fetchJson = makeFetchJson(http)
  const shared = { seen: makeSeenActivities(seen), now: timers.now }
  const made = new Map<MicrosoftCloud, JudgeInbound>()

  function judgeOf(name: MicrosoftCloud): JudgeInbound {
    const known = made.get(name)
    if (known !== undefined) return known
    const cloud = configuredCloud(config, name)
    const metadataURL = cloud.botMetadataURL
    const keys = makeKeyCache({ fetchJson, elapsed: timers.elapsed, metadataURL, times: keyTimes })
    const verifyToken = makeVerifyToken({ keys, now: timers.now })
    const ours = () => inboundChannels(channels()).get(name) ?? []
    const judge = makeJudgeInbound({ ...shared, verifyToken }, { cloud, channels: ours })
    made.set(name, judge)
    return judge
  }

  return judgeForClouds(() => {
    const [first, ...others] = inboundChannels(channels()).keys()
    return [judgeOf(first ?? 'Public'), ...others.map(judgeOf)]
  })
}
