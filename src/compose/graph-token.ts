import type { AccessToken, AppCredentials } from '../app/access-token.ts'
import { tokenURL } from '../clouds.ts'
import type { Cloud } from '../clouds.ts'
import { makeAppToken } from '../entra/app-token.ts'
import type { AppTokenPorts } from '../entra/app-token.ts'

type App = { readonly cloud: Cloud; readonly tenantID: string; readonly clientID: string }

/** An app's token for Microsoft Graph. Its credentials are read when they are first needed, and again after a refusal. */
export function makeGraphToken(
  ports: AppTokenPorts,
  { cloud, tenantID, clientID }: App,
  read: () => Promise<AppCredentials | undefined>,
): AccessToken {
  let held: { readonly credentials: AppCredentials; readonly token: AccessToken } | undefined
  let reading: Promise<void> | undefined
  let isOld = true

  async function readAgain(): Promise<void> {
    const credentials = await read()
    if (credentials === undefined) return
    isOld = false
    if (held !== undefined && JSON.stringify(held.credentials) === JSON.stringify(credentials)) return
    const app = { tokenURL: tokenURL(cloud, tenantID), clientID, credentials, scope: cloud.graphScope }
    held = { credentials, token: makeAppToken(ports, app) }
  }

  return {
    get: async () => {
      if (isOld) {
        reading ??= readAgain().finally(() => {
          reading = undefined
        })
        await reading
      }
      if (held === undefined) return unread
      const { token } = held
      const got = await token.get()
      if ('failure' in got && got.failure === 'Refused') isOld = true
      return got
    },
    forget: () => held?.token.forget(),
  }
}

const unread = { failure: 'Refused', why: 'the Secret with the credentials cannot be read' } as const
