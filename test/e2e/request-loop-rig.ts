import { readFile } from 'node:fs/promises'
import type { Fact } from '../../src/app/fact.ts'
import type { Component, Surroundings } from '../../src/compose/component.ts'
import { makeRequestLoop } from '../../src/compose/request-loop.ts'
import { configSchema } from '../../src/config.ts'
import type { HmacKey } from '../../src/domain/digest.ts'
import type { ApprovalRequest, ApprovalRequestSpec, Claim, Requester, Verdict } from '../../src/domain/kinds.ts'
import { makeObjects } from '../../src/kubernetes/objects.ts'
import { makeTimers } from '../../src/kubernetes/timers.ts'
import { makeTransport, transportLimits } from '../../src/kubernetes/transport.ts'
import { signRecord } from '../../src/tokens/sign.ts'
import { newSigningKey, publicKeyOf, publicX } from '../../src/tokens/signing-key.ts'
import type { VerifyingKeys } from '../../src/tokens/verify.ts'
import { jsonPatch } from '../crds/api-client.ts'
import { sampleRequest } from '../crds/sample-request.ts'
import { records } from '../manifests/stage.ts'
import type { Stage } from '../manifests/stage.ts'
import { until } from '../until.ts'

const group = '/apis/countersign.dev/v1alpha1'
export const ours = `${group}/namespaces/${records}`

/** One replica of the request loop under the operator's own service account, with keys of its own. */
export type Loop = Component & {
  readonly evidence: readonly string[]
  readonly facts: readonly Fact[]
  readonly lines: readonly string[]
}

const timers = makeTimers({ now: Date.now, elapsed: () => performance.now() })
const signing = newSigningKey()

/** Whose signatures count on this stage. */
export const verifying: VerifyingKeys = new Map(
  [publicKeyOf(publicX(signing.privateKey))].flatMap((key) =>
    key === undefined ? [] : [[signing.kid, { use: 'evidence', key }] as const],
  ),
)

export const digestKey: HmacKey = { id: 'd-1', secret: new Uint8Array(32).fill(7) }

/** A lease of three seconds: what takes a minute in a cluster takes a moment here. */
const leaseSeconds = 3

export async function startLoop(stage: Stage, instance: string, config: object = {}): Promise<Loop> {
  const ca = await readFile(stage.plane.caFile, 'utf8')
  const token = await tokenOf(stage)
  const connection = { server: stage.plane.url, ca, token: () => Promise.resolve(token) }
  const options = { timers, random: Math.random, userAgent: 'countersign-test', limits: transportLimits }
  const transport = makeTransport(connection, options)
  const evidence: string[] = []
  const facts: Fact[] = []
  const lines: string[] = []
  const around: Surroundings = {
    config: configSchema.parse({ grants: { leaseSeconds }, operator: config }),
    timers,
    now: Date.now,
    earliest: Date.now,
    random: Math.random,
    transport,
    objects: makeObjects({ transport, fieldManager: 'countersign-operator' }),
    log: {
      debug: (event, fields) => lines.push(`${event} ${JSON.stringify(fields)}`),
      info: (event) => lines.push(event),
      warn: (event, fields) => lines.push(`${event} ${JSON.stringify(fields)}`),
      error: (event, cause) => lines.push(`${event} ${String(cause)}`),
    },
    measure: (fact) => facts.push(fact),
    instance,
    version: 'test',
  }
  const loop = makeRequestLoop(around, {
    sign: (payload) => signRecord(signing, payload),
    verifying: () => verifying,
    hmacKey: (id) => (id === digestKey.id ? digestKey : undefined),
    isAgent: (username) => username === 'robot',
    leads: () => true,
    evidence: (line) => evidence.push(line),
    callMs: 1_000,
  })
  await loop.start()
  await until('the loop knows all', () => loop.checks().every(({ ok }) => ok))
  const stop = async (): Promise<void> => {
    await loop.stop()
    await transport.close()
  }
  return { ...loop, stop, evidence, facts, lines }
}

async function tokenOf({ admin }: Stage): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } }
  const path = `/api/v1/namespaces/${records}/serviceaccounts/countersign-operator/token`
  return String(Object(await admin.must({ method: 'POST', path, body })).status.token)
}

