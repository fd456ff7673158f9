import { z } from 'zod'
import { channels, gateway, microsoft } from './config-chat.ts'
import { count, listen, seconds } from './config-fields.ts'
import { leaseMs } from './domain/grant.ts'

/** The namespace in which Countersign and all its records live. The admission policies name it, so it is not configurable. */
export const recordsNamespace = 'countersign-system'

/** The object by which the API server knows whom to ask. */
export const webhookConfigurationName = 'countersign'

const service = z.strictObject({
  namespace: z.string().min(1).default(recordsNamespace).describe('Namespace of the Service before the webhook.'),
  name: z
    .string()
    .min(1)
    .default('countersign-webhook')
    .describe('Service by which the API server reaches the webhook in a cluster; only without `webhook.url`.'),
  port: z.int().min(1).max(65_535).default(443).describe('Port of that Service.'),
})

const webhook = z
  .strictObject({
    listen: listen('0.0.0.0', 8443, 'the webhook'),
    url: z
      .url({ protocol: /^https$/ })
      .optional()
      .describe('Origin under which the API server reaches the webhook out of a cluster, as `https://10.0.0.5:8443`.'),
    service: service.prefault({}),
    holdSeconds: seconds(27).default(20).describe('For how long one call of an agent is held while people decide.'),
    patienceSeconds: seconds(600)
      .default(45)
      .describe('For how long the commands of one run wait for people, all their calls together.'),
    marginSeconds: seconds(10)
      .default(3)
      .describe('Kept free at the end of a call for the answer to reach the API server.'),
    holdSlots: count(1000).default(12).describe('Calls that one replica holds at once.'),
    holdSlotsPerAgent: count(1000).default(2).describe('Calls of one agent that one replica holds at once.'),
    mostPending: count(1000).default(20).describe('Undecided requests that one agent may have.'),
    callBurst: count(10_000).default(100).describe('Gated calls that one agent may make at once.'),
    callsPerSecond: z
      .number()
      .positive()
      .max(1000)
      .default(10)
      .describe('Gated calls that one agent may make in a second after that; more are told to wait.'),
    staleSeconds: seconds(3600)
      .default(90)
      .describe('Nothing is decided from policies or identities of which nothing was heard for longer.'),
    drainSeconds: z
      .number()
      .min(0)
      .max(60)
      .default(5)
      .describe('For how long a replica that was told to stop still answers, so that nobody calls a closed port.'),
  })
  .prefault({})

const election = z
  .strictObject({
    leaseSeconds: seconds(600).default(15).describe('For how long a leader that is not heard of keeps the others off.'),
    renewSeconds: seconds(600).default(10).describe('After so long without a renewal, a leader gives up.'),
    retrySeconds: seconds(600).default(2).describe('Pause between two tries to lead, or to go on leading.'),
  })
  .prefault({})

const grants = z
  .strictObject({
    leaseSeconds: seconds(600)
      .default(leaseMs / 1000)
      .describe(
        'For how long a use covers repeats of the same call. The same for all components, at least 35 in a cluster.',
      ),
  })
  .prefault({})

const operator = z
  .strictObject({
    retentionDays: z.number().positive().default(30).describe('For how long a decided request is kept.'),
    staleSeconds: seconds(3600)
      .default(90)
      .describe('Nothing is decided from requests, votes or people of which nothing was heard for longer.'),
    workers: count(64).default(4).describe('Requests that are worked on at once.'),
    election,
    resyncSeconds: seconds(3600).default(60).describe('Everything is looked at again so often, whatever was heard.'),
    propagationSeconds: z
      .number()
      .min(0)
      .max(600)
      .default(10)
      .describe('After so long, every API server is taken to go by the webhook configuration that was read back.'),
  })
  .prefault({})

const certificates = z
  .strictObject({
    lifeSeconds: seconds(10 * 365 * 86_400)
      .default(90 * 86_400)
      .describe("For how long the webhook's certificates are valid."),
    backdateSeconds: z.number().min(0).default(300).describe('So much before now a certificate begins to be valid.'),
    renewAt: z.number().gt(0).lt(1).default(0.66).describe('Part of its life after which a certificate is renewed.'),
    renewSpread: z.number().min(0).lt(1).default(0.1).describe('Part of its life over which renewals are spread.'),
    overlapSeconds: seconds(86_400)
      .default(300)
      .describe('For how long a new authority is published before it signs the certificate that is served.'),
    dropSeconds: seconds(30 * 86_400)
      .default(3600)
      .describe('For how long an old authority stays published after its last certificate was replaced.'),
    extraNames: z
      .array(z.string().min(1))
      .default([])
      .describe('Names and addresses in the certificate beside those of the Service or URL.'),
  })
  .prefault({})

const keys = z
  .strictObject({
    rotateSeconds: seconds(10 * 365 * 86_400)
      .default(90 * 86_400)
      .describe('Age at which a key is replaced.'),
    publishSeconds: seconds(86_400).default(120).describe('For how long a new key is published before it is used.'),
    dropSeconds: seconds(30 * 86_400)
      .default(86_400)
      .describe('For how long an old key is kept after it was last used.'),
    compromised: z.array(z.string().min(1)).default([]).describe('Ids of keys that somebody else may hold.'),
    pins: z
      .array(z.string().min(1))
      .default([])
      .describe('Ids of evidence keys with which alone a process begins to trust; none trusts what it first reads.'),
  })
  .prefault({})

const cluster = z
  .strictObject({
    name: z.string().max(253).default('').describe('Name of the cluster, as approvers know it.'),
    environment: z.string().max(63).default('').describe('What the cluster is for, such as production.'),
  })
  .prefault({})

const kubernetes = z
  .strictObject({
    kubeconfig: z
      .string()
      .min(1)
      .optional()
      .describe("Out of a cluster: a kubeconfig that may mint the components' tokens. Without it, those of the pod."),
    context: z.string().min(1).optional().describe('Context of that kubeconfig; else its current one.'),
  })
  .prefault({})

const agents = z
  .strictObject({
    users: z.array(z.string().min(1)).default([]).describe('Usernames of agents that are no service accounts.'),
    groups: z.array(z.string().min(1)).default([]).describe('Groups all of whose members are agents.'),
  })
  .prefault({})

const log = z
  .strictObject({
    level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('The least that is logged.'),
    format: z.enum(['json', 'text']).default('json').describe('One JSON object a line, or text for people.'),
  })
  .prefault({})

const components = ['webhook', 'operator', 'gateway'] as const

/** Everything that can be set, with every default. All times are in seconds, so that tests can make them short. */
export const configSchema = z.strictObject({
  cluster,
  components: z
    .array(z.enum(components))
    .min(1)
    .default([...components])
    .describe('What runs in this process.'),
  kubernetes,
  agents,
  grants,
  webhook,
  operator,
  gateway,
  channels,
  microsoft,
  certificates,
  keys,
  health: listen('0.0.0.0', 8080, 'plain HTTP for /livez, /readyz and /metrics'),
  log,
})

export type Component = (typeof components)[number]

/** What a process goes by. Frozen once it is read. */
export type Config = z.infer<typeof configSchema>
