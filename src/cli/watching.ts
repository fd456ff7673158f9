import type { Instant } from '../domain/instant.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { moment } from '../domain/moment.ts'
import type { WatchCommand } from './people-command.ts'
import { objectIn } from './reading.ts'
import { exitCodes } from './records.ts'
import type { ExitCode, PeoplePorts } from './records.ts'
import { resolve } from './resolve.ts'
import { safe } from '../domain/safe-text.ts'
import { decisionLine, progressWords } from '../domain/standing-words.ts'

const pauseMs = 1000

/** `watch`: a line for every request that comes, gets a vote or is decided; of one request until it is decided. */
export async function watch(ports: PeoplePorts, command: WatchCommand): Promise<ExitCode> {
  const only = command.request === undefined ? undefined : await resolve(ports.records, command.request)
  if (only !== undefined && 'problem' in only) {
    ports.terminal.err(`${only.problem}\n`)
    return exitCodes.Failed
  }
  const seen = new Map<string, string>()
  const tell = (request: ApprovalRequest): void => {
    const line = lineOf(request, ports.now())
    if (seen.get(request.metadata.name) === line) return
    seen.set(request.metadata.name, line)
    const { output } = command
    ports.terminal.out(output === undefined ? `${clock(ports.now())}  ${line}\n` : objectIn(ports, output, request))
  }
  const look = only === undefined ? lookAtAll(ports, seen, tell) : lookAtOne(ports, only.request.metadata.name, tell)
  while (!ports.until.aborted && !(await look())) await ports.sleep(pauseMs)
  return exitCodes.Done
}

type Tell = (request: ApprovalRequest) => void

function lookAtOne({ records }: PeoplePorts, name: string, tell: Tell): () => Promise<boolean> {
  return async () => {
    const request = await records.find(name)
    if (request !== undefined) tell(request)
    return request?.status?.decision !== undefined || request === undefined
  }
}

/** Lists the undecided, which are few; one that has left them was decided, or is gone. */
function lookAtAll({ records }: PeoplePorts, seen: Map<string, string>, tell: Tell): () => Promise<boolean> {
  return async () => {
    const undecided = await records.undecided()
    for (const request of undecided) tell(request)
    const names = new Set(undecided.map(({ metadata }) => metadata.name))
    for (const name of seen.keys()) {
      if (names.has(name)) continue
      const request = await records.find(name)
      if (request !== undefined) tell(request)
      seen.delete(name)
    }
    return false
  }
}

function lineOf(request: ApprovalRequest, now: Instant): string {
  const { metadata, spec, status } = request
  const refused = (status?.votes ?? []).filter(({ counted }) => !counted).length
  const state =
    decisionLine(request, now) ?? `WAITING until ${moment(spec.expirationTime, now)}, ${progressWords(request)}`
  const uncounted = refused === 0 ? '' : `, ${refused} ${refused === 1 ? 'vote does' : 'votes do'} not count`
  return [safe(metadata.name), safe(spec.requester.agent), safe(spec.summary), spec.risk.level, state + uncounted].join(
    '  ',
  )
}

function clock(now: Instant): string {
  return `${new Date(now).toISOString().slice(11, 19)}Z`
}
