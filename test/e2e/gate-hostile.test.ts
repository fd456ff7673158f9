import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { deployment } from '../../demo/objects.ts'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { until } from '../until.ts'
import { startGate } from './gate-stage.ts'
import type { Answered, Gate } from './gate-stage.ts'

let gate: Gate

beforeAll(async () => {
  gate = await startGate()
}, 120_000)

afterAll(async () => {
  await gate.stop()
}, 30_000)

const minutes = 120_000
const inProd = ['-n', 'prod'] as const
const log = (): Promise<string> => readFile(gate.countersign.log, 'utf8')

/** No policy can guard policies: an agent that may write them rewrites what the operator stores. */
function rewriting(status: string): readonly object[] {
  const metadata = { name: 'rewriting' }
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Ignore',
        reinvocationPolicy: 'Never',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ['countersign.dev'],
              apiVersions: ['v1alpha1'],
              operations: ['UPDATE'],
              resources: ['approvalrequests/status'],
            },
          ],
        },
        matchConditions: [
          { name: 'denied', expression: "has(object.status.decision) && object.status.decision == 'Denied'" },
        ],
        mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: status } }],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: 'rewriting' },
    },
  ]
}

const approvedInstead = `[
  JSONPatch{op: "replace", path: "/status/decision", value: "Approved"},
  JSONPatch{op: "replace", path: "/status/conditions", value: [
    {"type": "Decided", "status": "True", "reason": "Approved", "message": "by alice", "lastTransitionTime": "2026-01-01T00:00:00Z"},
    {"type": "Approved", "status": "True", "reason": "Approved", "message": "by alice", "lastTransitionTime": "2026-01-01T00:00:00Z"}
  ]},
  JSONPatch{op: "add", path: "/status/grant", value: {"expirationTime": dyn("2099-01-01T00:00:00Z"), "claims": dyn([]), "rearmed": dyn(0)}}
]`

/** A policy takes a moment to hold: denies deletes until one denial was stored as something else. */
async function deniedUntilRewritten(): Promise<{ denied: Answered; command: readonly string[]; name: string }> {
  for (let run = 1; run <= 20; run += 1) {
    const name = `rewritten-${run}`
    await gate.apply(deployment(name))
    const command = ['delete', 'deployment', name, ...inProd, '--wait=false']
    const denied = await gate.answered(command, 'Deny', { comment: 'no' })
    const stored = await gate.request(denied.request.metadata.name)
    if (stored.status?.decision === 'Approved') return { denied, command, name }
  }
  throw new Error('the policy of the test rewrites nothing')
}

describe('a status that somebody rewrites on its way into the store', () => {
  test(
    'a denial made an approval releases nothing, is not asked for again, and is an alarm',
    async () => {
      await gate.apply(...rewriting(approvedInstead))
      const { denied, command, name } = await deniedUntilRewritten()
      await gate.admin(['delete', 'mutatingadmissionpolicy,mutatingadmissionpolicybinding', 'rewriting'])
      expect(denied).toMatchObject({ code: 1 })
      expect(denied.stderr).toContain('NOT ASKED: the record of approvals')
      const before = (await gate.requests()).length
      const again = await gate.agent(command)
      expect(again).toMatchObject({ code: 1 })
      expect(again.stderr).toContain('reason=RecordUnavailable')
      expect((await gate.requests()).length).toBe(before)
      expect(await gate.admin(['get', 'deployment', name, ...inProd, '-o', 'name'])).toContain(name)
      expect(await log()).toContain('"event":"DecisionNotSigned"')
    },
    minutes,
  )
})

/** Approved requests of which it is not known what became. */
async function unsettled(): Promise<readonly ApprovalRequest[]> {
  const used = (await gate.requests()).filter(({ status }) => (status?.grant?.claims.length ?? 0) > 0)
  return used.filter(
    ({ status }) => !status?.conditions?.some(({ type, reason }) => type === 'Executed' && reason !== 'Released'),
  )
}

/** Not a word of any language, and long enough never to come about by accident. */
let planted = 0
const canaries: string[] = []
function canary(): string {
  const value = `q${(planted += 1).toString().padStart(3, '0')}Zx9Kv7Lm2Np4Rt6`
  canaries.push(value)
  return value
}

