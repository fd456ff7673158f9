import { identityName } from '../domain/agent-name.ts'
import { moment } from '../domain/moment.ts'
import type { PauseCommand } from './people-command.ts'
import { objectIn } from './reading.ts'
import { exitCodes } from './records.ts'
import type { ExitCode, PeoplePorts } from './records.ts'
import { safe } from '../domain/safe-text.ts'

/** `pause` and `resume` of an agent, without a request: written to its AgentIdentity under one's own name. */
export async function pauseOrResume(ports: PeoplePorts, command: PauseCommand): Promise<ExitCode> {
  const { records, terminal } = ports
  const name = nameOf(command.agent)
  const pauses = command.do === 'pause'
  const pause = pauses ? await pauseNow(ports, command.comment) : undefined
  const identity = await records.setPause(name, pause)
  if (identity === undefined) {
    terminal.err(`there is no agent ${safe(name)}; kubectl get agid -n countersign-system lists them\n`)
    return exitCodes.Failed
  }
  const since = pause?.time === undefined ? '' : ` since ${moment(pause.time, ports.now())}`
  const said = pauses
    ? `${safe(name)} is paused${since}: all that needs an approval is refused. kubectl countersign resume ${safe(command.agent)}`
    : `${safe(name)} is not paused any more.`
  const say = command.output === undefined ? terminal.out : terminal.err
  say(`${said}\n`)
  if (command.output !== undefined) terminal.out(objectIn(ports, command.output, identity))
  return exitCodes.Done
}

async function pauseNow({ records, now }: PeoplePorts, reason: string | undefined) {
  const { username } = await records.me()
  const time = `${new Date(now()).toISOString().slice(0, 19)}Z`
  return { by: username, time, ...(reason === undefined || reason.trim() === '' ? {} : { reason }) }
}

/** The name of an AgentIdentity, given as itself or as the service account `namespace/name`. */
function nameOf(agent: string): string {
  const given = agent.replace(/^(?:agid|agentidentit(?:y|ies))(?:\.countersign\.dev)?\//, '')
  const [namespace = '', name] = given.split('/')
  return name === undefined ? given : identityName({ serviceAccount: { namespace, name } })
}
