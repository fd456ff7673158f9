import type { NoteChannel } from '../app/channel-notes.ts'
import { approvalChannels } from './kinds.ts'
import type { Objects } from './objects.ts'

const mostTries = 5

/** Changes the status of channels, which others write at the same time. Rejects when no try of several came through. */
export function makeNoteChannel(objects: Pick<Objects, 'get' | 'merge'>): NoteChannel {
  return async (name, change) => {
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const found = await objects.get(approvalChannels, { name })
      if (found === 'NotFound') return found
      const { metadata, status = {} } = found.object
      const noted = change(status)
      if (noted === undefined) return 'Unchanged'
      // The API server refuses it when somebody else has written since.
      const { resourceVersion, uid } = metadata
      const merge = { name, subresource: 'status', change: { metadata: { resourceVersion, uid }, status: noted } }
      const stored = await objects.merge(approvalChannels, merge)
      if (typeof stored !== 'string') return 'Stored'
      if (stored === 'NotFound') return stored
      if (stored === 'Invalid') return 'Refused'
    }
    throw new Error('the status of the channel was changed by others at every try')
  }
}
