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

/** CEL takes 100,000 code points an expression; a username of a service account has at most 340. */
const mostNames = 250

/**
 * The webhooks that send us the calls of these subjects. None where there are none: an empty gate calls nobody. The
 * whole list is said each time, and replaces what is there: a foreign condition or selector does not survive.
 */
export function webhooksFor(subjects: GatedSubjects, clientConfig: ClientConfig): readonly Webhook[] {
  const chunks = chunked(subjects.usernames.toSorted(), mostNames)
  const others = [...namespaceTerms(subjects.namespaces), ...groupTerms(subjects.groups)]
  const conditions = chunks.map((names) => `request.userInfo.username in [${names.map(celText).join(', ')}]`)
  const [first, ...rest] = conditions
  const leading = [...(first === undefined ? [] : [first]), ...others]
  const expressions = [...(leading.length === 0 ? [] : [leading.join(' || ')]), ...rest]
  return expressions.map((expression, index) => webhook(index, expression, clientConfig))
}

/** Is this username in the gate? As the API server's own evaluation, for checks and tests. */
export function isGated(subjects: GatedSubjects, username: string, groups: readonly string[]): boolean {
  return (
    subjects.usernames.includes(username) ||
    subjects.namespaces.some((namespace) => username.startsWith(`system:serviceaccount:${namespace}:`)) ||
    subjects.groups.some((group) => groups.includes(group))
  )
}

function webhook(index: number, agents: string, clientConfig: ClientConfig): Webhook {
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
    matchConditions: [{ name: 'agents', expression: agents }, ...notGated],
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

function namespaceTerms(namespaces: readonly string[]): readonly string[] {
  return namespaces
    .toSorted()
    .map((namespace) => `request.userInfo.username.startsWith(${celText(`system:serviceaccount:${namespace}:`)})`)
}

function groupTerms(groups: readonly string[]): readonly string[] {
  if (groups.length === 0) return []
  const list = groups.toSorted().map(celText).join(', ')
  return [`(has(request.userInfo.groups) && request.userInfo.groups.exists(group, group in [${list}]))`]
}

/** A CEL string literal: its escapes are those of JSON, as far as JSON uses them. */
function celText(text: string): string {
  return JSON.stringify(text)
}

function chunked<Value>(values: readonly Value[], size: number): readonly (readonly Value[])[] {
  const chunks: (readonly Value[])[] = []
  for (let start = 0; start < values.length; start += size) chunks.push(values.slice(start, start + size))
  return chunks
}
