import type { Announcement } from '../app/announce.ts'
import type { OperatorRequests } from '../app/ports.ts'
import type { ApprovalChannel, ApprovalRequest, NotedVote, PostedMessage } from '../domain/kinds.ts'
import type { Surroundings } from './component.ts'
import { whomToRing } from '../app/deliver-ring.ts'
import type { RequestLoop } from './request-loop.ts'

/** The requests, as whoever tells people of them needs them. */
export type DeliveryPorts = {
  /**
   * The request as it is known; a closed one is read, as long as one of its cards is to be drawn anew. Undefined when there
   * is nothing to be drawn. May reject.
   */
  readonly request: (name: string) => Promise<ApprovalRequest | undefined>
  /** Of the requests for which there may be something to be drawn. */
  readonly requestsKnown: () => Iterable<string>
  readonly note: OperatorRequests['note']
  /**
   * Cards in a channel on which somebody clicked who may decide, of whom it is proven, although the request does not list
   * them. Of each request there are no more than three, in its life.
   */
  readonly strays: (request: ApprovalRequest, channel: string) => Promise<readonly string[]>
  /** Object ids of those whom a new card is to ring. */
  readonly ring: (request: ApprovalRequest, channel: ApprovalChannel) => readonly string[]
  /** Publishes an Event. Returns at once. */
  readonly announce: (announcement: Announcement) => void
}

/** By what the request loop knows. */
export function deliveryPorts({ now }: Pick<Surroundings, 'now'>, { watches, doors }: RequestLoop): DeliveryPorts {
  return {
    note: doors.requests.note,
    announce: doors.announce,
    requestsKnown: () => openNames(watches),
    request: async (name) => {
      const known = watches.request(name)
      if (known === undefined || known.request !== undefined || known.told) return known?.request
      const live = await doors.read(name)
      return live?.metadata.uid === known.uid ? live : undefined
    },
    strays: async ({ metadata, status }, channel) => {
      const { messages = [], votes: judged = [] } = status ?? {}
      const listed = new Set(messages.map(({ ref }) => ref))
      const taken = new Set(judged.filter(mayVoter).map(({ uid }) => uid))
      const votes = watches.votesOf(metadata.name).flatMap(({ uid, vote: { spec } }) => {
        const { channel: of, messageRef = '' } = spec.evidence ?? { channel: '' }
        const isStray = of === channel && messageRef !== '' && !listed.has(messageRef) && taken.has(uid)
        return isStray ? [{ spec, messageRef }] : []
      })
      const proven = await Promise.all(votes.map(({ spec }) => doors.isTrustedVote(spec).catch(() => false)))
      const found = [...new Set(votes.filter((_vote, index) => proven[index]).map(({ messageRef }) => messageRef))]
      return found.slice(0, Math.max(0, mostStrays - messages.filter(isAdopted).length))
    },
    ring: (request, { spec }) => {
      if (spec.notify === 'None' || spec.teams === undefined) return []
      const groups = new Map([...watches.groups()].map((group) => [group.metadata.name, group.spec.people ?? []]))
      const peopleIn = (group: string) => groups.get(group) ?? []
      const { tenantID } = spec.teams
      return whomToRing({ request, approvers: watches.approvers(), peopleIn, tenantID, now: now() })
    },
  }
}

const mostStrays = 3

/** A card that we posted ourselves has its time. */
function isAdopted({ time }: PostedMessage): boolean {
  return time === undefined
}

/** Refusals that come after it was found that the voter may decide this: he was merely late. */
const lateRefusals: ReadonlySet<string> = new Set(['', 'AlreadyDecided', 'AlreadyUsed', 'AlreadyRevoked', 'Expired'])

function mayVoter({ refusal = '' }: NotedVote): boolean {
  return lateRefusals.has(refusal)
}

function* openNames({ requests }: RequestLoop['watches']): Generator<string> {
  for (const { name, request, told } of requests()) if (request !== undefined || !told) yield name
}
