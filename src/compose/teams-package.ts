import { writeFile } from 'node:fs/promises'
import { failureWords } from '../cli/failure-words.ts'
import type { PackageCommand } from '../cli/package-arguments.ts'
import { exitCodes } from '../cli/records.ts'
import type { ExitCode } from '../cli/records.ts'
import type { Environment } from '../config-env.ts'
import type { ApprovalChannel } from '../domain/kinds.ts'
import { approvalChannels } from '../kubernetes/kinds.ts'
import { makeObjects } from '../kubernetes/objects.ts'
import { makeTimers } from '../kubernetes/timers.ts'
import type { Clocks } from '../kubernetes/timers.ts'
import type { Given } from '../teams/app-package-input.ts'
import { appPackage } from '../teams/app-package.ts'
import { kubeconfigOf, peopleTransport } from './people-cluster.ts'
import { readConfiguration } from './serve.ts'

type Stream = { readonly write: (data: string | Uint8Array) => unknown; readonly isTTY?: boolean }

export type PackageSurface = {
  readonly env: Environment
  readonly clocks: Clocks
  readonly random: () => number
  readonly version: string
  readonly streams: { readonly stdout: Stream; readonly stderr: Stream }
}

/** Writes the app package for Teams, or tells everything that is wrong, and writes nothing. */
export async function writeTeamsPackage(surface: PackageSurface, command: PackageCommand): Promise<ExitCode> {
  const { stdout, stderr } = surface.streams
  const { name, appVersion: version = surface.version, output } = command
  const [appID, url] = [await appIDOf(surface, command), await urlOf(surface, command)]
  const made = appPackage({ appID, url, name, version })
  const noPlace = noPlaceFor(output, stdout)
  if ('problems' in made || noPlace.length > 0) {
    const problems = [...('problems' in made ? made.problems : []), ...noPlace]
    stderr.write(problems.map((one) => `countersign: ${one}\n`).join(''))
    return exitCodes.Usage
  }
  const failed = await deliver(made.bytes, output, stdout)
  stderr.write(failed ?? nextSteps(url))
  return failed === undefined ? exitCodes.Done : exitCodes.Failed
}

function noPlaceFor(file: string | undefined, { isTTY }: Stream): readonly string[] {
  return file === undefined && isTTY === true
    ? ['the package is a zip file and this is a terminal: give --output FILE, or send it to a file']
    : []
}

function nextSteps(url: Given | undefined): string {
  const noTab = 'The app has no tab: what needs a sign-in is approved by kubectl countersign. --url adds it.\n'
  const next = 'Upload it in the Teams admin center (Teams apps, Manage apps), then add it to the team that approves.\n'
  return `${url === undefined ? noTab : ''}${next}`
}

/** What went wrong, if something did. */
async function deliver(bytes: Uint8Array, file: string | undefined, stdout: Stream): Promise<string | undefined> {
  if (file === undefined) {
    stdout.write(bytes)
    return undefined
  }
  return writeFile(file, bytes).then(
    () => undefined,
    (error: unknown) => `countersign: cannot write ${file} (${String(Object(error).code)})\n`,
  )
}

async function urlOf({ env }: PackageSurface, { url, config }: PackageCommand): Promise<Given | undefined> {
  if (url !== undefined) return { text: url }
  const read = await readConfiguration({ config }, env)
  if ('problems' in read) return read
  return read.config.gateway.url === undefined ? undefined : { text: read.config.gateway.url }
}

async function appIDOf(surface: PackageSurface, command: PackageCommand): Promise<Given> {
  if (command.appID !== undefined) return { text: command.appID }
  const kubeconfig = kubeconfigOf(command, surface.env)
  if ('problem' in kubeconfig) return { problems: [kubeconfig.problem] }
  try {
    const transport = await peopleTransport({ ...surface, timers: makeTimers(surface.clocks) }, kubeconfig)
    try {
      const objects = makeObjects({ transport, fieldManager: 'kubectl-countersign' })
      return appIDAmong((await objects.list(approvalChannels, {})).items, command.channel)
    } finally {
      await transport.close()
    }
  } catch (error) {
    return { problems: [`the app id is not known; give --app-id. ${failureWords(error)}`] }
  }
}

/** The id in the one channel of type Teams, or in the one of that name. Several channels may share a bot. */
export function appIDAmong(channels: readonly ApprovalChannel[], name: string | undefined): Given {
  const ours = channels.filter(({ metadata }) => name === undefined || metadata.name === name)
  const ids = new Set(ours.flatMap(({ spec }) => (spec.teams === undefined ? [] : [spec.teams.appID.toLowerCase()])))
  const [id, ...more] = ids
  const which = name === undefined ? 'no ApprovalChannel of type Teams' : `no ApprovalChannel ${name} of type Teams`
  if (id === undefined) return { problems: [`the app id is not known: there is ${which}; give --app-id`] }
  if (more.length === 0) return { text: id }
  const names = ours.filter(({ spec }) => spec.teams !== undefined).map(({ metadata }) => metadata.name)
  return { problems: [`there are several bots, in the channels ${names.join(', ')}: name one by --channel`] }
}