/** Each hides one or more secrets in a place of its own. */
function commands(): readonly { readonly args: readonly string[]; readonly input?: string }[] {
  const named = ['PASSWORD', 'DB_PASSWORD', 'API_KEY', 'CLIENT_SECRET', 'AUTH_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'PASSWD']
  const more = [
    'SECRET_KEY',
    'PRIVATE_KEY',
    'ACCESS_TOKEN',
    'REFRESH_TOKEN',
    'SMTP_PASSWORD',
    'PGPASSWORD',
    'JWT_SECRET',
    'VAULT_TOKEN',
    'SIGNING_SECRET',
    'SLACK_TOKEN',
  ]
  const shaped = [
    `ghp_${canary().repeat(2).slice(0, 36)}`,
    `glpat-${canary()}`,
    `xoxb-${canary()}`,
    `sk-${canary().repeat(3)}`,
    `npm_${canary().repeat(2).slice(0, 36)}`,
    `hvs.${canary().repeat(3)}`,
    `https://user:${canary()}@host/x`,
    `redis://:${canary()}@host`,
    `Bearer ${canary()}`,
  ]
  const env = [
    ...[...named, ...more].map((name) => ({ name, value: canary() })),
    ...shaped.map((value, index) => ({ name: `PLAIN_${index}`, value })),
  ]
  const args = [
    `--password=${canary()}`,
    `--token=${canary()}`,
    '--api-key',
    canary(),
    `--set=auth.password=${canary()}`,
  ]
  const command = ['sh', '-c', `PGPASSWORD=${canary()} psql "postgres://app:${canary()}@db/app"`]
  const annotated = Object(deployment('annotated'))
  annotated.metadata.annotations = { 'example.com/password': canary(), 'example.com/note': `token: ${canary()}` }
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys', namespace: 'prod' },
    stringData: { one: canary(), two: canary(), four: canary() },
    data: { three: Buffer.from(canary()).toString('base64') },
  }
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'prod' },
    data: {
      'app.properties': `user=app\ndb.password=${canary()}\n`,
      'app.json': JSON.stringify({ user: 'app', apiKey: canary(), nested: { client_secret: canary() } }),
      'app.yaml': `auth:\n  token: ${canary()}\n`,
      'app.toml': `[db]\npassword = "${canary()}"\n`,
      'app.ini': `secret=${canary()}\n`,
      password: canary(),
    },
  }
  const create = (object: object) => ({ args: ['create', '-f', '-'], input: JSON.stringify(object) })
  return [
    create(deployment('env', { container: { env } })),
    create(deployment('args', { container: { args } })),
    create(deployment('command', { container: { command } })),
    create(annotated),
    create(secret),
    create(configMap),
    {
      args: ['apply', '-f', '-'],
      input: JSON.stringify(deployment('applied', { container: { env: [{ name: 'TOKEN', value: canary() }] } })),
    },
    { args: ['set', 'env', 'deployment/env', ...inProd, `LATER_PASSWORD=${canary()}`] },
    { args: ['annotate', 'deployment', 'env', ...inProd, `example.com/secret=${canary()}`] },
    { args: ['exec', ...inProd, 'psql-0', '--', 'psql', `--password=${canary()}`] },
    { args: ['exec', ...inProd, 'psql-0', '--', 'curl', '-H', `Authorization: Bearer ${canary()}`, 'http://x'] },
    { args: ['exec', ...inProd, 'psql-0', '--', 'env', `MYSQL_PWD=${canary()}`, 'mysql'] },
    { args: ['delete', 'deployment', 'env', ...inProd, '--wait=false'] },
  ]
}

describe('secrets in what agents send', () => {
  test(
    'appear in no request, vote, event, log line, metric or message',
    async () => {
      await gate.apply({
        apiVersion: 'countersign.dev/v1alpha1',
        kind: 'ApprovalPolicy',
        metadata: { name: 'everything' },
        spec: {
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: [''],
                apiVersions: ['*'],
                resources: ['secrets', 'configmaps'],
                operations: ['CREATE', 'UPDATE'],
              },
            ],
            namespaceSelector: { matchLabels: { env: 'prod' } },
          },
          effect: 'RequireApproval',
        },
      })
      const said: string[] = []
      for (const { args, input } of commands()) {
        const { stdout, stderr } = await gate.answered(args, 'Approve', {
          comment: 'ok',
          ...(input === undefined ? {} : { input }),
        })
        said.push(stdout, stderr)
      }
      // Events tell of outcomes too.
      await until('the outcomes are seen', async () => (await unsettled()).length === 0, 60_000)
      const metrics = await (await fetch(`http://127.0.0.1:${gate.countersign.healthPort}/metrics`)).text()
      const kinds = 'approvalrequests,approvalvotes,agentidentities,approvalpolicies,approvergroups'
      const texts = {
        objects: await gate.admin(['get', kinds, '-A', '-o', 'json']),
        diffs: await gate.admin(['get', 'configmaps', '-n', 'countersign-system', '-o', 'json']),
        events: await gate.admin(['get', 'events.events.k8s.io', '-A', '-o', 'json']),
        log: await log(),
        metrics,
        messages: said.join('\n'),
      }
      expect(canaries.length).toBeGreaterThanOrEqual(50)
      const requests = await gate.requests()
      expect(requests.length).toBeGreaterThanOrEqual(13)
      const forms = canaries.flatMap((value) => [value, Buffer.from(value).toString('base64').slice(0, 20)])
      for (const [where, text] of Object.entries(texts)) {
        expect([where, forms.filter((form) => text.includes(form))]).toEqual([where, []])
      }
      // What is hidden still shows that it is there.
      expect(JSON.stringify(requests.map(({ spec }) => spec.actions[0]?.diff))).toContain('PASSWORD')
    },
    minutes,
  )
})
