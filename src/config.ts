import { z } from 'zod'

/** The namespace in which Countersign and all its records live. The admission policies name it, so it is not configurable. */
export const recordsNamespace = 'countersign-system'

/** The object by which the API server knows whom to ask. */
export const webhookConfigurationName = 'countersign'

const seconds = (most: number) => z.number().positive().max(most)
const port = z.int().min(0).max(65_535)
const count = (most: number) => z.int().min(1).max(most)

const listen = (host: string, number: number) =>
  z.strictObject({ host: z.string().min(1).default(host), port: port.default(number) }).prefault({})

const service = z.strictObject({
  namespace: z.string().min(1).default(recordsNamespace),
  name: z.string().min(1).default('countersign-webhook'),
  port: z.int().min(1).max(65_535).default(443),
})

const webhook = z
  .strictObject({
    listen: listen('0.0.0.0', 8443),
    /** Origin under which the API server reaches the webhook outside of a cluster, such as https://10.0.0.5:8443. */
    url: z.url({ protocol: /^https$/ }).optional(),
    /** Used when there is no `url`. */
    service: service.prefault({}),
    holdSeconds: seconds(27).default(20),
    patienceSeconds: seconds(600).default(45),
    /** Kept free at the end of a call for the answer to reach the API server. */
    marginSeconds: seconds(10).default(3),
    holdSlots: count(1000).default(12),
    holdSlotsPerAgent: count(1000).default(2),
    mostPending: count(1000).default(20),
    /** Nothing is decided from a memory that has heard nothing for longer. */
    staleSeconds: seconds(3600).default(90),
    /** How long a replica that was told to stop still answers, so that nobody calls a closed port. */
    drainSeconds: z.number().min(0).max(60).default(5),
  })
  .prefault({})

const operator = z
  .strictObject({
    /** How long a decided request is kept. */
    retentionDays: z.number().positive().default(30),
    /** For how long a claim covers repeats; after it the outcome is looked for. */
    leaseSeconds: seconds(600).default(45),
    workers: count(64).default(4),
    /** Leader election, as in client-go. */
    election: z
      .strictObject({
        leaseSeconds: seconds(600).default(15),
        renewSeconds: seconds(600).default(10),
        retrySeconds: seconds(600).default(2),
      })
      .prefault({}),
    /** Keepers look again at least so often, whatever the watches tell. */
    resyncSeconds: seconds(3600).default(60),
    /** Until when every API server is taken to go by a configuration that was read back. */
    propagationSeconds: z.number().min(0).max(600).default(10),
  })
  .prefault({})

const certificates = z
  .strictObject({
    lifeSeconds: seconds(10 * 365 * 86_400).default(90 * 86_400),
    backdateSeconds: z.number().min(0).default(300),
    renewAt: z.number().gt(0).lt(1).default(0.66),
    renewSpread: z.number().min(0).lt(1).default(0.1),
    overlapSeconds: seconds(86_400).default(300),
    dropSeconds: seconds(30 * 86_400).default(3600),
    /** Names beside those of the service or URL. */
    extraNames: z.array(z.string().min(1)).default([]),
  })
  .prefault({})

const keys = z
  .strictObject({
    rotateSeconds: seconds(10 * 365 * 86_400).default(90 * 86_400),
    publishSeconds: seconds(86_400).default(120),
    dropSeconds: seconds(30 * 86_400).default(86_400),
    /** Ids of keys that somebody else may hold. */
    compromised: z.array(z.string().min(1)).default([]),
    /** Kids of evidence keys with which alone a process begins to trust. */
    pins: z.array(z.string().min(1)).default([]),
  })
  .prefault({})

const components = ['webhook', 'operator'] as const

/** Everything that can be set, with every default. All times are in seconds, so that tests can make them short. */
export const configSchema = z.strictObject({
  cluster: z
    .strictObject({ name: z.string().max(253).default(''), environment: z.string().max(63).default('') })
    .prefault({}),
  components: z.array(z.enum(components)).min(1).default([...components]),
  kubernetes: z
    .strictObject({
      /** Outside of a cluster: mints the components' tokens. Without it, the pod's own credentials are used. */
      kubeconfig: z.string().min(1).optional(),
      context: z.string().min(1).optional(),
    })
    .prefault({}),
  /** Agents that are no service accounts. */
  agents: z
    .strictObject({
      users: z.array(z.string().min(1)).default([]),
      groups: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
  webhook,
  operator,
  certificates,
  keys,
  /** /livez, /readyz and /metrics, in plain HTTP. */
  health: listen('0.0.0.0', 8080),
  log: z
    .strictObject({
      level: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
      format: z.enum(['json', 'text']).default('json'),
    })
    .prefault({}),
})

export type Component = (typeof components)[number]

/** What a process goes by. Frozen once it is read. */
export type Config = z.infer<typeof configSchema>
