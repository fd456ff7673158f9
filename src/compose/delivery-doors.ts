import { readFile } from 'node:fs/promises'
import { tokenURL } from '../clouds.ts'
import type { HmacKey } from '../domain/digest.ts'
import { makeAppToken } from '../entra/app-token.ts'
import { makeHttp } from '../http/send.ts'
import type { Surroundings } from './component.ts'
import type { PublisherDoors } from './delivery-teams.ts'
import { configuredCloud } from './gateway-clouds.ts'

/** The real ways to Microsoft's services. A projected token is read anew whenever it is used. */
export function publisherDoors(
  { config, timers }: Pick<Surroundings, 'config' | 'timers'>,
  handleKey: () => HmacKey | undefined,
): PublisherDoors {
  const http = makeHttp()
  const login = { http, elapsed: timers.elapsed, readFile: (path: string) => readFile(path, 'utf8') }
  return {
    http,
    handleKey,
    tokenOf: ({ cloud: name, tenantID, appID }, credentials) => {
      const cloud = configuredCloud(config, name)
      const app = { tokenURL: tokenURL(cloud, tenantID), clientID: appID, credentials, scope: cloud.botScope }
      return makeAppToken(login, app)
    },
  }
}
