import type { MicrosoftCloud } from './domain/kinds.ts'

/**
 * What differs between the clouds of Microsoft. URLs have no slash at their end. Everything here can be given otherwise
 * (a proxy, a test), but nothing can be switched off: an address is checked whoever gave it.
 */
export type Cloud = {
  /** Where people open Teams. */
  readonly teamsURL: string
  /** Where tokens are given out: `<loginURL>/<tenant>/oauth2/v2.0/token`. */
  readonly loginURL: string
  /** OpenID metadata of the Bot Connector, which names the keys of its tokens. */
  readonly botMetadataURL: string
  /** `iss` of the Bot Connector's tokens. */
  readonly botIssuer: string
  /** Scope of a token with which a bot posts. */
  readonly botScope: string
  /**
   * Hosts to which a bot's token may be sent: exactly these, without their subdomains; `host:port` where the port is not
   * that of https.
   */
  readonly serviceHosts: readonly string[]
  /** Microsoft Graph. */
  readonly graphURL: string
  /** Scope of a token for Microsoft Graph. */
  readonly graphScope: string
}

/**
 * Presets as in Microsoft's Teams SDK and its table of endpoints for proactive messages. The host of GCC is with Public,
 * since GCC tenants sign in there.
 */
export const clouds: Readonly<Record<MicrosoftCloud, Cloud>> = {
  Public: {
    teamsURL: 'https://teams.microsoft.com',
    loginURL: 'https://login.microsoftonline.com',
    botMetadataURL: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    botIssuer: 'https://api.botframework.com',
    botScope: 'https://api.botframework.com/.default',
    serviceHosts: ['smba.trafficmanager.net', 'smba.infra.gcc.teams.microsoft.com'],
    graphURL: 'https://graph.microsoft.com',
    graphScope: 'https://graph.microsoft.com/.default',
  },
  USGovernment: {
    teamsURL: 'https://gov.teams.microsoft.us',
    loginURL: 'https://login.microsoftonline.us',
    botMetadataURL: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
    botIssuer: 'https://api.botframework.us',
    botScope: 'https://api.botframework.us/.default',
    serviceHosts: ['smba.infra.gov.teams.microsoft.us'],
    graphURL: 'https://graph.microsoft.us',
    graphScope: 'https://graph.microsoft.us/.default',
  },
  USGovernmentDoD: {
    teamsURL: 'https://dod.teams.microsoft.us',
    loginURL: 'https://login.microsoftonline.us',
    botMetadataURL: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
    botIssuer: 'https://api.botframework.us',
    botScope: 'https://api.botframework.us/.default',
    serviceHosts: ['smba.infra.dod.teams.microsoft.us'],
    graphURL: 'https://dod-graph.microsoft.us',
    graphScope: 'https://dod-graph.microsoft.us/.default',
  },
  China: {
    teamsURL: 'https://teams.microsoftonline.cn',
    loginURL: 'https://login.partner.microsoftonline.cn',
    botMetadataURL: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration',
    botIssuer: 'https://api.botframework.azure.cn',
    botScope: 'https://api.botframework.azure.cn/.default',
    serviceHosts: ['frontend.botapi.msg.infra.teams.microsoftonline.cn'],
    graphURL: 'https://microsoftgraph.chinacloudapi.cn',
    graphScope: 'https://microsoftgraph.chinacloudapi.cn/.default',
  },
}

/** A preset with some of it given otherwise. */
export function cloudOf(name: MicrosoftCloud, given: Partial<Cloud> = {}): Cloud {
  return { ...clouds[name], ...given }
}

/** Where an app of the tenant gets its tokens. The tenant must be the bot's own: another one gives tokens that fail later. */
export function tokenURL(cloud: Cloud, tenantID: string): string {
  return `${cloud.loginURL}/${encodeURIComponent(tenantID)}/oauth2/v2.0/token`
}

/** OpenID metadata of a tenant, which names the keys of its people's tokens (version 2.0). */
export function tenantMetadataURL(cloud: Cloud, tenantID: string): string {
  return `${cloud.loginURL}/${encodeURIComponent(tenantID)}/v2.0/.well-known/openid-configuration`
}

/** `iss` of a tenant's tokens of version 2.0. */
export function tenantIssuer(cloud: Cloud, tenantID: string): string {
  return `${cloud.loginURL}/${tenantID.toLowerCase()}/v2.0`
}

/**
 * The fields of a cloud that cannot be used: an address that is not https, or not an origin and path alone. Plain http is
 * for the own machine only.
 */
export function cloudFaults(cloud: Cloud): readonly (keyof Cloud)[] {
  const addresses = ['loginURL', 'botMetadataURL', 'graphURL'] as const
  const wrong: (keyof Cloud)[] = addresses.filter((field) => secureURL(cloud[field]) === undefined)
  const hosts = cloud.serviceHosts.length > 0 && cloud.serviceHosts.every(isHost)
  return hosts ? wrong : [...wrong, 'serviceHosts']
}

/** The URL, when it is https, or http to the own machine, and brings no credentials, query or fragment. */
export function secureURL(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || `${url.username}${url.password}` !== '' || /[?#\\\s]/.test(text)) return undefined
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isOwnMachine(url.hostname))
  return secure ? url : undefined
}

function isOwnMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function isHost(text: string): boolean {
  return URL.canParse(`https://${text}`) && new URL(`https://${text}`).host === text
}
