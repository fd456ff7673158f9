import type { ApprovalRequest, ApprovalVote } from '../domain/kinds.ts'
import { effectOf, isPaused, wasUsed } from './effect.ts'
import type { Effect } from './effect.ts'
import { moment } from '../domain/moment.ts'
import type { VoteCommand } from './people-command.ts'
import { objectIn } from './reading.ts'
import { exitCodes } from './records.ts'
import type { ExitCode, PeoplePorts } from './records.ts'
import { refusalTold } from '../domain/refusal-cures.ts'
import { safe } from '../domain/safe-text.ts'
import { decisionLine, progressWords } from '../domain/standing-words.ts'

/** An agent that waits asks again within five seconds; who has not come by then has gone. */
const agentComesMs = 6_000

/** Waits for what the vote brings about, and tells it: to people in words, to programs as the object they asked for. */
export async function tellEffect(ports: PeoplePorts, command: VoteCommand, vote: ApprovalVote): Promise<ExitCode> {
  const { terminal } = ports
  const end = ports.now() + command.timeoutSeconds * 1000
  const effect = await effectOf(ports, vote, command.timeoutSeconds * 1000)
  const { lines, exitCode } = await told(ports, { effect, vote, command, leftMs: end - ports.now() })
  const say = command.output === undefined ? terminal.out : terminal.err
  for (const line of lines) say(`${line}\n`)
  if (command.output !== undefined) terminal.out(objectIn(ports, command.output, vote))
  return exitCode
}

type Ending = { readonly lines: readonly string[]; readonly exitCode: ExitCode }

type Seen = {
  readonly effect: Effect
  readonly vote: ApprovalVote
  readonly command: VoteCommand
  readonly leftMs: number
}

async function told(ports: PeoplePorts, seen: Seen): Promise<Ending> {
  const { effect, vote, command } = seen
  switch (effect.kind) {
    case 'Waiting':
      return {
        exitCode: exitCodes.NoEffectYet,
        lines: [
          `Recorded as ${vote.metadata.name}, but there is no decision yet: nobody has judged it within ${command.timeoutSeconds} s.`,
          `Your vote stands. See what comes of it: kubectl countersign watch ${vote.spec.requestRef.name}`,
        ],
      }
    case 'Refused': {
      const words = `Your vote does not count (${safe(effect.refusal)}). ${refusalTold(effect.refusal, 'Terminal')}`
      return { exitCode: exitCodes.Failed, lines: [words] }
    }
    case 'Counted':
      return counted(ports, effect.request, seen)
  }
}

async function counted(ports: PeoplePorts, request: ApprovalRequest, seen: Seen): Promise<Ending> {
  const { verdict } = seen.command
  if (verdict === 'Comment') return done('Your comment is recorded. The agent and the other approvers read it.')
  const decided = decisionLine(request, ports.now())
  if (decided === undefined) return done(`Your vote counts: ${progressWords(request)}.`)
  const after = { first: `Your vote counts. ${decided}`, leftMs: Math.max(0, seen.leftMs) }
  if (verdict === 'Pause') return paused(ports, request, after)
  if (verdict === 'Approve') return approved(ports, request, after)
  return verdict === 'Revoke' ? done(after.first) : done(after.first, 'The agent reads your words.')
}

function done(...lines: readonly string[]): Ending {
  return { exitCode: exitCodes.Done, lines }
}

type After = { readonly first: string; readonly leftMs: number }

async function paused(ports: PeoplePorts, request: ApprovalRequest, { first, leftMs }: After): Promise<Ending> {
  const agent = safe(request.spec.requester.agent)
  if (await isPaused(ports, request, leftMs)) {
    return done(first, `${agent} is paused until somebody resumes it: kubectl countersign resume ${agent}`)
  }
  const lines = [
    first,
    `But ${agent} is not paused: is there an AgentIdentity for it? kubectl get agid -n countersign-system`,
  ]
  return { exitCode: exitCodes.NoEffectYet, lines }
}

/** It may have counted at the moment when somebody else denied. */
async function approved(ports: PeoplePorts, request: ApprovalRequest, { first, leftMs }: After): Promise<Ending> {
  const { decision, grant } = request.status ?? {}
  if (decision !== 'Approved') return { exitCode: exitCodes.Failed, lines: [first] }
  const used = await wasUsed(ports, request.metadata.name, Math.min(leftMs, agentComesMs))
  if (used !== undefined) return done(first, 'The agent is waiting: released.')
  const until = moment(grant?.expirationTime, ports.now())
  return done(first, `Approved; the agent has until ${until} to run its command again.`)
}
