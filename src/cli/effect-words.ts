import type { ApprovalRequest, ApprovalVote } from '../domain/kinds.ts'
import { effectOf, wasUsed } from './effect.ts'
import type { Effect } from './effect.ts'
import { moment } from './moment.ts'
import type { VoteCommand } from './people-command.ts'
import { objectIn } from './reading.ts'
import { exitCodes } from './records.ts'
import type { ExitCode, PeoplePorts } from './records.ts'
import { refusalWords } from './refusal-words.ts'
import { safe } from './safe-text.ts'
import { decisionLine, progressWords } from './state.ts'

/** An agent that waits asks again within five seconds; who has not come by then has gone. */
const agentComesMs = 6_000

/** Waits for what the vote brings about, and tells it: to people in words, to programs as the object they asked for. */
export async function tellEffect(ports: PeoplePorts, command: VoteCommand, vote: ApprovalVote): Promise<ExitCode> {
  const { terminal } = ports
  const end = ports.now() + command.timeoutSeconds * 1000
  const effect = await effectOf(ports, vote, command.timeoutSeconds * 1000)
  const lines = await wordsOf(ports, { effect, vote, command, leftMs: end - ports.now() })
  const say = command.output === undefined ? terminal.out : terminal.err
  for (const line of lines) say(`${line}\n`)
  if (command.output !== undefined) terminal.out(objectIn(ports, command.output, vote))
  return exitCodeOf(effect, command)
}

/** A vote that counts may still not do what was meant: somebody else was first. */
function exitCodeOf(effect: Effect, { verdict }: VoteCommand): ExitCode {
  if (effect.kind === 'Waiting') return exitCodes.NoEffectYet
  if (effect.kind === 'Refused') return exitCodes.Failed
  const { decision } = effect.request.status ?? {}
  return verdict === 'Approve' && decision !== undefined && decision !== 'Approved' ? exitCodes.Failed : exitCodes.Done
}

type Told = {
  readonly effect: Effect
  readonly vote: ApprovalVote
  readonly command: VoteCommand
  readonly leftMs: number
}

async function wordsOf(ports: PeoplePorts, told: Told): Promise<readonly string[]> {
  const { effect, vote, command } = told
  switch (effect.kind) {
    case 'Waiting':
      return [
        `Recorded as ${vote.metadata.name}, but there is no decision yet: nobody has judged it within ${command.timeoutSeconds} s.`,
        `Your vote stands. See what comes of it: kubectl countersign watch ${vote.spec.requestRef.name}`,
      ]
    case 'Refused':
      return [`Your vote does not count (${safe(effect.refusal)}). ${refusalWords(effect.refusal)}`]
    case 'Counted':
      return [counted(ports, effect.request), ...(await followed(ports, effect.request, told))]
  }
}

function counted(ports: PeoplePorts, request: ApprovalRequest): string {
  const decided = decisionLine(request, ports.now())
  return decided === undefined ? `Your vote counts: ${progressWords(request)}.` : `Your vote counts. ${decided}`
}

async function followed(ports: PeoplePorts, request: ApprovalRequest, told: Told): Promise<readonly string[]> {
  const { verdict } = told.command
  if (verdict === 'Pause') return [`${safe(request.spec.requester.agent)} is paused until somebody resumes it.`]
  if (verdict === 'Deny' || verdict === 'RequestChanges') return ['The agent reads your words.']
  if (verdict === 'Approve' && request.status?.decision === 'Approved') return released(ports, request, told.leftMs)
  return []
}

async function released(ports: PeoplePorts, request: ApprovalRequest, leftMs: number): Promise<readonly string[]> {
  const used = await wasUsed(ports, request.metadata.name, Math.max(0, Math.min(leftMs, agentComesMs)))
  if (used !== undefined) return ['The agent is waiting: released.']
  const until = moment(request.status?.grant?.expirationTime, ports.now())
  return [`Approved; the agent has until ${until} to run its command again.`]
}
