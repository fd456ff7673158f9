import type { Command } from 'commander'
import { secondsOf } from './seconds-argument.ts'

/** What somebody wrote after `doctor`. */
export type DoctorCommand = {
  readonly channel: string
  readonly url?: string | undefined
  readonly waitSeconds: number
  readonly config?: string | undefined
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
}

const details = `
It reads with your kubeconfig, writes nothing, and needs no credential of the bot. ✓ it holds, ✗ it does not, … not known.
Without --url, the URL is the gateway.url of the configuration; without any, the public way in is not looked at.
Exit codes: 0 nothing fails, 1 something does, 2 wrong usage.
`

type Options = Omit<DoctorCommand, 'waitSeconds'> & { readonly wait: number }

/** Adds `doctor`, for people and for servers alike. */
export function addDoctor(program: Command, run: (command: DoctorCommand) => void): void {
  program
    .command('doctor')
    .description('looks whether a channel of Teams works, from the cluster to the chat and back')
    .requiredOption('--channel <name>', 'the ApprovalChannel')
    .option('--url <url>', 'URL of the gateway, as https://countersign.example.com: looks at DNS, TLS and the ingress')
    .option(
      '--wait <seconds>',
      'for how long to wait for a message to the bot, such as 60s; 0 tries none',
      secondsOf,
      60,
    )
    .option('--config <file>', 'configuration file in YAML, else that of COUNTERSIGN_CONFIG')
    .option('--kubeconfig <file>', 'kubeconfig, else that of KUBECONFIG, else ~/.kube/config')
    .option('--context <name>', 'context of the kubeconfig, else its current one')
    .addHelpText('after', details)
    .action(({ wait: waitSeconds, ...options }: Options) => run({ ...options, waitSeconds }))
}
