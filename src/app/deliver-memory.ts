import type { ApprovalRequest, PostedMessage } from '../domain/kinds.ts'

/**
 * What one channel has posted and drawn in this term, until the status of the request is seen to say so: the watch may be
 * behind, and a note may fail, and neither may post a card twice.
 */
export type DeliveryMemory = {
  /** All cards of the request: those of its status, with what is known better here. */
  readonly cards: (request: ApprovalRequest) => readonly PostedMessage[]
  /** Those that the status does not show as they are known here. */
  readonly unnoted: (request: ApprovalRequest) => readonly PostedMessage[]
  readonly put: (request: ApprovalRequest, card: PostedMessage) => void
  /** Counts that this went wrong once more with this card, and returns how often it has. */
  readonly count: (request: ApprovalRequest, what: Miss, ref: string) => number
  /** By the name of the request. */
  readonly forget: (name: string) => void
}

/** `LostReply`: of which nobody knows whether it was taken. */
type Miss = 'Update' | 'Reply' | 'LostReply'

/** `uid`: a request of the same name that was deleted was another one. */
type Known = {
  readonly uid: string
  readonly cards: Map<string, PostedMessage>
  readonly misses: Map<string, number>
}

export function makeDeliveryMemory(): DeliveryMemory {
  const byName = new Map<string, Known>()

  function known({ metadata }: ApprovalRequest): Known | undefined {
    const found = byName.get(metadata.name)
    return found?.uid === metadata.uid ? found : undefined
  }

  function begun(request: ApprovalRequest): Known {
    const { name, uid = '' } = request.metadata
    const found = known(request) ?? { uid, cards: new Map(), misses: new Map() }
    byName.set(name, found)
    return found
  }

  function unnoted(request: ApprovalRequest): readonly PostedMessage[] {
    const cards = known(request)?.cards ?? new Map<string, PostedMessage>()
    const noted = request.status?.messages ?? []
    for (const card of cards.values()) {
      if (noted.some((one) => isSame(one, card) && one.rendered === card.rendered)) cards.delete(card.ref)
    }
    return [...cards.values()]
  }

  return {
    unnoted,
    cards: (request) => {
      const better = unnoted(request)
      const noted = (request.status?.messages ?? []).filter((one) => !better.some((card) => isSame(one, card)))
      return [...noted, ...better]
    },
    put: (request, card) => void begun(request).cards.set(card.ref, card),
    count: (request, what, ref) => {
      const { misses } = begun(request)
      const times = (misses.get(`${what} ${ref}`) ?? 0) + 1
      misses.set(`${what} ${ref}`, times)
      return times
    },
    forget: (name) => void byName.delete(name),
  }
}

function isSame(a: PostedMessage, b: PostedMessage): boolean {
  return a.channel === b.channel && a.ref === b.ref
}
