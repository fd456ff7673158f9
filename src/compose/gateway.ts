import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { makeChangeFeed } from '../api/change-feed.ts'
import type { ChangeFeed } from '../api/change-feed.ts'
import { tabContentSecurity } from '../api/content-security.ts'
import type { Http } from '../app/http.ts'
import { gatewayLimits, makeGatewayServer } from '../gateway/server.ts'
import type { GatewayPorts, GatewayServer } from '../gateway/server.ts'
import type { Component, ReadyCheck, Surroundings } from './component.ts'
import { tabInbox } from './gateway-tab.ts'
import { watchGatewayKeys } from './gateway-keys.ts'
import { teamsInbox, votePorts } from './gateway-teams.ts'
import type { GatewayParts } from './gateway-teams.ts'
import { watchForGateway } from './gateway-watches.ts'
import { makeHoldTimes } from './hold-times.ts'

/** What is joined to the gateway from outside. */
export type GatewayDoors = {
  readonly http: Http
  /** The folder with the built files of the tab. They are served, and its API is, when `gateway.url` is set. */
  readonly tabFolder: string
}

/**
 * The part that faces the internet: takes what people say in chat, casts their votes and notes where the bot is. It sends
 * nothing and decides nothing. It listens from the start, and says "not now" until it knows enough to tell the truth.
 */
export function makeGateway(around: Surroundings, doors: GatewayDoors): Component {
  const { config, timers, log } = around
  const feed = makeChangeFeed(around.instance)
  const watches = watchForGateway(around, feed.changed)
  const [keys, holds] = [watchGatewayKeys(around), makeHoldTimes(timers)]
  const knows = (): readonly ReadyCheck[] => [...watches.checks(), ...keys.checks()]
  const ready = (): boolean => watches.synced() && keys.checks().every(({ ok }) => ok)
  const votes = votePorts(around, { watches, keys, timeout: holds.timeout })
  const server = serverFor(around, { watches, keys, votes, ready }, { ...doors, feed })
  let port: number | undefined

  return {
    start: async () => {
      await checkTab(around, doors)
      watches.start()
      keys.start()
      port = await server.listen(config.gateway.listen)
      log.info('GatewayListening', { port })
    },
    checks: () => [
      ...knows(),
      { name: 'listening', ok: port !== undefined, detail: 'the port is not open yet' },
      { name: 'not-stopping', ok: !holds.draining() },
    ],
    gauges: () => ({ silentSeconds: watches.silentSeconds() }),
    stop: async () => {
      if (port !== undefined) {
        server.drain()
        await timers.sleep(config.gateway.drainSeconds * 1000)
      }
      holds.drain()
      await server.close()
      holds.end()
      await Promise.all([watches.stop(), keys.stop()])
    },
  }
}

function serverFor(around: Surroundings, parts: GatewayParts, doors: ServerDoors): GatewayServer {
  const { timers, log } = around
  return makeGatewayServer({
    messages: teamsInbox(around, doors.http, parts),
    ...tabOf(around, parts, doors),
    failed: (error) => log.error('GatewayFailed', error),
    sleep: timers.sleep,
    limits: gatewayLimits,
  })
}

type ServerDoors = GatewayDoors & { readonly feed: ChangeFeed }

function tabOf(around: Surroundings, parts: GatewayParts, doors: ServerDoors): Pick<GatewayPorts, 'tab' | 'files'> {
  if (around.config.gateway.url === undefined) return {}
  const files = { directory: doors.tabFolder, contentSecurity: tabContentSecurity }
  return { tab: tabInbox(around, parts, doors), files }
}

/** Cards lead to the tab where there is a URL, so it must be there. Rejects with what to do. */
async function checkTab({ config }: Surroundings, { tabFolder }: GatewayDoors): Promise<void> {
  if (config.gateway.url === undefined) return
  await access(join(tabFolder, 'index.html')).catch(() => {
    throw new Error('gateway.url is set, and the files of the tab are not built: npm run build')
  })
}
