import { makeAlarmBell } from '../app/alarm-bell.ts'
import { tlsSecret } from '../app/certificates.ts'
import { recordsNamespace } from '../config.ts'
import { isGated } from '../domain/gate.ts'
import { watchSecret } from '../kubernetes/named-secret.ts'
import { makeWorkQueue } from '../kubernetes/work-queue.ts'
import type { WorkQueue } from '../kubernetes/work-queue.ts'
import { makeFlowKeep, makeIdentitiesKeep, makeRoleKeep } from './agent-keepers.ts'
import type { BrakeLimits } from './brake.ts'
import type { Component, Surroundings } from './component.ts'
import { makeGateKeeper } from './gate-keeper.ts'
import { holdKeys } from './held-keys.ts'
import type { HeldKeys, OperatorKeys } from './held-keys.ts'
import type { Keep, KeeperPorts } from './keeper.ts'
import { keeperNames } from './keeper-names.ts'
import type { KeeperName, Wake } from './keeper-names.ts'
import { watchForKeepers } from './keeper-watches.ts'
import type { KeeperWatches } from './keeper-watches.ts'
import type { Term } from './leadership.ts'
import { makeLeasesKeep } from './leases-keeper.ts'
import { makeOperatorLease } from './operator-lease.ts'
import { makePoliciesKeep } from './policy-keeper.ts'
import { makeCertificatesKeep, makeKeysKeep } from './secret-keepers.ts'
import { watchFailed } from './watch-failed.ts'

/** The keepers work in the leader's term; what they know is known on every replica, as long as the component runs. */
export type Keepers = Component &
  OperatorKeys & {
    /** Is this an agent, by username and groups, as the gate has it? Means nothing before `synced`. */
    readonly isAgent: (username: string, groups: readonly string[]) => boolean
    /** Everything that the keepers watch was read at least once. */
    readonly synced: () => boolean
    readonly term: Term
  }

const soonMs = 50

/** `healing`: how a fight about the webhook configuration is slowed down; others in tests alone. */
export function makeKeepers(around: Surroundings, healing?: BrakeLimits): Keepers {
  let queue: WorkQueue | undefined
  const wake: Wake = (...names) => names.forEach((name) => queue?.add(name))
  const soon: Wake = (...names) => names.forEach((name) => queue?.addAfter(name, soonMs))
  const bell = makeAlarmBell(around)
  const keys = holdKeys(around, { bell, changed: () => wake('keys') })
  const tls = watchTLS(around, () => wake('certificates'))
  const watches = watchForKeepers(around, wake, soon)
  const { keeps, reset, rest } = makeKeeps({ around, watches, bell, wake }, keys, healing)

  const parts = [keys, tls, watches, makeOperatorLease(around, keys)]
  const term: Term = {
    begin: () => {
      reset()
      queue = makeKeeperQueue(around, keeps, watches.knows)
      wake(...keeperNames)
    },
    end: async (cutOff) => {
      const ending = queue
      queue = undefined
      await ending?.stop(cutOff)
      await rest()
    },
  }
  const { sign, verifying, hmacKey, handleKey } = keys
  return {
    sign,
    verifying,
    hmacKey,
    handleKey,
    term,
    ...knowledge(watches),
    ...life(parts, { keys, watches, queue: () => queue }),
  }
}

type Parts = {
  readonly keys: HeldKeys
  readonly watches: KeeperWatches
  readonly queue: () => WorkQueue | undefined
}

function knowledge(watches: KeeperWatches): Pick<Keepers, 'isAgent' | 'synced'> {
  return {
    isAgent: (username, groups) => isGated(watches.gated().subjects, username, groups),
    synced: watches.synced,
  }
}

type Part = { readonly start: () => void; readonly stop: () => Promise<void> }

function life(parts: readonly Part[], { keys, watches, queue }: Parts): Component {
  return {
    start: () => {
      for (const one of parts) one.start()
      return Promise.resolve()
    },
    checks: () => [...watches.checks(), ...keys.checks()],
    gauges: () => ({
      silentSeconds: { ...watches.silentSeconds(), ...keys.silentSeconds() },
      queueDepth: { keepers: queue()?.depth() ?? 0 },
    }),
    stop: async () => {
      await Promise.all(parts.map((one) => one.stop()))
    },
  }
}

type Keeps = Readonly<Record<KeeperName, Keep>>

type KeeperSet = {
  readonly keeps: Keeps
  /** A term begins: forgets what the keepers saw in an earlier one. */
  readonly reset: () => void
  /** A term has ended. */
  readonly rest: () => Promise<void>
}

function makeKeeps(ports: KeeperPorts, held: HeldKeys, healing?: BrakeLimits): KeeperSet {
  const keys = makeKeysKeep(ports, held)
  const certificates = makeCertificatesKeep(ports)
  const gate = makeGateKeeper(ports, { caBundle: certificates.caBundle, healing })
  const keeps = {
    keys: keys.keep,
    certificates: certificates.keep,
    identities: makeIdentitiesKeep(ports, gate.since),
    gate: gate.keep,
    role: makeRoleKeep(ports),
    flow: makeFlowKeep(ports),
    policies: makePoliciesKeep(ports),
    leases: makeLeasesKeep(ports),
  }
  const reset = (): void => {
    certificates.reset()
    gate.reset()
  }
  return { keeps, reset, rest: keys.rest }
}

/** How long a keeper waits for the watches to know enough. */
const unsyncedMs = 100

function makeKeeperQueue(around: Surroundings, keeps: Keeps, knows: KeeperWatches['knows']): WorkQueue {
  const { timers, random, log, measure, config } = around
  const resyncMs = config.operator.resyncSeconds * 1000

  async function work(key: string, signal: AbortSignal): Promise<number> {
    const keeper = keeperNames.find((name) => name === key)
    if (keeper === undefined) throw new TypeError(`there is no keeper of ${key}`)
    if (!knows(keeper)) return unsyncedMs
    const began = timers.elapsed()
    let result: 'Done' | 'Failed' = 'Failed'
    try {
      const againMs = await keeps[keeper](signal)
      result = 'Done'
      return Math.min(resyncMs, againMs ?? resyncMs)
    } finally {
      measure({ fact: 'Kept', keeper, result, seconds: (timers.elapsed() - began) / 1000 })
    }
  }

  return makeWorkQueue({
    timers,
    random,
    work,
    failed: (error, keeper, failures) => log.error('KeeperFailed', error, { keeper, failures }),
    limits: { workers: keeperNames.length, workMs: 60_000, backoff: { firstMs: 250, capMs: 15_000 } },
  })
}

function watchTLS(around: Surroundings, changed: () => void): ReturnType<typeof watchSecret> {
  const failed = watchFailed(around, 'secrets', tlsSecret)
  return watchSecret({ ...around, namespace: recordsNamespace, failed }, tlsSecret, changed)
}
