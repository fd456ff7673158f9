import type { Scene } from '../scene.ts'
import { makeChat } from './chat.ts'
import type { Chat } from './chat.ts'
import { channelName } from './objects.ts'
import { channel } from './people.ts'
import type { PersonKey } from './people.ts'
import { startPlayground } from './playground.ts'
import type { Playground } from './playground.ts'
import { startStandIn } from './stand-in.ts'
import type { StandIn } from './stand-in.ts'

/** A Teams client, and all of Microsoft that stands between it and Countersign. */
export type Teams = {
  readonly standIn: StandIn
  readonly playground: Playground
  readonly chat: Chat
  /** Origin of Countersign's gateway. */
  readonly gatewayURL: string
  /** What of Countersign's configuration belongs to it; to be given beside `components` with a gateway. */
  readonly config: Readonly<Record<string, object>>
  readonly stop: () => Promise<void>
}

export type TeamsOptions = {
  readonly folder: string
  /** Where Countersign's gateway listens, or will. */
  readonly gatewayPort: number
  readonly env: Readonly<Record<string, string | undefined>>
  /** Who sits before the Playground's page; default Alice. */
  readonly current?: PersonKey
}

const host = '127.0.0.1'

/** Starts both. Rejects with a PlaygroundError when there is no Playground to be had; nothing is left behind then. */
export async function startTeams({ gatewayPort, current = 'alice', ...options }: TeamsOptions): Promise<Teams> {
  let playgroundURL = ''
  const gatewayURL = `http://${host}:${gatewayPort}`
  const standIn = await startStandIn({ gatewayURL: () => gatewayURL, playgroundURL: () => playgroundURL })
  try {
    const { appEndpoint, serviceURL } = standIn
    const playground = await startPlayground({ ...options, appEndpoint, serviceURL, current })
    playgroundURL = playground.url
    return {
      standIn,
      playground,
      gatewayURL,
      chat: makeChat({ standIn, playground }),
      config: { gateway: { listen: { host, port: gatewayPort }, drainSeconds: 0 }, microsoft: standIn.microsoft },
      stop: async () => {
        await playground.stop()
        await standIn.stop()
      },
    }
  } catch (error) {
    await standIn.stop()
    throw error
  }
}

/** The bot is put into the channel; resolves when Countersign says that requests can be delivered there. */
export async function installBot(
  { admin }: Pick<Scene, 'admin'>,
  { playground }: Pick<Teams, 'playground'>,
): Promise<void> {
  await playground.install(channel.id)
  const name = `apch/${channelName}`
  try {
    await admin(['wait', name, '--for=condition=Ready', '--timeout=45s'])
  } catch (error) {
    const status = await admin(['get', name, '-o', 'jsonpath={.status}'])
    throw new Error(
      `requests cannot be delivered in Teams: ${status === '' ? 'nobody looked at the channel' : status}`,
      {
        cause: error,
      },
    )
  }
}