/** Lets these people vote, as the manifest means it, and makes them approvers; others may cast votes and are none. */
export async function bindApprovers(
  { admin }: Stage,
  names: readonly string[],
  others: readonly string[] = [],
): Promise<void> {
  const subjects = [...names, ...others].map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }))
  const body = {
    metadata: { name: 'voters', namespace: records },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'countersign-approvers' },
    subjects,
  }
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${records}/rolebindings`
  await admin.must({ method: 'POST', path, body })
  const people = names.map((name) => ({ name, kubernetesUser: name }))
  const approvers = {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApproverGroup',
    metadata: { name: 'approvers' },
    spec: { people },
  }
  await admin.must({ method: 'POST', path: `${group}/approvergroups`, body: approvers })
}

export type Asked = {
  readonly openSeconds?: number
  readonly quorum?: number
  readonly grantSeconds?: number
  readonly requester?: Partial<Requester>
  readonly action?: Partial<ApprovalRequestSpec['actions'][number]>
  readonly attempt?: ApprovalRequestSpec['attempt']
}

/** Opens a request as the webhook does. */
export async function ask(stage: Stage, name: string, asked: Asked = {}): Promise<ApprovalRequest> {
  const { openSeconds = 300, quorum = 1, grantSeconds = 1200, requester, action, attempt = { number: 1 } } = asked
  const sample = sampleRequest(name)
  const { owner: _owner, ...unowned } = sample.spec.requester
  const expirationTime = new Date(Date.now() + openSeconds * 1000).toISOString().replace(/\.\d+Z/, 'Z')
  const stages = [{ name: 'approvers', approverGroupRefs: [{ name: 'approvers' }], quorum }]
  const body = {
    ...sample,
    metadata: { ...sample.metadata, labels: { 'countersign.dev/agent': 'agents.bot' } },
    spec: {
      ...sample.spec,
      expirationTime,
      grantSeconds,
      attempt,
      requester: { ...unowned, ...requester },
      requirements: { ...sample.spec.requirements, stages },
      actions: sample.spec.actions.map((one) => ({ ...one, digestKeyID: digestKey.id, ...action })),
    },
  }
  const client = await stage.as(`${records}/countersign-webhook`)
  return Object(await client.must({ method: 'POST', path: `${ours}/approvalrequests`, body }))
}

export async function read(stage: Stage, name: string): Promise<ApprovalRequest> {
  return Object(await stage.admin.must({ method: 'GET', path: `${ours}/approvalrequests/${name}` }))
}

export type Ballot = { readonly comment?: string; readonly digest?: string; readonly uid?: string }

/** A person's vote under the person's own name. */
export async function vote(stage: Stage, who: string, cast: Ballot & { of: ApprovalRequest; says: Verdict }) {
  const { of, says, comment, digest = of.spec.actions[0]?.digest, uid = of.metadata.uid } = cast
  const { name } = of.metadata
  const groups = ['approvers', 'system:authenticated']
  const body = {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalVote',
    metadata: { generateName: 'apv-', namespace: records, labels: { 'countersign.dev/request': name } },
    spec: {
      requestRef: { name, uid },
      digest,
      verdict: says,
      comment,
      voter: { kind: 'KubernetesUser', username: who, uid: who, groups },
    },
  }
  const client = await stage.as(who)
  return client.must({ method: 'POST', path: `${ours}/approvalvotes`, body })
}

/** Claims the grant as the webhook does. */
export async function claim(stage: Stage, name: string, changes: Partial<Claim> = {}): Promise<void> {
  const live = await read(stage, name)
  const made: Claim = {
    admissionUID: `call-${live.status?.grant?.claims.length}`,
    digest: live.spec.actions[0]?.digest ?? '',
    time: new Date().toISOString().replace(/\.\d+Z/, 'Z'),
    ...changes,
  }
  const body = [{ op: 'add', path: '/status/grant/claims/-', value: made }]
  const client = await stage.as(`${records}/countersign-webhook`)
  await client.must({ method: 'PATCH', path: `${ours}/approvalrequests/${name}/status`, type: jsonPatch, body })
}

/** Resolves with the request once it is so. */
export async function untilRequest(
  stage: Stage,
  name: string,
  isSo: (request: ApprovalRequest) => boolean,
): Promise<ApprovalRequest> {
  let last: ApprovalRequest | undefined
  await until(`${name} is as it should be`, async () => isSo((last = await read(stage, name)))).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}; it is ${JSON.stringify(last?.status)}`)
    },
  )
  if (last === undefined) throw new Error('never read')
  return last
}

export const isDecided = ({ status }: ApprovalRequest): boolean => status?.decision !== undefined

export const executed = ({ status }: ApprovalRequest): string => {
  const found = status?.conditions?.find(({ type }) => type === 'Executed')
  return found === undefined ? 'none' : `${found.status} ${found.reason}`
}
