import { askRate } from '../api/ask-rate.ts'
import { makeTabApi } from '../api/tab.ts'
import type { TabChannel } from '../api/caller.ts'
import type { ChangeFeed } from '../api/change-feed.ts'
import { makeCallRate } from '../app/call-rate.ts'
import { castVote } from '../app/cast-vote.ts'
import { makeFetchJson } from '../app/fetch-json.ts'
import type { Http } from '../app/http.ts'
import type { Inbox } from '../app/raw.ts'
import { tenantIssuer, tenantMetadataURL } from '../clouds.ts'
import { recordsNamespace as namespace } from '../config.ts'
import { approversOf } from '../domain/approvers.ts'
import type { TeamsChannel } from '../domain/kinds.ts'
import { approvalRequests } from '../kubernetes/kinds.ts'
import { makeVerifyToken } from '../tokens/jwt.ts'
import { keyTimes, makeKeyCache } from '../tokens/key-cache.ts'
import type { VerifyToken } from '../app/bearer.ts'
import type { Surroundings } from './component.ts'
import { configuredCloud } from './gateway-clouds.ts'
import { diffReader } from './gateway-teams.ts'
import type { GatewayParts } from './gateway-teams.ts'

/** What the tab in Teams asks of this gateway. */
export function tabInbox(
  around: Surroundings,
  parts: GatewayParts,
  { http, feed }: { readonly http: Http; readonly feed: ChangeFeed },
): Inbox {
  const { objects, timers, now, log, measure } = around
  const { watches, votes } = parts
  return makeTabApi({
    mayAsk: makeCallRate(askRate, timers.elapsed),
    channels: tabChannels(around, http, watches.channels),
    requests: () => [...watches.book.values()].flatMap(({ request }) => request ?? []),
    request: async (name) => {
      const found = await objects.get(approvalRequests, { namespace, name })
      return found === 'NotFound' ? undefined : found.object
    },
    diffOf: diffReader(around),
    approvers: () => approversOf([...watches.groups()], () => new Set()),
    castVote: (ballot) => castVote(votes, ballot),
    feed,
    now,
    sleep: timers.sleep,
    refused: (reason, { words, error }) => {
      measure({ fact: 'InboundRefused', from: 'Tab', reason })
      if (error === undefined) log.debug('InboundRefused', { from: 'Tab', reason, why: words })
      else log.error('TabFailed', error)
    },
  })
}

/** The Teams channels; each tenant has keys of its own, which are kept. */
function tabChannels(
  { config, timers }: Surroundings,
  http: Http,
  channels: GatewayParts['watches']['channels'],
): () => readonly TabChannel[] {
  const fetchJson = makeFetchJson(http)
  const verifiers = new Map<string, VerifyToken>()

  function verifierOf(metadataURL: string): VerifyToken {
    const known = verifiers.get(metadataURL)
    if (known !== undefined) return known
    const keys = makeKeyCache({ fetchJson, elapsed: timers.elapsed, metadataURL, times: keyTimes })
    const made = makeVerifyToken({ keys, now: timers.now })
    verifiers.set(metadataURL, made)
    return made
  }

  function tabChannel(name: string, { cloud: cloudName, tenantID, appID }: TeamsChannel): TabChannel {
    const cloud = configuredCloud(config, cloudName)
    const verifyToken = verifierOf(tenantMetadataURL(cloud, tenantID))
    return { name, tenantID, appID, issuer: tenantIssuer(cloud, tenantID), verifyToken }
  }

  return () =>
    [...channels()].flatMap(({ metadata, spec }) =>
      spec.teams === undefined ? [] : [tabChannel(metadata.name, spec.teams)],
    )
}
