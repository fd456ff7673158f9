import { cloudFaults, cloudOf } from './clouds.ts'
import type { Cloud } from './clouds.ts'
import type { Config } from './config.ts'
import { present } from './domain/present.ts'

/** The longest time that an API server waits for a webhook. Source: ValidatingWebhook.timeoutSeconds. */
const longestCallSeconds = 30

type Contradiction = {
  /** The settings that do not go together; the first is the one to change. */
  readonly paths: readonly [string, ...string[]]
  readonly holds: (config: Config, isSet: (path: string) => boolean) => boolean
  readonly words: string
}

/** Settings each of which is fine, and that cannot be meant together. */
const contradictions: readonly Contradiction[] = [
  {
    paths: ['webhook.holdSeconds', 'webhook.marginSeconds'],
    holds: ({ webhook }) => webhook.holdSeconds + webhook.marginSeconds > longestCallSeconds,
    words: `together with webhook.marginSeconds must be at most ${longestCallSeconds}, since the API server waits no longer`,
  },
  {
    paths: ['webhook.holdSlotsPerAgent', 'webhook.holdSlots'],
    holds: ({ webhook }) => webhook.holdSlotsPerAgent > webhook.holdSlots,
    words: 'must not be more than webhook.holdSlots',
  },
  {
    paths: ['webhook.service', 'webhook.url'],
    holds: (_config, isSet) => isSet('webhook.url') && isSet('webhook.service'),
    words: 'does not go with webhook.url: the API server is told one way to the webhook, so leave one out',
  },
  {
    paths: ['webhook.url'],
    holds: ({ webhook }) => webhook.url !== undefined && !isOrigin(webhook.url),
    words: 'must have scheme, host and port alone; the path is ours',
  },
  {
    paths: ['operator.election.renewSeconds', 'operator.election.leaseSeconds'],
    holds: ({ operator: { election } }) => election.renewSeconds >= election.leaseSeconds,
    words: 'must be less than operator.election.leaseSeconds, else two could lead',
  },
  {
    paths: ['operator.election.retrySeconds', 'operator.election.renewSeconds'],
    holds: ({ operator: { election } }) => election.retrySeconds >= election.renewSeconds,
    words: 'must be less than operator.election.renewSeconds, else the leader gives up before its second try',
  },
  {
    paths: ['kubernetes.context', 'kubernetes.kubeconfig'],
    holds: ({ kubernetes }) => kubernetes.context !== undefined && kubernetes.kubeconfig === undefined,
    words: 'needs kubernetes.kubeconfig, in which it is looked for',
  },
  {
    paths: ['certificates.renewSpread', 'certificates.renewAt'],
    holds: ({ certificates }) => certificates.renewAt + certificates.renewSpread >= 1,
    words: 'and certificates.renewAt together must be less than 1, else a certificate ends before it is renewed',
  },
  {
    paths: ['certificates.overlapSeconds', 'certificates.lifeSeconds'],
    holds: ({ certificates: { lifeSeconds, renewAt, renewSpread, overlapSeconds } }) =>
      renewAt + renewSpread < 1 && overlapSeconds >= lifeSeconds * (1 - renewAt - renewSpread),
    words: 'must be less than what is left of certificates.lifeSeconds when a certificate is renewed',
  },
  {
    paths: ['keys.publishSeconds', 'keys.rotateSeconds'],
    holds: ({ keys }) => keys.publishSeconds >= keys.rotateSeconds,
    words: 'must be less than keys.rotateSeconds, else a key is replaced before it is used',
  },
  {
    paths: ['health.port', 'webhook.listen.port'],
    holds: ({ components, health, webhook: { listen } }) =>
      components.includes('webhook') && isSamePort(health.port, listen.port),
    words: 'must not be that of webhook.listen',
  },
  {
    paths: ['gateway.listen.port', 'webhook.listen.port'],
    holds: ({ components, gateway, webhook }) =>
      ['webhook', 'gateway'].every((name) => components.some((one) => one === name)) &&
      isSamePort(gateway.listen.port, webhook.listen.port),
    words: 'must not be that of webhook.listen',
  },
  {
    paths: ['gateway.listen.port', 'health.port'],
    holds: ({ components, gateway, health }) =>
      components.includes('gateway') && isSamePort(gateway.listen.port, health.port),
    words: 'must not be health.port, which is not for the internet',
  },
  {
    paths: ['gateway.url'],
    holds: ({ gateway }) => gateway.url !== undefined && !isOrigin(gateway.url),
    words: 'must have scheme, host and port alone; the paths are ours',
  },
  ...(['loginURL', 'botMetadataURL', 'graphURL', 'serviceHosts'] as const).map(microsoftFault),
  {
    paths: ['components'],
    holds: ({ components }) => new Set(components).size < components.length,
    words: 'names something twice',
  },
  {
    paths: ['agents.users'],
    holds: ({ agents }) => agents.users.some((user) => user.startsWith('system:')),
    words: 'must not name system: users; a service account becomes an agent by the label countersign.dev/agent=true',
  },
  {
    paths: ['agents.groups'],
    holds: ({ agents }) => agents.groups.some((group) => group.startsWith('system:')),
    words: 'must not name system: groups, to which people and controllers belong; label a namespace of agents instead',
  },
]

/** What does not go together, but for settings in `wrong`, of which the true value is not known. */
export function contradictionsIn(
  config: Config,
  given: { readonly isSet: (path: string) => boolean; readonly wrong: readonly string[] },
): readonly { readonly path: string; readonly words: string }[] {
  const unknown = (path: string): boolean => given.wrong.some((wrong) => wrong === path || wrong.startsWith(path))
  return contradictions
    .filter(({ paths, holds }) => !paths.some(unknown) && holds(config, given.isSet))
    .map(({ paths, words }) => ({ path: paths[0], words }))
}

/** Zero takes a free one. */
function isSamePort(one: number, other: number): boolean {
  return one === other && one !== 0
}

/** An address that tokens or keys come from, or go to, must be safe whoever gave it. */
function microsoftFault(field: keyof Config['microsoft'] & keyof Cloud): Contradiction {
  const words =
    field === 'serviceHosts'
      ? 'must be hosts, as smba.trafficmanager.net, with :port where it is not that of https'
      : 'must be https, or http to the own machine, without credentials, query or fragment'
  return {
    paths: [`microsoft.${field}`],
    holds: ({ microsoft }) => cloudFaults(cloudOf('Public', present(microsoft))).includes(field),
    words,
  }
}

function isOrigin(text: string): boolean {
  const url = new URL(text)
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
}
