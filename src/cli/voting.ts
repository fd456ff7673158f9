import { wholeDiff } from '../app/whole-diff.ts'
import { briefingOf } from '../domain/briefing.ts'
import type { Brief } from '../domain/briefing.ts'
import type { ShownDiff } from '../domain/effects.ts'
import type { ApprovalRequest, Verdict } from '../domain/kinds.ts'
import { briefingLines } from './briefing.ts'
import { tellEffect } from './effect-words.ts'
import { makeVote } from './make-vote.ts'
import { printed } from './paint.ts'
import type { VoteCommand } from './people-command.ts'
import { exitCodes } from './records.ts'
import type { ExitCode, PeoplePorts } from './records.ts'
import { resolve } from './resolve.ts'
import { safe } from '../domain/safe-text.ts'
import { decisionLine } from '../domain/standing-words.ts'
import { asksForWords, isTooLong, longestComment } from '../domain/vote-comment.ts'

/** A reason why no vote is sent. */
class Unsent extends Error {
  override readonly name = 'Unsent'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = exitCodes.Failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Votes as the one who is logged in, waits for the effect and tells it. */
export async function vote(ports: PeoplePorts, command: VoteCommand): Promise<ExitCode> {
  try {
    const request = await readRequest(ports, command)
    const comment = await consent(ports, command, request)
    const me = await ports.records.me()
    const made = makeVote({ request, verdict: command.verdict, comment, me, random: ports.random })
    return await tellEffect(ports, command, await ports.records.cast(made))
  } catch (error) {
    if (!(error instanceof Unsent)) throw error
    ports.terminal.err(`${error.message}\n`)
    return error.exitCode
  }
}

async function readRequest(
  { records, now }: PeoplePorts,
  { request: given, verdict }: VoteCommand,
): Promise<ApprovalRequest> {
  const resolved = await resolve(records, given)
  if ('problem' in resolved) throw new Unsent(resolved.problem)
  const { request } = resolved
  const decided = decisionLine(request, now())
  if (decided !== undefined && deciding.has(verdict)) {
    throw new Unsent(`${request.metadata.name} is decided: ${decided}\nYou changed nothing; no vote was sent.`)
  }
  return request
}

const deciding: ReadonlySet<Verdict> = new Set(['Approve', 'Deny', 'RequestChanges', 'Pause'])

/** Shows what is voted on, and has it confirmed where a person is there. Resolves with the comment. */
async function consent(
  ports: PeoplePorts,
  command: VoteCommand,
  request: ApprovalRequest,
): Promise<string | undefined> {
  const diff = await wholeDiff(ports.records.fullText, request)
  if (command.verdict === 'Approve') checkWhole(request, diff)
  const asked = command.verdict === 'Approve' && !command.yes
  if (asked && ports.terminal.ask === undefined) {
    throw new Unsent('There is no terminal to ask on. Look at the request, then add --yes.', exitCodes.Usage)
  }
  if (asked) ports.terminal.err(asText(ports, { request, diff }))
  else ports.terminal.err(`${command.word} ${request.metadata.name}: ${safe(request.spec.summary)}\n`)
  const comment = checked(await commentOf(ports, command, request))
  if (asked) await confirm(ports, request)
  return comment
}

function asText({ now, terminal }: PeoplePorts, brief: Brief): string {
  return printed(briefingLines(briefingOf(brief, now())), terminal.colour)
}

/** Nobody approves what cannot be shown to him. */
function checkWhole({ metadata }: ApprovalRequest, { missing }: ShownDiff): void {
  if (missing === undefined) return
  throw new Unsent(
    `${metadata.name} cannot be shown in full (${safe(missing)}), so it is not approved here. You may deny it.`,
  )
}

async function confirm({ terminal }: PeoplePorts, { spec }: ApprovalRequest): Promise<void> {
  const answer = await terminal.ask?.(`Approve: ${safe(spec.summary)}? [y/N] `)
  if (!/^y(?:es)?$/i.test(answer?.trim() ?? '')) throw new Unsent('Not approved; no vote was sent.')
}

async function commentOf(ports: PeoplePorts, command: VoteCommand, request: ApprovalRequest): Promise<string> {
  if (command.comment !== undefined) return command.comment
  if (!asksForWords(command.verdict, request.spec.requirements.comment)) return ''
  const { ask } = ports.terminal
  if (ask === undefined || command.yes) {
    throw new Unsent(`${command.word} needs a reason: add -m "…".`, exitCodes.Usage)
  }
  const said = (await ask('Reason (the agent and the other approvers read it): ')) ?? ''
  if (said.trim() === '') throw new Unsent('No reason was given; no vote was sent.')
  return said
}

function checked(comment: string): string | undefined {
  if (isTooLong(comment)) {
    throw new Unsent(`The reason may have at most ${longestComment} characters.`, exitCodes.Usage)
  }
  return comment.trim() === '' ? undefined : comment
}
