import type { NoteChannel, NotedChannel } from '../app/channel-notes.ts'
import type { Measure } from '../app/fact.ts'
import type { Log } from '../app/log.ts'
import type { Inbox, RawAnswer } from '../app/raw.ts'
import type { ApprovalChannelStatus } from '../domain/kinds.ts'
import type { Activity } from './activity.ts'
import type { InboundRefusal } from './inbound-refusals.ts'
import { invokeAnswer, notReady, refused, taken } from './inbox-answer.ts'
import { handleClick } from './inbox-click.ts'
import type { Clicked, ClickPorts, ProvenClick } from './inbox-click.ts'
import { conversationOf, greetingOf, withConversation, withGreeting, withoutConversation } from './inbox-notes.ts'
import { clickWords, inboundWords } from './inbox-words.ts'
import type { Inbound, InboundRefused, JudgeInbound, LateInbound } from './judge-inbound.ts'

export type TeamsInboxPorts = ClickPorts & {
  readonly judge: JudgeInbound
  /** False while channels, requests or keys are not known yet: then nobody can be told the truth. */
  readonly ready: () => boolean
  readonly noteChannel: NoteChannel
  /** Whether this person may be greeted now: each greeting is a write. */
  readonly mayGreet: (objectID: string) => boolean
  /** Whether a refusal is to be logged now: strangers can bring about as many as they like. Each is counted. */
  readonly mayLog: (refusal: InboundRefusal) => boolean
  readonly elapsed: () => number
  readonly measure: Measure
  readonly log: Log
}

/** What comes in under the address of the bots. */
export function makeTeamsInbox(ports: TeamsInboxPorts): Inbox {
  return async (raw) => {
    if (!ports.ready()) return notReady
    try {
      const read = await ports.judge(raw)
      return await ('refusal' in read ? whenRefused(ports, read) : whenTaken(ports, read))
    } catch (error) {
      ports.log.error('InboxFailed', error)
      return refused(500)
    }
  }
}

async function whenRefused(ports: TeamsInboxPorts, read: InboundRefused): Promise<RawAnswer> {
  const { refusal, why, activity, late } = read
  ports.measure({ fact: 'InboundRefused', from: 'Teams', reason: refusal })
  if (ports.mayLog(refusal)) ports.log.warn('InboundRefused', { from: 'Teams', reason: refusal, why })
  if (late !== undefined) return whenLate(ports, late)
  const words = activity?.type === 'invoke' ? inboundWords(refusal) : undefined
  return words === undefined ? refused(statusOf(refusal)) : invokeAnswer({ show: 'Words', words })
}

/** Whoever clicked is told the true state, whenever that arrives. */
async function whenLate(ports: TeamsInboxPorts, late: LateInbound): Promise<RawAnswer> {
  const click = late.activity.event
  return click?.kind === 'CardClick' ? answerClick(ports, { ...late, click }) : taken
}

const statuses: Partial<Readonly<Record<InboundRefusal, number>>> = {
  CrowdedOut: 503,
  TooLarge: 413,
  NotAnActivity: 400,
  KeysUnavailable: 503,
  // What somebody does in Teams that does not concern us is no fault of the Connector's.
  TypeNotAllowed: 200,
  NotUnderstood: 200,
}

/** Source: Bot Connector authentication, which asks for 403 where a token does not hold. */
function statusOf(refusal: InboundRefusal): number {
  return statuses[refusal] ?? 403
}

async function whenTaken(ports: TeamsInboxPorts, inbound: Inbound): Promise<RawAnswer> {
  const { event } = inbound.activity
  switch (event?.kind) {
    case 'CardClick': {
      const click = event
      return answerClick(ports, { ...inbound, click, arrival: 'Fresh' })
    }
    case 'Installed':
      return noteInstalled(ports, inbound)
    case 'Removed':
      return noteOnAll(ports, inbound, (status) => withoutConversation(status, inbound.activity))
    case 'Message':
      return noteGreeting(ports, inbound)
    case undefined:
      return taken
  }
}

async function answerClick(ports: TeamsInboxPorts, proven: ProvenClick): Promise<RawAnswer> {
  const begun = ports.elapsed()
  const clicked = await tried(ports, proven)
  const { outcome, request, channel } = clicked
  ports.measure({ fact: 'Clicked', from: 'Teams', outcome, seconds: (ports.elapsed() - begun) / 1000 })
  logClick(ports, proven, { outcome, request, channel })
  // Nothing was cast, or nobody knows: then the same click may come again, as if for the first time.
  if (!clicked.isDone) proven.forget?.()
  return invokeAnswer(clicked.answer)
}

async function tried(ports: TeamsInboxPorts, proven: ProvenClick): Promise<Clicked> {
  try {
    return await handleClick(ports, proven)
  } catch (error) {
    ports.log.error('ClickFailed', error)
    return { answer: { show: 'Error', words: clickWords.failed }, outcome: 'Failed', isDone: false }
  }
}

type Told = { readonly outcome: string; readonly request: string | undefined; readonly channel: string | undefined }

/** Who did what to which request: never what he wrote. */
function logClick({ log }: TeamsInboxPorts, { activity, click, token }: ProvenClick, told: Told): void {
  const person = activity.sender.objectID
  log.info('Clicked', { from: 'Teams', ...told, verb: click.verb, person, activity: activity.id, kid: token.kid })
}

async function noteInstalled(ports: TeamsInboxPorts, inbound: Inbound): Promise<RawAnswer> {
  const { activity } = inbound
  const noted = conversationOf(activity, activity.serviceURL ?? '', ports.now())
  if (noted === undefined) return taken
  return noteOnAll(ports, inbound, (status) => withConversation(status, noted))
}

/** Several channels may have one bot; each is told what happens in its own team. */
async function noteOnAll(
  ports: TeamsInboxPorts,
  inbound: Inbound,
  change: (status: ApprovalChannelStatus) => NotedChannel | undefined,
): Promise<RawAnswer> {
  const { teamID } = inbound.activity.conversation
  const concerned = inbound.channels.filter((channel) => channel.teamID === undefined || channel.teamID === teamID)
  const noted = await Promise.all(concerned.map(({ name }) => note(ports, inbound, { name, change })))
  if (noted.every(Boolean)) return taken
  inbound.forget()
  return refused(503)
}

async function noteGreeting(ports: TeamsInboxPorts, inbound: Inbound): Promise<RawAnswer> {
  const { activity, channels } = inbound
  const greeting = greetingOf(activity, activity.serviceURL ?? '', ports.now())
  if (greeting === undefined || !ports.mayGreet(greeting.objectID)) return taken
  // One answers, however many share the bot: the one whose conversation it is, if it is one's.
  const here = channels.find(({ conversationIDs }) => conversationIDs.includes(activity.conversation.id))
  const name = (here ?? channels[0])?.name
  if (name === undefined) return taken
  if (await note(ports, inbound, { name, change: (status) => withGreeting(status, greeting) })) return taken
  inbound.forget()
  return refused(503)
}

type Note = { readonly name: string; readonly change: (status: ApprovalChannelStatus) => NotedChannel | undefined }

/** False when it may go well the next time. */
async function note(ports: TeamsInboxPorts, { activity }: Inbound, { name, change }: Note): Promise<boolean> {
  try {
    const noted = await ports.noteChannel(name, change)
    ports.log.info('ChannelNoted', { from: 'Teams', channel: name, event: kindOf(activity), outcome: noted })
    return true
  } catch (error) {
    ports.log.error('ChannelNotNoted', error, { channel: name })
    return false
  }
}

function kindOf({ event }: Activity): string {
  return event?.kind ?? ''
}
