import type { Command } from 'commander'

/** What somebody wrote after `teams package`. What is not given is taken from the cluster and the configuration. */
export type PackageCommand = {
  readonly appID?: string | undefined
  readonly url?: string | undefined
  readonly name: string
  readonly appVersion?: string | undefined
  readonly output?: string | undefined
  readonly channel?: string | undefined
  readonly config?: string | undefined
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
}

const details = `
Without --app-id, the id is read from the ApprovalChannel, with your kubeconfig. Without --url, the URL is the gateway.url of
the configuration; without any, the app has no tab, and what needs a sign-in is approved by kubectl.
`

/** Adds `teams package`, for people and for servers alike. */
export function addTeamsPackage(program: Command, run: (command: PackageCommand) => void): void {
  program
    .command('teams')
    .description('Microsoft Teams')
    .command('package')
    .description('writes the app package, a zip file to upload to Teams')
    .option('--app-id <guid>', 'Application (client) ID of the bot')
    .option('--url <url>', 'URL of the gateway, as https://countersign.example.com: adds the tab')
    .option('--name <name>', 'what Teams calls the app', 'Countersign')
    .option('--app-version <version>', 'a higher one than before, to replace an app; else that of this program')
    .option('-o, --output <file>', 'where to write it, else to the standard output')
    .option('--channel <name>', 'the ApprovalChannel, where there are several of type Teams')
    .option('--config <file>', 'configuration file in YAML, else that of COUNTERSIGN_CONFIG')
    .option('--kubeconfig <file>', 'kubeconfig, else that of KUBECONFIG, else ~/.kube/config')
    .option('--context <name>', 'context of the kubeconfig, else its current one')
    .addHelpText('after', details)
    .action(({ appId, ...options }: Omit<PackageCommand, 'appID'> & { readonly appId?: string }) => {
      run({ ...options, appID: appId })
    })
}
