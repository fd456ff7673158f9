import { isDeepStrictEqual } from 'node:util'
import { boundAgents, flowingAgents } from '../app/agents-subjects.ts'
import { keepIdentities } from '../app/keep-identities.ts'
import type { IdentityEffect, Tagged } from '../app/keep-identities.ts'
import type { Config } from '../config.ts'
import { recordsNamespace } from '../config.ts'
import { agentLabel } from '../domain/agent-name.ts'
import { gatingFault } from '../domain/gatable.ts'
import type { Instant } from '../domain/instant.ts'
import type { AgentSubject } from '../domain/kinds.ts'
import { agentIdentities, flowSchemas, roleBindings } from '../kubernetes/kinds.ts'
import { conflictMs } from './keeper.ts'
import type { Keep, KeeperPorts } from './keeper.ts'
import { makePace } from './pace.ts'
import { agentsName } from './keeper-watches.ts'
import { doEach } from './do-each.ts'

type Since = ReadonlyMap<string, Instant>

/** Keeps the AgentIdentities. `gatedSince`: since when the API server asks about each; undefined while nobody has looked. */
export function makeIdentitiesKeep(ports: KeeperPorts, gatedSince: () => Since | undefined): Keep {
  const { around, watches, bell } = ports
  const propagationMs = around.config.operator.propagationSeconds * 1000
  const configured = configuredAgents(around.config)

  return async (signal) => {
    const now = around.now()
    const since = gatedSince()
    if (since === undefined) return conflictMs
    const tagged = [...taggedAccounts(watches), ...[...watches.namespaces()].filter(isLabelled), ...configured]
    bell.ring('identities', tagged.flatMap(alarmsOf))
    const effects = keepIdentities({
      tagged,
      identities: [...watches.identities()],
      namespaceAnnotations: (name) => watches.namespace(name)?.annotations ?? {},
      isOwner: watches.isOwner,
      gatedSince: (name) => since.get(name),
      recordsNamespace,
      propagationMs,
      now,
    })
    await doEach(effects, (effect) => carryOut(ports, effect, signal))
    const next = [...since.values()].map((at) => at + propagationMs - now).filter((ms) => ms > 0)
    return next.length === 0 ? undefined : Math.min(...next)
  }
}

async function carryOut({ around, bell }: KeeperPorts, effect: IdentityEffect, signal: AbortSignal): Promise<void> {
  const { objects, log } = around
  if (effect.do === 'create') {
    const { name, subject } = effect
    const apiVersion = 'countersign.dev/v1alpha1'
    const metadata = { name, namespace: recordsNamespace }
    const identity = { apiVersion, kind: 'AgentIdentity', metadata, spec: { subject } } as const
    const created = await objects.create(agentIdentities, identity, { signal })
    if (typeof created !== 'string') log.info('AgentFound', { identity: name })
    return bell.ring(`identities/${name}`, created === 'Invalid' ? [{ alarm: 'IdentityRefused', identity: name }] : [])
  }
  const { metadata, status: { risks } = {} } = effect.identity
  const { name, uid } = metadata
  const value = risks === undefined ? effect.status : { ...effect.status, risks }
  const operations = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: '/status', value },
  ] as const
  const patch = { namespace: recordsNamespace, name, subresource: 'status', operations }
  const stored = await objects.patch(agentIdentities, patch, { signal })
  bell.ring(`identities/${name}`, stored === 'Invalid' ? [{ alarm: 'IdentityStatusRefused', identity: name }] : [])
}

/** Labelled accounts, and every account of a namespace that is an agent, whatever has become of its label. */
function taggedAccounts({ accounts, namespaces, identities }: KeeperPorts['watches']): readonly Tagged[] {
  const whole = new Set([
    ...[...namespaces()].filter(isLabelled).map(({ subject }) => subject.namespace),
    ...[...identities()].map(({ spec }) => spec.subject.namespace),
  ])
  return [...accounts()].flatMap((account) => {
    const byNamespace = whole.has(account.subject.serviceAccount?.namespace ?? '')
    return byNamespace || isLabelled(account) ? [{ ...account, byNamespace }] : []
  })
}

function isLabelled({ labels }: Tagged): boolean {
  return labels[agentLabel] === 'true'
}

/** A tag that is of no use has to be seen by whoever made it. */
function alarmsOf({ subject }: Tagged): readonly { readonly alarm: string; readonly subject: string }[] {
  if (gatingFault(subject, recordsNamespace) === undefined) return []
  const { serviceAccount, namespace, user, group } = subject
  const name = serviceAccount === undefined ? namespace : `${serviceAccount.namespace}/${serviceAccount.name}`
  return [{ alarm: 'TaggedButNeverGated', subject: name ?? user ?? group ?? '' }]
}

function configuredAgents({ agents }: Config): readonly Tagged[] {
  const subjects: readonly AgentSubject[] = [
    ...agents.users.map((user) => ({ user })),
    ...agents.groups.map((group) => ({ group })),
  ]
  return subjects.map((subject) => ({ subject, uid: undefined, labels: {}, annotations: {} }))
}

/** Between two writes of all agents, unless somebody else wrote in between. */
const apartMs = 1000

/** Keeps the agents as subjects of their RoleBinding, which the admission policies go by, too. */
export function makeRoleKeep({ around, watches, bell }: KeeperPorts): Keep {
  const pace = makePace(around.timers, apartMs)
  let written: unknown
  return async (signal) => {
    const live = watches.binding()
    bell.ring('role', live === undefined ? [{ alarm: 'RoleBindingMissing' }] : [])
    const bound = live && boundAgents(live, watches.gated().agents)
    if (bound === undefined) return undefined
    const isForeign = !isDeepStrictEqual(live?.subjects ?? [], written)
    if (!isForeign && pace.waitMs() > 0) return pace.waitMs()
    pace.wrote()
    const stored = await around.objects.replace(roleBindings, bound, { signal })
    written = bound.subjects
    return outcome(stored, 'RoleBinding')
  }
}

/** Keeps the agents as subjects of their FlowSchema, which may only be read by its name. */
export function makeFlowKeep({ around, watches, bell }: KeeperPorts): Keep {
  const pace = makePace(around.timers, apartMs)
  return async (signal) => {
    if (pace.waitMs() > 0) return pace.waitMs()
    const found = await around.objects.get(flowSchemas, { name: agentsName }, { signal })
    bell.ring('flow', found === 'NotFound' ? [{ alarm: 'FlowSchemaMissing' }] : [])
    const flowing = found === 'NotFound' ? undefined : flowingAgents(found.object, watches.gated().agents)
    if (flowing === undefined) return undefined
    pace.wrote()
    const stored = await around.objects.replace(flowSchemas, flowing, { signal })
    return outcome(stored, 'FlowSchema')
  }
}

function outcome(stored: unknown, kind: string): number | undefined {
  if (stored === 'Conflict') return conflictMs
  if (typeof stored === 'string') throw new Error(`the API server refuses the ${kind} as ${stored}`)
  return undefined
}
