import { Command, CommanderError } from 'commander'
import { addDoctor } from './doctor-arguments.ts'
import type { DoctorCommand } from './doctor-arguments.ts'
import { addTeamsPackage } from './package-arguments.ts'
import type { PackageCommand } from './package-arguments.ts'

/** What somebody wrote after `countersign`. `Told`: the text was printed and there is nothing more to do. */
export type ServerCommand =
  | {
      readonly command: 'serve'
      readonly config?: string | undefined
      readonly kubeconfig?: string | undefined
      readonly context?: string | undefined
      readonly components?: readonly string[] | undefined
    }
  | { readonly command: 'version' }
  | { readonly command: 'teams package'; readonly of: PackageCommand }
  | { readonly command: 'doctor'; readonly of: DoctorCommand }
  | { readonly command: 'Told'; readonly exitCode: number }

export type Printer = { readonly out: (text: string) => void; readonly err: (text: string) => void }

const examples = `
Examples:
  countersign serve                                          in a pod, by the environment alone
  countersign serve --config countersign.yaml --kubeconfig ~/.kube/config --components webhook,operator
  countersign teams package --app-id 2a4c6e80-1b3d-4f5a-8c7e-9d0b1f2a3c4e --output countersign-teams.zip
  countersign doctor --channel teams --url https://countersign.example.com

Exit codes: 0 ended after SIGTERM or SIGINT, 1 could not run, 2 the arguments or the configuration are wrong.
People answer requests by kubectl countersign.
`

/** Reads the arguments. Usage errors are printed to `err` and end with exit code 2. */
export function readServerArguments(args: readonly string[], printer: Printer): ServerCommand {
  let read: ServerCommand = { command: 'Told', exitCode: 2 }
  const program = new Command('countersign')
    .description('The human counter-signature for AI agents on Kubernetes.')
    .exitOverride()
    .configureOutput({ writeOut: printer.out, writeErr: printer.err })
    .showHelpAfterError('(countersign --help shows how)')
    .addHelpText('after', examples)
  program
    .command('serve')
    .description('runs the webhook and the operator until SIGTERM or SIGINT')
    .option('--config <file>', 'configuration file in YAML, else that of COUNTERSIGN_CONFIG')
    .option('--kubeconfig <file>', "out of a cluster: may mint the components' tokens")
    .option('--context <name>', 'context of the kubeconfig')
    .option('--components <names>', 'what runs in this process, separated by commas', (names) => names.split(','))
    .action((options: object) => {
      read = { command: 'serve', ...options }
    })
  program
    .command('version')
    .description('prints the version')
    .action(() => {
      read = { command: 'version' }
    })
  addTeamsPackage(program, (of) => {
    read = { command: 'teams package', of }
  })
  addDoctor(program, (of) => {
    read = { command: 'doctor', of }
  })
  return parsed(program, args) ?? read
}

function parsed(program: Command, args: readonly string[]): ServerCommand | undefined {
  try {
    program.parse(args, { from: 'user' })
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { command: 'Told', exitCode: error.exitCode === 0 ? 0 : 2 }
  }
}
