import { approverFindings, writerFinding } from './doctor-approvers.ts'
import { channelFound, gatewayFinding, readyFinding } from './doctor-channel.ts'
import { fails } from './doctor-finding.ts'
import type { Finding } from './doctor-finding.ts'
import { leaderFinding } from './doctor-leader.ts'
import type { DoctorPorts } from './doctor-ports.ts'
import { roundTrip } from './doctor-round-trip.ts'
import { wayIn } from './doctor-way-in.ts'

export type DoctorAsked = {
  /** Name of the ApprovalChannel. */
  readonly channel: string
  /** Origin of the gateway, with https; undefined when it is not known. */
  readonly url: string | undefined
  /** Whether the configuration that was given runs a gateway; undefined when none was given. */
  readonly gatewayConfigured: boolean | undefined
  /** For how long to wait for a message to the bot; 0: it is not tried. */
  readonly waitMs: number
}

/**
 * Looks whether people can be asked through a channel of Teams, and can answer: each finding as soon as it is known, in the
 * order in which one rests on the other. Nothing is changed, and no credential of the bot is needed.
 */
export async function* examine(ports: DoctorPorts, asked: DoctorAsked): AsyncGenerator<Finding> {
  const channels = await ports.channels()
  if ('unreadable' in channels) {
    const cure = 'it takes the right to list approvalchannels, approvergroups, and to get leases in countersign-system'
    yield fails('the ApprovalChannel could not be read', { cause: channels.unreadable, cure })
    return
  }
  const { finding, channel } = channelFound(channels.value, asked.channel)
  yield finding
  if (channel === undefined) return
  // Seeing a renewal takes some seconds, in which the rest can be read.
  const [leader, groups] = [leaderFinding(ports), ports.groups()]
  yield readyFinding(channel)
  yield await leader
  yield gatewayFinding(channel, asked.gatewayConfigured)
  yield* wayIn(ports, asked.url)
  yield* approverFindings(await groups, channel)
  const known = await groups
  yield* roundTrip(ports, {
    channel,
    waitMs: asked.waitMs,
    writer: (objectID) => writerFinding(known, channel, objectID),
  })
}
