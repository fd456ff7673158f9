import { ApiError } from './api-error.ts'
import { CredentialsError } from './credentials-error.ts'
import { fieldsOf, parseFields } from './fields.ts'
import type { Timers } from './timers.ts'
import type { Call, Connection, Reply, Transport } from './transport.ts'

/** The service account as which a component acts. */
export type ServiceAccountRef = { readonly namespace: string; readonly name: string }

export type MintPorts = {
  /** Of the one who may create tokens. It is used for nothing else. */
  readonly bootstrap: { readonly connection: Connection; readonly transport: Pick<Transport, 'call'> }
  readonly timers: Timers
  /** A renewal failed while the old token still serves. */
  readonly failed: (error: unknown) => void
}

const lifetimeSeconds = 3600

/** Part of its life after which a token is renewed. */
const renewAt = 0.8

/** After a renewal that failed, the old token is used this long before the next try. */
const retryMs = 10_000

/**
 * A connection as `account`, outside of a cluster: tokens of one hour by TokenRequest, renewed when four fifths of it are
 * over, or when the API server rejects the one in use. One renewal at a time; while it runs or fails, the old token
 * serves as long as it is valid. `token` then rejects with CredentialsError. The bootstrap's client certificate is not
 * part of the connection: with it, the API server would not look at the token.
 */
export function mintedConnection(ports: MintPorts, account: ServiceAccountRef): Connection {
  const { server, ca, serverName } = ports.bootstrap.connection
  return { server, ca, serverName, token: mintedToken(ports, account) }
}

type Minted = { readonly token: string; readonly renewFrom: number; readonly validUntil: number }

function mintedToken(ports: MintPorts, account: ServiceAccountRef): Connection['token'] {
  const { timers } = ports
  let current: Minted | undefined
  let renewal: Promise<Minted> | undefined

  function renew(): Promise<Minted> {
    renewal ??= mint(ports, account).finally(() => {
      renewal = undefined
    })
    return renewal
  }

  async function replace(old: Minted | undefined): Promise<string> {
    try {
      current = await renew()
    } catch (error) {
      if (old !== undefined) current = { ...old, renewFrom: timers.elapsed() + retryMs }
      throw error
    }
    return current.token
  }

  return (rejected) => {
    const at = timers.elapsed()
    const old = current
    if (old === undefined || old.token === rejected || at >= old.validUntil) return replace(old)
    if (at >= old.renewFrom) void replace(old).catch(ports.failed)
    return Promise.resolve(old.token)
  }
}

async function mint({ bootstrap, timers }: MintPorts, account: ServiceAccountRef): Promise<Minted> {
  const asked = timers.elapsed()
  const segments = [account.namespace, 'serviceaccounts', account.name, 'token'].map(encodeURIComponent)
  const call: Call = {
    method: 'POST',
    path: `/api/v1/namespaces/${segments.join('/')}`,
    body: JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: lifetimeSeconds },
    }),
  }
  const reply = await bootstrap.transport.call(call).catch((error: unknown) => {
    throw refused(error, account)
  })
  const { token, lifeMs } = tokenIn(reply)
  if (token === undefined) throw new CredentialsError('TokenNotMinted', `no token for ${nameOf(account)} in the answer`)
  return { token, renewFrom: asked + lifeMs * renewAt, validUntil: asked + lifeMs }
}

/** Its life by the server's own clock where the answer tells it, so that ours may be wrong. */
function tokenIn(reply: Reply): { readonly token: string | undefined; readonly lifeMs: number } {
  const status = fieldsOf(fieldsOf(parseFields(reply.text))['status'])
  const { token, expirationTimestamp } = status
  const expires = typeof expirationTimestamp === 'string' ? Date.parse(expirationTimestamp) : Number.NaN
  const told = reply.date === undefined ? Number.NaN : expires - reply.date
  return {
    token: typeof token === 'string' && token !== '' ? token : undefined,
    lifeMs: told > 0 ? told : lifetimeSeconds * 1000,
  }
}

function refused(error: unknown, account: ServiceAccountRef): CredentialsError {
  const why =
    error instanceof ApiError ? (error.status === 0 ? error.reason : `${error.status} ${error.reason}`) : 'failed'
  const hint = error instanceof ApiError ? hints[error.status] : undefined
  const message = `no token for ${nameOf(account)}: ${why}${hint === undefined ? '' : `; ${hint}`}`
  return new CredentialsError('TokenNotMinted', message, error instanceof Error ? error : undefined)
}

const hints: Readonly<Record<number, string>> = {
  403: 'the kubeconfig must be allowed to create serviceaccounts/token',
  404: 'the service account does not exist',
}

function nameOf({ namespace, name }: ServiceAccountRef): string {
  return `${namespace}/${name}`
}
