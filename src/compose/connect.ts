import type { CredentialSource } from '../kubernetes/credentials.ts'
import { connectionFrom } from '../kubernetes/credentials.ts'
import { mintedConnection } from '../kubernetes/minted-token.ts'
import type { Timers } from '../kubernetes/timers.ts'
import { makeTransport, transportLimits } from '../kubernetes/transport.ts'
import type { Connection, Transport } from '../kubernetes/transport.ts'
import type { Log } from '../app/log.ts'
import { recordsNamespace } from '../config.ts'
import type { Component } from '../config.ts'

export type ConnectPorts = {
  readonly timers: Timers
  readonly random: () => number
  readonly version: string
  readonly log: Log
}

/** Ways to the API server, each as the service account of one component. */
export type Connections = {
  readonly transportOf: (component: Component) => Transport
  readonly close: () => Promise<void>
}

/**
 * In a cluster every component acts as the pod's account. Elsewhere the kubeconfig's user does nothing but mint tokens of
 * one hour for the components' accounts, so that each has its own rights in every mode.
 */
export async function connect(ports: ConnectPorts, source: CredentialSource): Promise<Connections> {
  const own = await connectionFrom(source, ports.timers)
  const bootstrap = transport(ports, own, 'bootstrap')
  const opened: Transport[] = [bootstrap]
  const failed = (error: unknown): void => ports.log.error('TokenNotRenewed', error)

  function connectionOf(component: Component): Connection {
    if (source.kind === 'Pod') return own
    const account = { namespace: recordsNamespace, name: `countersign-${component}` }
    return mintedConnection(
      { bootstrap: { connection: own, transport: bootstrap }, timers: ports.timers, failed },
      account,
    )
  }

  return {
    transportOf: (component) => {
      const made = transport(ports, connectionOf(component), component)
      opened.push(made)
      return made
    },
    close: async () => {
      await Promise.all(opened.map((one) => one.close()))
    },
  }
}

function transport({ timers, random, version }: ConnectPorts, connection: Connection, name: string): Transport {
  const userAgent = `countersign/${version} (${name})`
  return makeTransport(connection, { timers, random, userAgent, limits: transportLimits })
}
