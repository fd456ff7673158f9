import { gateExpressions } from './gate-expressions.ts'
import type { GateExpression } from './gate-expressions.ts'

/** Whose calls the API server sends us: exactly these, and nobody else's. */
export type GatedSubjects = {
  /** Full usernames, of service accounts and of configured users. */
  readonly usernames: readonly string[]
  /** Namespaces of which every service account is an agent. */
  readonly namespaces: readonly string[]
  readonly groups: readonly string[]
}

/** Where the API server reaches the webhook: a service in the cluster, or a URL outside it. */
export type ClientConfig =
  | { readonly caBundle: string; readonly url: string }
  | {
      readonly caBundle: string
      readonly service: {
        readonly namespace: string
        readonly name: string
        readonly path: string
        readonly port: number
      }
    }

/** One webhook of a ValidatingWebhookConfiguration (admissionregistration.k8s.io/v1), every field said. */
export type Webhook = {
  readonly name: string
  readonly admissionReviewVersions: readonly ['v1']
  readonly clientConfig: ClientConfig
  readonly failurePolicy: 'Fail'
  readonly matchPolicy: 'Equivalent'
  readonly sideEffects: 'NoneOnDryRun'
  readonly timeoutSeconds: 30
  readonly namespaceSelector: Readonly<Record<string, never>>
  readonly objectSelector: Readonly<Record<string, never>>
  readonly rules: readonly {
    readonly apiGroups: readonly ['*']
    readonly apiVersions: readonly ['*']
    readonly resources: readonly ['*/*']
    readonly operations: readonly ['*']
    readonly scope: '*'
  }[]
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[]
}

/** The name is part of what an agent reads when nobody answers. */
export const webhookName = 'human-approval.countersign.dev'

/**
 * The webhooks that send us the calls of these subjects. None where there are none: an empty gate calls nobody. The
 * whole list is said each time, and replaces what is there: a foreign condition or selector does not survive.
 */
export function webhooksFor(subjects: GatedSubjects, clientConfig: ClientConfig): readonly Webhook[] {
  return gateExpressions(subjects).map((expression, index) => webhook(index, expression, clientConfig))
}

/** Is this username in the gate? As the API server's own evaluation, for checks and tests. */
export function isGated(subjects: GatedSubjects, username: string, groups: readonly string[]): boolean {
  return (
    subjects.usernames.includes(username) ||
    subjects.namespaces.some((namespace) => username.startsWith(`system:serviceaccount:${namespace}:`)) ||
    subjects.groups.some((group) => groups.includes(group))
  )
}

function webhook(index: number, { agents, others }: GateExpression, clientConfig: ClientConfig): Webhook {
  return {
    name: index === 0 ? webhookName : webhookName.replace('.', `-${index + 1}.`),
    admissionReviewVersions: ['v1'],
    clientConfig,
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: 'NoneOnDryRun',
    timeoutSeconds: 30,
    namespaceSelector: {},
    objectSelector: {},
    rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'], scope: '*' }],
    matchConditions: [
      { name: 'agents', expression: agents },
      ...others.map((other, place) => ({ name: `not-told-before-${place + 1}`, expression: `!${other}` })),
      ...notGated,
    ],
  }
}

/**
 * What is never asked about, whoever does it. Every optional field stands behind has(): an error in a condition would
 * refuse the writes of everybody.
 */
const notGated = [
  {
    name: 'not-events',
    expression: `!(request.resource.resource == 'events' && request.resource.group in ['', 'events.k8s.io'])`,
  },
  {
    name: 'not-own-leases',
    expression:
      `!(request.resource.group == 'coordination.k8s.io' && request.resource.resource == 'leases' && ` +
      `has(request.namespace) && request.userInfo.username.startsWith('system:serviceaccount:' + request.namespace + ':'))`,
  },
  {
    name: 'not-reviews',
    expression: `!(request.resource.group in ['authentication.k8s.io', 'authorization.k8s.io'])`,
  },
] as const
