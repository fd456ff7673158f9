import type { Publisher } from '../app/deliver-ports.ts'
import { parseInstant } from '../domain/instant.ts'
import type { Instant } from '../domain/instant.ts'
import type { ApprovalChannel, Greeting } from '../domain/kinds.ts'
import { makeNoteChannel } from '../kubernetes/note-channel.ts'
import type { Surroundings } from './component.ts'

type GreeterPorts = { readonly channel: () => ApprovalChannel; readonly publisher: () => Publisher }

/** Nobody waits longer than that for an answer. */
const longestMs = 10 * 60_000

/** Answers those who wrote to the bot, once each, and takes them out of the status of the channel. */
export function makeChannelGreeter(around: Surroundings, ports: GreeterPorts): () => Promise<void> {
  const note = makeNoteChannel(around.objects)
  const answered = new Set<string>()

  async function answer(greeting: Greeting): Promise<void> {
    if (answered.has(greeting.messageID)) return
    const over = isOver(greeting, around.now())
    if (over || (await ports.publisher().greet(greeting)).outcome === 'Posted') answered.add(greeting.messageID)
  }

  return async () => {
    const { metadata, status = {} } = ports.channel()
    const { greetings = [] } = status
    for (const id of answered) if (!greetings.some(({ messageID }) => messageID === id)) answered.delete(id)
    for (const greeting of greetings) await answer(greeting)
    if (answered.size === 0) return
    await note(metadata.name, ({ greetings: there = [] }) => {
      const left = there.filter(({ messageID }) => !answered.has(messageID))
      return left.length === there.length ? undefined : { greetings: left }
    })
  }
}

function isOver({ time }: Greeting, now: Instant): boolean {
  return (parseInstant(time) ?? 0) < now - longestMs
}
