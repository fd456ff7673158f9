import type { AskableChannel } from '../app/channel-asked.ts'
import type { Publisher } from '../app/deliver-ports.ts'
import type { ApprovalChannel } from '../domain/kinds.ts'
import type { Change } from '../kubernetes/change.ts'
import type { Surroundings } from './component.ts'
import { makeOutlet } from './delivery-outlet.ts'
import type { Outlet } from './delivery-outlet.ts'
import type { DeliveryPorts } from './delivery-ports.ts'
import { watchChannelSecrets } from './delivery-secrets.ts'
import { paceOf, publisherFor } from './delivery-teams.ts'
import type { PublisherDoors } from './delivery-teams.ts'

/** The outlets of all channels, as they come, change and go. */
export type Outlets = {
  readonly changed: (change: Change<ApprovalChannel>) => void
  readonly add: (request: string) => void
  readonly channels: () => readonly (AskableChannel & { readonly type: ApprovalChannel['spec']['type'] })[]
  readonly depth: () => number
  readonly stop: (cutOff: AbortSignal) => Promise<void>
}

export function makeOutlets(around: Surroundings, ports: DeliveryPorts & PublisherDoors): Outlets {
  const outlets = new Map<string, Outlet>()
  const ending = new Set<Promise<void>>()
  const secrets = watchChannelSecrets(around, (secret) => {
    for (const one of outlets.values()) if (secretOf(one.channel()) === secret) one.renewed()
  })
  const channels: Outlets['channels'] = () => [...outlets.values()].map(describe)

  function begin(channel: ApprovalChannel): void {
    const pace = paceOf(around)
    const find = (of: () => ApprovalChannel): Publisher => {
      const secret = secretOf(of())
      const credentials = secret === undefined ? undefined : secrets.credentials(secret)
      return publisherFor(around, ports, { channel: of, credentials, pace })
    }
    outlets.set(channel.metadata.name, makeOutlet(around, { ...ports, channels, publisherFor: find }, channel))
  }

  return {
    channels,
    changed: ({ type, object }) => {
      const { name } = object.metadata
      const known = outlets.get(name)
      if (type === 'Added' || type === 'Updated') return known === undefined ? begin(object) : update(known, object)
      outlets.delete(name)
      if (known !== undefined) ending.add(known.stop(AbortSignal.abort()))
    },
    add: (request) => {
      for (const one of outlets.values()) one.add(request)
    },
    depth: () => [...outlets.values()].reduce((sum, one) => sum + one.depth(), 0),
    stop: async (cutOff) => {
      await Promise.all([...[...outlets.values()].map((one) => one.stop(cutOff)), ...ending, secrets.stop()])
    },
  }
}

function describe({ channel, isReady }: Outlet): ReturnType<Outlets['channels']>[number] {
  const { metadata, spec } = channel()
  return { name: metadata.name, ready: isReady(), type: spec.type }
}

/** Another spec is another way to people: another app, tenant or Secret. */
function update(known: Outlet, channel: ApprovalChannel): void {
  const isOther = JSON.stringify(known.channel().spec) !== JSON.stringify(channel.spec)
  known.changed(channel)
  if (isOther) known.renewed()
}

function secretOf({ spec }: ApprovalChannel): string | undefined {
  return spec.teams?.credentialsSecretRef.name
}
