import { readFile } from 'node:fs/promises'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import type { CommandResult } from '../../cluster/command.ts'
import type { Scene } from '../../demo/scene.ts'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { until } from '../until.ts'
import type { Gate } from './gate-stage.ts'

/** What the API server answers to one call, without a client in between that hides or repeats anything. */
export type RawAnswer = {
  readonly code: number
  readonly retryAfter: string | undefined
  /** A Status when it is a refusal. */
  readonly body: { readonly reason?: string; readonly message?: string; readonly details?: object }
}

export type RawCall = { readonly method: string; readonly path: string; readonly body?: object }

/** Sends one call with the agent's own token. */
export async function agentCalls(
  { plane, agentKubeconfig }: Scene,
  { method, path, body }: RawCall,
): Promise<RawAnswer> {
  const { token } = JSON.parse(await readFile(agentKubeconfig, 'utf8')).users[0].user
  const ca = await readFile(plane.caFile)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = https.request(
      new URL(path, plane.url),
      { method, ca, headers, agent: false, timeout: 60_000 },
      (answer) => {
        const { statusCode: code = 0, headers: received } = answer
        text(answer).then(
          (read) => resolve({ code, retryAfter: received['retry-after'], body: JSON.parse(read) }),
          reject,
        )
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)))
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** How often the API server has called the webhook, by its own count. */
export async function webhookCalls({ admin }: Pick<Scene, 'admin'>): Promise<number> {
  const metrics = await admin(['get', '--raw', '/metrics'])
  const lines = metrics.split('\n').filter((line) => line.startsWith('apiserver_admission_webhook_request_total{'))
  const ours = lines.filter((line) => line.includes('name="human-approval.countersign.dev"'))
  return ours.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** What `act` brings, with how many calls of the webhook it took. */
export async function counted<T>(
  gate: Gate,
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly calls: number }> {
  const before = await webhookCalls(gate)
  const result = await act()
  return { result, calls: (await webhookCalls(gate)) - before }
}

/** A text without what is another one in every run: names of requests and runs, digests, times of day. */
export function settledText(words: string): string {
  return words
    .replaceAll(/apr-[0-9a-hj-km-np-tv-z]{20}/g, 'apr-NAME')
    .replaceAll(/digest=[0-9a-f]{8}/g, 'digest=DIGEST')
    .replaceAll(/b-[0-9a-z]{6}\b/g, 'b-RUN')
    .replaceAll(/\d\d:\d\dZ/g, 'HH:MMZ')
}

/** What of a refusal is ours: from the first word after the API server's own. */
export function ourWords(stderr: string): string {
  return settledText(stderr)
    .replace(/^[\s\S]*denied the request: /, '')
    .trimEnd()
}

/** Resolves once the webhook answers a dry run of the command with these words: then it goes by a policy or a group. */
export async function heard({ agent }: Scene, args: readonly string[], words: string, input?: string): Promise<void> {
  let last = ''
  await until(`a dry run is answered "${words}"`, async () => {
    last = (await agent([...args, '--dry-run=server'], { input })).stderr
    return last.includes(words)
  }).catch((error: unknown) => {
    throw new Error(`the last answer was: ${last}`, { cause: error })
  })
}

export type Approved = CommandResult & {
  /** What was asked since the command began, as it was when the command ended. */
  readonly asked: readonly ApprovalRequest[]
}

/** Lets bob approve whatever is asked until the command ends. */
export async function approving(gate: Gate, run: () => Promise<CommandResult>): Promise<Approved> {
  const before = new Set((await gate.requests()).map(({ metadata }) => metadata.uid))
  const answered = new Set<string | undefined>()
  const command = run()
  let ended = false
  void command.finally(() => (ended = true)).catch(() => undefined)
  const approveAll = async (): Promise<boolean> => {
    for (const request of await gate.requests()) {
      const { metadata, status } = request
      if (status?.decision !== undefined || before.has(metadata.uid) || answered.has(metadata.uid)) continue
      answered.add(metadata.uid)
      await gate.vote('bob', 'Approve', { request })
    }
    return ended
  }
  await until('the command ends', approveAll, 120_000)
  const asked = (await gate.requests()).filter(({ metadata }) => !before.has(metadata.uid))
  return { ...(await command), asked }
}

/** Ends every open request, so that the next command is the only one that waits. */
export async function clear(gate: Gate): Promise<void> {
  const open = (await gate.requests()).filter(({ status }) => status?.decision === undefined)
  await Promise.all(open.map((request) => gate.vote('bob', 'Deny', { request, comment: 'cleared' })))
  await until('nothing waits', async () => {
    const requests = await gate.requests()
    return requests.every(({ status }) => status?.decision !== undefined)
  })
}

/** Resolves with the decision once there is one. */
export async function decided(gate: Gate, name: string): Promise<string> {
  let decision: string | undefined
  await until(`${name} is decided`, async () => {
    decision = (await gate.request(name)).status?.decision
    return decision !== undefined
  })
  return decision ?? ''
}

/** Resolves once the outcome of the approval is told, with its reason. */
export async function outcomeOf(gate: Gate, name: string): Promise<string> {
  let reason: string | undefined
  const told = async (): Promise<boolean> => {
    const { status } = await gate.request(name)
    reason = status?.conditions?.find(({ type }) => type === 'Executed')?.reason
    return reason !== undefined && reason !== 'Released'
  }
  await until(`the outcome of ${name} is told`, told, 30_000)
  return reason ?? ''
}

/** The policies' effect and fields that differ from the default; undefined gates nothing but what is given. */
export type Gated = Readonly<Record<string, object>>

const configMaps = {
  apiGroups: [''],
  apiVersions: ['*'],
  resources: ['configmaps'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
}

/** Makes namespaces whose config maps are gated by a policy of the same name with these fields, and waits for them. */
export async function gateConfigMaps(gate: Gate, policies: Gated): Promise<void> {
  for (const [name, fields] of Object.entries(policies)) {
    const labels = { case: name }
    const matchConstraints = { resourceRules: [configMaps], namespaceSelector: { matchLabels: labels } }
    const spec = { matchConstraints, effect: 'RequireApproval', ...fields }
    await gate.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }, policy(name, spec))
  }
  for (const name of Object.keys(policies)) await heard(gate, createConfigMap(name, 'probe'), name)
}

export function policy(name: string, spec: object): object {
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApprovalPolicy', metadata: { name }, spec }
}

/** Arguments of the smallest command that such a policy gates. */
export function createConfigMap(namespace: string, name: string): readonly string[] {
  return ['create', 'configmap', name, '-n', namespace, '--from-literal=a=1']
}
