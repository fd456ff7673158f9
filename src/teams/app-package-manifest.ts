import type { AppPackageInput } from './app-package-input.ts'
import { tabEntityID } from './tab-link.ts'

/** The version of Microsoft's schema by which the manifest is written. */
export const manifestVersion = '1.30'

/** Under the URL of the gateway. */
const tabPath = '/tab'

/** Behind the name in the list of apps, and around the symbol of the outline icon. */
export const accentColor = '#1B4B66'

export const iconFiles = { color: 'color.png', outline: 'outline.png' } as const

/** Where people read about Countersign while no gateway URL is given. Teams wants three addresses of every app. */
const homePage = 'https://countersign.dev'

/**
 * The manifest of the Teams app: the bot in all scopes, since a bot without `personal` fails silently where a card goes to
 * one person; the tab and its sign-in only where a gateway URL is given. No permission is asked for: that the bot may
 * read who is in a team comes with its installation. Source: the schema `MicrosoftTeams.schema.json` of that version.
 */
export function appManifest(input: AppPackageInput) {
  const { appID, name, version, url } = input
  const page = url === undefined ? homePage : tabAddress(url)
  return {
    $schema: `https://developer.microsoft.com/json-schemas/teams/v${manifestVersion}/MicrosoftTeams.schema.json`,
    manifestVersion,
    version,
    id: appID,
    developer: { name: 'Countersign', websiteUrl: page, privacyUrl: page, termsOfUseUrl: page },
    name: { short: name, full: fullName(name) },
    description: { short: shortDescription, full: fullDescription },
    icons: iconFiles,
    accentColor,
    bots: [bot(appID)],
    defaultInstallScope: 'team',
    defaultGroupCapability: { team: 'bot', groupchat: 'bot' },
    validDomains: url === undefined ? [] : [url.host],
    ...(url === undefined ? {} : tab(appID, url)),
  }
}

const shortDescription = 'Asks you before an AI agent changes something sensitive in Kubernetes.'
const fullDescription =
  'AI agents that work in Kubernetes wait for a person before they do what a policy calls sensitive. Countersign shows who wants to do what, why it is asked and what follows from it. You approve, deny or ask for changes; the command of the agent then succeeds, or fails with your words.'

function fullName(name: string): string {
  return `${name}: approvals for AI agents on Kubernetes`
}

const scopes = ['team', 'personal', 'groupChat'] as const

function bot(botId: string) {
  const hi = { title: 'hi', description: 'Answers with the line that makes you a person of an ApproverGroup' }
  return {
    botId,
    scopes,
    isNotificationOnly: false,
    supportsFiles: false,
    commandLists: [{ scopes, commands: [hi] }],
  }
}

/** A tab signs people in for an API of the same host; Entra knows it by the URI that is its `resource`. */
function tab(appID: string, url: URL) {
  const contentUrl = tabAddress(url)
  return {
    staticTabs: [{ entityId: tabEntityID, name: 'Requests', contentUrl, websiteUrl: contentUrl, scopes: ['personal'] }],
    webApplicationInfo: { id: appID, resource: `api://${url.host}/${appID}` },
  }
}

function tabAddress(url: URL): string {
  return `${url.origin}${tabPath}`
}
