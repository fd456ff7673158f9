import { canonical } from './canonical.ts'
import { recordSchema } from './evidence.ts'
import type { DecisionRecord, RecordPayload } from './evidence.ts'
import { parseInstant } from './instant.ts'

/**
 * Reads the payload of a record whose signature holds: undefined when it is not, byte for byte, one that
 * {@link decisionRecord} writes, or says what no decision can be.
 */
export function readDecisionRecord(payload: string): DecisionRecord | undefined {
  const read = parsed(payload)
  if (!isPayload(read) || canonical(read) !== payload || !isConsistent(read)) return undefined
  const { request, digest, decision, decisionTime, decidedBy, comment, grantExpirationTime, policies } = read
  return {
    request: { name: request.name, uid: request.uid },
    digest,
    decision,
    decisionTime,
    decidedBy: decidedBy ?? undefined,
    comment: comment ?? undefined,
    grantExpirationTime: grantExpirationTime ?? undefined,
    policies: Object.fromEntries(policies.map(({ name, hash }) => [name, hash])),
  }
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

/** A grant goes with an approval and nothing else, and nobody's vote makes a deadline pass. */
function isConsistent({ decision, basis, grantExpirationTime, votes }: RecordPayload): boolean {
  return (
    (decision === 'Approved') === (grantExpirationTime !== null) &&
    (decision === 'Expired') === (basis === 'Deadline') &&
    (basis === 'Votes') === votes.length > 0
  )
}

type Shape = (value: unknown) => boolean

const text: Shape = (value) => typeof value === 'string'
const someText: Shape = (value) => typeof value === 'string' && value !== ''
const count: Shape = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const time: Shape = (value) => typeof value === 'string' && parseInstant(value) !== undefined
const hash: Shape = (value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)

const orNull =
  (shape: Shape): Shape =>
  (value) =>
    value === null || shape(value)

const oneOf =
  (...allowed: readonly string[]): Shape =>
  (value) =>
    typeof value === 'string' && allowed.includes(value)

const list =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(shape)

/** Exactly these keys: what a later version adds may restrict what this one would allow. */
const fields =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length === Object.keys(shapes).length &&
    Object.entries(shapes).every(([key, shape]) => Object.hasOwn(value, key) && shape(Reflect.get(value, key)))

const policy = fields({ name: someText, uid: someText, generation: count, hash: someText })

const stage = fields({ name: someText, groups: list(someText), quorum: count })

const vote = fields({
  name: someText,
  uid: someText,
  time,
  person: someText,
  verdict: oneOf('Approve', 'Deny', 'RequestChanges', 'Pause'),
  comment: orNull(text),
  evidence: orNull(
    fields({
      channel: someText,
      assurance: oneOf('Card', 'SignedIn'),
      rendered: orNull(text),
      tokenHash: orNull(text),
    }),
  ),
})

const requester = fields({
  agent: someText,
  username: someText,
  uid: text,
  pod: orNull(fields({ namespace: someText, name: someText, uid: orNull(text) })),
  credentialID: orNull(text),
  owner: orNull(text),
  onBehalfOf: orNull(text),
})

const action = fields({
  operation: oneOf('Create', 'Update', 'Delete', 'Connect'),
  group: text,
  version: someText,
  resource: someText,
  subresource: text,
  kind: text,
  namespace: orNull(text),
  name: orNull(text),
  generateName: orNull(text),
  targetUID: orNull(text),
  digestVersion: count,
  digestKeyID: orNull(text),
})

const payload = fields({
  schema: oneOf(recordSchema),
  cluster: someText,
  request: fields({ name: someText, uid: someText, creationTime: time, expirationTime: time, attempt: count }),
  requester,
  justification: orNull(
    fields({ text: orNull(text), ticket: orNull(text), source: oneOf('AgentIdentity', 'TargetObject') }),
  ),
  action,
  digest: hash,
  summary: someText,
  risk: oneOf('Low', 'Medium', 'High', 'Critical'),
  policies: list(policy),
  requirements: fields({
    stages: list(stage),
    assurance: oneOf('Card', 'SignedIn'),
    comment: oneOf('Always', 'OnDeny', 'Optional'),
    separation: list(oneOf('Owner', 'OnBehalfOf')),
  }),
  decision: oneOf('Approved', 'Denied', 'ChangesRequested', 'Expired'),
  basis: oneOf('Votes', 'Deadline'),
  decisionTime: time,
  decidedBy: orNull(text),
  comment: orNull(text),
  grantExpirationTime: orNull(time),
  votes: list(vote),
})

function isPayload(value: unknown): value is RecordPayload {
  return payload(value)
}
