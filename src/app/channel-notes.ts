import type { ApprovalChannelStatus } from '../domain/kinds.ts'

/** What the gateway notes in the status of an ApprovalChannel. Lists take the place of those that are there. */
export type NotedChannel = Pick<ApprovalChannelStatus, 'conversations' | 'greetings'>

/**
 * Changes the status of a channel by compare-and-swap: `change` is given what is stored, as often as others were first, and
 * returns what is to stand there, or undefined when nothing is to change. May reject when there is no usable answer.
 */
export type NoteChannel = (
  channel: string,
  change: (status: ApprovalChannelStatus) => NotedChannel | undefined,
) => Promise<'Stored' | 'Unchanged' | 'NotFound' | 'Refused'>
