import type { Publisher } from '../app/deliver-ports.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalChannel, Greeting } from '../domain/kinds.ts'
import { makeNoteChannel } from '../kubernetes/note-channel.ts'
import type { Surroundings } from './component.ts'

type GreeterPorts = { readonly channel: () => ApprovalChannel; readonly publisher: () => Publisher }

/** Nobody waits longer than that for an answer. */
const longestMs = 10 * 60_000
/** Until the next try, when one could not be answered. */
const againMs = 15_000

/**
 * Answers those who wrote to the bot, once each, and takes them out of the status of the channel. Stops at the first who
 * cannot be answered, who then comes after all others. Resolves to when to come again, in milliseconds, if at all.
 */
export function makeChannelGreeter(
  around: Surroundings,
  ports: GreeterPorts,
): (signal: AbortSignal) => Promise<number | undefined> {
  const note = makeNoteChannel(around.objects)
  const book = makeGreetingBook(around)

  async function answer(greeting: Greeting, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || book.isPutOff(greeting)) return false
    const isAnswered = (await ports.publisher().greet(greeting, signal)).outcome === 'Posted'
    book.tried(greeting, isAnswered)
    return isAnswered
  }

  async function answerAll(greetings: readonly Greeting[], signal: AbortSignal): Promise<boolean> {
    for (const greeting of greetings) if (!(await answer(greeting, signal))) return false
    return true
  }

  return async (signal) => {
    const { metadata, status = {} } = ports.channel()
    const isDone = await answerAll(book.waiting(status.greetings ?? []), signal)
    if (!signal.aborted && book.hasAnswered()) {
      await note(metadata.name, ({ greetings = [] }) => {
        const left = greetings.filter((one) => !book.isAnswered(one))
        return left.length === greetings.length ? undefined : { greetings: left }
      })
    }
    return isDone ? undefined : againMs
  }
}

/** Who was answered, as long as the channel still lists him, and how often others could not be. */
type GreetingBook = {
  /** Who is to be answered, in which order; whoever else was listed before is forgotten. */
  readonly waiting: (listed: readonly Greeting[]) => readonly Greeting[]
  readonly tried: (greeting: Greeting, isAnswered: boolean) => void
  readonly isAnswered: (greeting: Greeting) => boolean
  readonly hasAnswered: () => boolean
  /** Who is known to take long must not keep it from being noted that others were answered. */
  readonly isPutOff: (greeting: Greeting) => boolean
}

function makeGreetingBook({ now }: Surroundings): GreetingBook {
  const answered = new Set<string>()
  const misses = new Map<string, number>()
  const isAnswered = (one: Greeting): boolean => answered.has(keyOf(one))
  const missesOf = (one: Greeting): number => misses.get(keyOf(one)) ?? 0
  return {
    waiting: (listed) => {
      const keys = new Set(listed.map(keyOf))
      for (const key of answered) if (!keys.has(key)) answered.delete(key)
      for (const key of misses.keys()) if (!keys.has(key)) misses.delete(key)
      for (const one of listed) if (isOver(one, now())) answered.add(keyOf(one))
      return listed.filter((one) => !isAnswered(one)).toSorted((a, b) => missesOf(a) - missesOf(b))
    },
    tried: (one, isDone) => void (isDone ? answered.add(keyOf(one)) : misses.set(keyOf(one), missesOf(one) + 1)),
    isAnswered,
    hasAnswered: () => answered.size > 0,
    isPutOff: (one) => answered.size > 0 && missesOf(one) > 0,
  }
}

/** Two chats may number their messages alike. */
function keyOf({ conversationID, messageID }: Greeting): string {
  return JSON.stringify([conversationID, messageID])
}

function isOver({ time }: Greeting, now: Instant): boolean {
  return (parseInstant(time) ?? 0) < now - longestMs
}
