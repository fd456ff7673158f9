import type { ChannelStatusNote } from '../app/channel-status.ts'
import type { ApprovalChannel } from '../domain/kinds.ts'
import { approvalChannels } from './kinds.ts'
import type { Objects } from './objects.ts'

/**
 * Writes what the operator has to say of a channel; what the gateway notes in the same status stays. `Gone`: it is no
 * longer that channel. Rejects when there is no usable answer, or the schema refuses it.
 */
export async function writeChannelStatus(
  objects: Pick<Objects, 'merge'>,
  { metadata }: ApprovalChannel,
  status: ChannelStatusNote,
): Promise<'Stored' | 'Gone'> {
  const { name, uid } = metadata
  const change = { metadata: { uid }, status }
  const stored = await objects.merge(approvalChannels, { name, subresource: 'status', change })
  if (typeof stored !== 'string') return 'Stored'
  if (stored === 'Invalid') throw new TypeError('the schema refuses the status of a channel')
  return 'Gone'
}
