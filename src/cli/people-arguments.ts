import { Command, CommanderError, Option } from 'commander'
import type { Verdict } from '../domain/kinds.ts'
import { addDoctor } from './doctor-arguments.ts'
import type { DoctorCommand } from './doctor-arguments.ts'
import { addTeamsPackage } from './package-arguments.ts'
import type { PackageCommand } from './package-arguments.ts'
import type { Login, PeopleCommand } from './people-command.ts'
import { exitCodes } from './records.ts'
import type { Format } from './records.ts'
import { secondsOf } from './seconds-argument.ts'
import type { Printer } from './server-arguments.ts'

/** What somebody wrote after `kubectl countersign`. `Told`: it was answered by a text, such as help. */
export type PeopleArguments =
  | { readonly kind: 'Run'; readonly command: PeopleCommand; readonly login: Login }
  | { readonly kind: 'Package'; readonly command: PackageCommand }
  | { readonly kind: 'Doctor'; readonly command: DoctorCommand }
  | { readonly kind: 'Told'; readonly exitCode: number }

type Options = Login & {
  readonly output?: Format
  readonly all?: boolean
  readonly message?: string
  readonly yes?: boolean
  readonly timeout?: number
}

const examples = `
Examples:
  kubectl countersign get                            what waits for an answer
  kubectl countersign show apr-3n8v                  one request: what an approver must see
  kubectl countersign approve apr-3n8v               shows it, asks, approves
  kubectl countersign deny apr-3n8v -m "use a Role"
  kubectl countersign pause agents/bot -m "deleting too much"
  kubectl countersign teams package --url https://countersign.example.com > countersign-teams.zip
  kubectl countersign doctor --channel teams         whether it works, from the cluster to the chat and back

A request is named by its name, with or without apr/ before it, or by any beginning that is not ambiguous.
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 recorded, but without effect when the time was over.
`

/** Reads the arguments. Usage errors are printed to `err` and end with exit code 2. */
export function readPeopleArguments(args: readonly string[], printer: Printer): PeopleArguments {
  let read: PeopleArguments = { kind: 'Told', exitCode: exitCodes.Usage }
  const run = (command: PeopleCommand, { kubeconfig, context }: Login): void => {
    read = { kind: 'Run', command, login: { kubeconfig, context } }
  }
  const program = new Command('kubectl countersign')
    .description('Answers what AI agents ask for in this cluster, as yourself.')
    .configureOutput({ writeOut: printer.out, writeErr: printer.err })
    .addHelpText('after', examples)
  addReading(program, run)
  for (const vote of votes) addVote(program, vote, run)
  addPausing(program, run)
  addTeamsPackage(program, (command) => {
    read = { kind: 'Package', command }
  })
  addDoctor(program, (command) => {
    read = { kind: 'Doctor', command }
  })
  for (const one of [program, ...program.commands.flatMap((each) => [each, ...each.commands])]) {
    one.exitOverride().configureOutput({ writeOut: printer.out, writeErr: printer.err })
  }
  try {
    program.parse(args, { from: 'user' })
    return read
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { kind: 'Told', exitCode: error.exitCode === 0 ? exitCodes.Done : exitCodes.Usage }
  }
}

type Run = (command: PeopleCommand, login: Login) => void

function subcommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--kubeconfig <file>', 'kubeconfig, else that of KUBECONFIG, else ~/.kube/config')
    .option('--context <name>', 'context of the kubeconfig, else its current one')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json', 'yaml', 'name']))
}

function addReading(program: Command, run: Run): void {
  subcommand(program, 'get', 'lists the requests that wait for an answer')
    .option('-a, --all', 'the decided ones as well')
    .action((options: Options) => run({ do: 'get', all: options.all ?? false, output: options.output }, options))
  subcommand(
    program,
    'show <request>',
    'shows one request: what an approver must see, and the whole masked change',
  ).action((request: string, options: Options) => run({ do: 'show', request, output: options.output }, options))
  subcommand(
    program,
    'watch [request]',
    'prints what changes, until interrupted, or until that request is decided',
  ).action((request: string | undefined, options: Options) =>
    run({ do: 'watch', request, output: options.output }, options),
  )
}

type VoteWord = { readonly word: string; readonly verdict: Verdict; readonly description: string }

const votes: readonly VoteWord[] = [
  { word: 'approve', verdict: 'Approve', description: 'shows the request, asks, and approves it' },
  { word: 'deny', verdict: 'Deny', description: 'denies it; the agent reads the reason' },
  {
    word: 'changes',
    verdict: 'RequestChanges',
    description: 'ends it with words on what to change; the agent reads them',
  },
  { word: 'comment', verdict: 'Comment', description: 'adds words, and decides nothing' },
  { word: 'revoke', verdict: 'Revoke', description: 'takes back an unused approval, or the cool-down after a denial' },
]

function addVote(program: Command, { word, verdict, description }: VoteWord, run: Run): void {
  votingOptions(subcommand(program, `${word} <request>`, description)).action((request: string, options: Options) =>
    run(voteCommand({ word, verdict, request }, options), options),
  )
}

function votingOptions(one: Command): Command {
  return one
    .option('-m, --message <words>', 'the reason, in your words')
    .option('-y, --yes', 'asks nothing; for scripts')
    .option('--timeout <seconds>', 'for how long to wait for the effect', secondsOf, 30)
}

function voteCommand(
  vote: Omit<VoteWord, 'description'> & { readonly request: string },
  options: Options,
): PeopleCommand {
  const { message: comment, yes = false, timeout: timeoutSeconds = 30, output } = options
  return { do: 'vote', ...vote, comment, yes, timeoutSeconds, output }
}

/** A request is denied and its agent paused by one vote; an agent alone is paused by writing its AgentIdentity. */
function addPausing(program: Command, run: Run): void {
  votingOptions(
    subcommand(program, 'pause <request-or-agent>', 'refuses all that the agent asks for, until resumed'),
  ).action((what: string, options: Options) => {
    const isRequest = /^(?:apr[-/]|approvalrequests?[./])/.test(what)
    if (isRequest) return run(voteCommand({ word: 'pause', verdict: 'Pause', request: what }, options), options)
    run({ do: 'pause', agent: what, comment: options.message, output: options.output }, options)
  })
  subcommand(program, 'resume <agent>', 'ends the pause of an agent, given as namespace/name').action(
    (agent: string, options: Options) =>
      run({ do: 'resume', agent, comment: undefined, output: options.output }, options),
  )
}
