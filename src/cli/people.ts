import { failureWords } from './failure-words.ts'
import { pauseOrResume } from './pausing.ts'
import type { PeopleCommand } from './people-command.ts'
import { get, show } from './reading.ts'
import { exitCodes } from './records.ts'
import type { ExitCode, PeoplePorts } from './records.ts'
import { vote } from './voting.ts'
import { watch } from './watching.ts'

/** Carries out what a person asked for. Whatever goes wrong is told on the terminal, and is an exit code. */
export async function runPeopleCommand(ports: PeoplePorts, command: PeopleCommand): Promise<ExitCode> {
  try {
    return await carryOut(ports, command)
  } catch (error) {
    ports.terminal.err(`${failureWords(error)}\n`)
    return exitCodes.Failed
  }
}

function carryOut(ports: PeoplePorts, command: PeopleCommand): Promise<ExitCode> {
  switch (command.do) {
    case 'get':
      return get(ports, command)
    case 'show':
      return show(ports, command)
    case 'watch':
      return watch(ports, command)
    case 'vote':
      return vote(ports, command)
    case 'pause':
    case 'resume':
      return pauseOrResume(ports, command)
  }
}
