import type { AccessToken, AppCredentials } from '../app/access-token.ts'
import type { Http } from '../app/http.ts'
import { formOf } from './login-form.ts'
import { readLogin } from './login-answer.ts'
import type { LoginFailure } from './login-answer.ts'

export type AppTokenPorts = {
  readonly http: Http
  /** Milliseconds on a clock that nobody sets: how long a token lasts is a duration. */
  readonly elapsed: () => number
  /** The text of a file; rejects when it cannot be read. */
  readonly readFile: (path: string) => Promise<string>
}

/** Which token of whom, and from where. */
export type App = {
  /** `<login>/<tenant>/oauth2/v2.0/token`, of the app's own tenant. */
  readonly tokenURL: string
  readonly clientID: string
  readonly credentials: AppCredentials
  /** Such as `https://graph.microsoft.com/.default`. */
  readonly scope: string
}

/** How long before its end a token is renewed: what was just begun with it may go on for a while. */
const earlyMs = 5 * 60_000
/** How soon after a failure the login is asked again: everybody who needs a token asks, and a login locks out who hammers. */
const holdMs: Readonly<Record<LoginFailure['failure'], number>> = { Refused: 15_000, Unreachable: 2_000 }

/**
 * Tokens of an app for itself, by the client credentials grant (RFC 6749 section 4.4) with a secret, or with an assertion
 * (RFC 7523) from a file that is read anew each time. Whoever asks while one is on its way gets that one.
 */
export function makeAppToken(ports: AppTokenPorts, app: App): AccessToken {
  const { elapsed } = ports
  let last: { readonly got: Got; readonly until: number } | undefined
  let going: Promise<Got> | undefined

  async function renew(): Promise<Got> {
    const sent = elapsed()
    const login = await logIn(ports, app)
    const got = 'failure' in login ? login : { token: login.token }
    last = { got, until: 'failure' in login ? elapsed() + holdMs[login.failure] : sent + usableMs(login.lifeMs) }
    return got
  }

  return {
    get: () => {
      if (last !== undefined && elapsed() < last.until) return Promise.resolve(last.got)
      going ??= renew().finally(() => {
        going = undefined
      })
      return going
    },
    forget: () => {
      if (last !== undefined && 'token' in last.got) last = undefined
    },
  }
}

type Got = Awaited<ReturnType<AccessToken['get']>>

/** A token of a few minutes serves for half of them. */
function usableMs(lifeMs: number): number {
  return Math.max(lifeMs - earlyMs, lifeMs / 2)
}

/** People wait while it logs in. */
const limits = { deadlineMs: 5_000, mostBytes: 64 * 1024 }

async function logIn(
  { http, readFile }: AppTokenPorts,
  { tokenURL, clientID, credentials, scope }: App,
): Promise<ReturnType<typeof readLogin>> {
  const proof = await formOf(credentials, readFile)
  if ('failure' in proof) return proof
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientID,
    scope,
    ...proof.form,
  }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  return readLogin(await http({ method: 'POST', url: tokenURL, headers, body, ...limits }))
}
