import type { Finding } from '../../src/app/doctor-finding.ts'
import type { DoctorPorts, LeaderLease } from '../../src/app/doctor-ports.ts'
import { examine } from '../../src/app/doctor.ts'
import type { DoctorAsked } from '../../src/app/doctor.ts'
import type { HostSight } from '../../src/app/host-sight.ts'
import type { HttpAnswer } from '../../src/app/http.ts'
import type { ApprovalChannel, ApproverGroup, Greeting } from '../../src/domain/kinds.ts'
import { makeFakeClock } from '../fake/clock.ts'
import type { FakeClock } from '../fake/clock.ts'

export const tenantID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff'
export const appID = '2a4c6e80-1b3d-4f5a-8c7e-9d0b1f2a3c4e'
export const alice = '5a1f7c1e-0d55-4b83-9a5b-6b1c4f3f2a10'

type Status = NonNullable<ApprovalChannel['status']>

/** A channel that does well, but for what is changed. */
export function channel(status: Partial<Status> = {}, name = 'teams'): ApprovalChannel {
  const conversation = { conversationID: '19:a@thread.tacv2', serviceURL: 'https://smba.example.com/', tenantID }
  const ready = { type: 'Ready', status: 'True', reason: 'Installed', message: '' } as const
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalChannel',
    metadata: { name, generation: 2 },
    spec: {
      type: 'Teams',
      notify: 'Stage',
      teams: { cloud: 'Public', tenantID, appID, credentialsSecretRef: { name: 'countersign-teams' } },
    },
    status: {
      observedGeneration: 2,
      conditions: [{ ...ready, lastTransitionTime: '2029-12-31T09:00:00Z' }],
      target: 'Platform > Approvals',
      delivered: '14/15',
      conversations: [{ ...conversation, name: 'Platform > Approvals', time: '2029-12-30T09:00:00Z' }],
      ...status,
    },
  }
}

export function notReady(reason: string, message: string): Partial<Status> {
  const time = '2029-12-31T09:00:00Z'
  return { conditions: [{ type: 'Ready', status: 'False', reason, message, lastTransitionTime: time }] }
}

export function group(name: string, spec: ApproverGroup['spec']): ApproverGroup {
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApproverGroup', metadata: { name }, spec }
}

export function greeting(messageID: string, more: Partial<Greeting> = {}): Greeting {
  const place = { conversationID: 'a:1pL6i0', serviceURL: 'https://smba.example.com/' }
  return { ...place, messageID, objectID: alice, time: '2030-01-01T00:00:05Z', ...more }
}

export function answer(status: number, headers: Readonly<Record<string, string>> = {}, body = ''): HttpAnswer {
  return { status, header: (name) => headers[name.toLowerCase()], body: Buffer.from(body) }
}

export type DoctorRig = {
  readonly clock: FakeClock
  /** What has been found so far. */
  readonly found: Finding[]
  /** Everybody who follows sees the channel as it is now. */
  readonly change: (seen: ApprovalChannel) => void
  /** Everybody who follows is told that it cannot go on. */
  readonly cut: () => void
  /** Lets time pass until all is found. */
  readonly end: () => Promise<readonly Finding[]>
  readonly followers: () => number
}

type World = Partial<Omit<DoctorPorts, 'timers'>> & {
  readonly channel?: ApprovalChannel
  readonly others?: readonly ApprovalChannel[]
  readonly people?: readonly ApproverGroup[]
  readonly host?: HostSight
}

/** The doctor over a healthy world in memory, but for what is changed; time passes only when a test says so. */
export function startDoctor(world: World = {}, asked: Partial<DoctorAsked> = {}): DoctorRig {
  const clock = makeFakeClock()
  const all = new Map([world.channel ?? channel(), ...(world.others ?? [])].map((one) => [one.metadata.name, one]))
  const people = world.people ?? [group('approvers', { people: [{ name: 'alice', entraUser: entra(alice) }] })]
  const followers = new Set<Parameters<DoctorPorts['follow']>[0]>()
  const lease = (): LeaderLease => ({ holder: 'i1', renewTime: String(clock.now()), durationMs: 15_000 })
  const ports: DoctorPorts = {
    channels: () => Promise.resolve({ value: [...all.values()] }),
    groups: () => Promise.resolve({ value: people }),
    leader: () => Promise.resolve({ value: lease() }),
    follow: (tell, until) => {
      followers.add(tell)
      until.addEventListener('abort', () => followers.delete(tell))
      for (const value of all.values()) tell({ value })
      return Promise.resolve({ value: true })
    },
    http: () => Promise.resolve({ failure: 'NotSent' }),
    lookAtHost: () => Promise.resolve(world.host ?? { noName: 'ENOTFOUND' }),
    ...world,
    timers: clock,
  }
  const found: Finding[] = []
  const state = { over: false }
  const running = (async () => {
    const question = { channel: 'teams', url: undefined, gatewayConfigured: undefined, waitMs: 0, ...asked }
    for await (const one of examine(ports, question)) found.push(one)
  })().finally(() => {
    state.over = true
  })
  return {
    clock,
    found,
    change: (seen) => {
      all.set(seen.metadata.name, seen)
      for (const tell of followers) tell({ value: seen })
    },
    cut: () => {
      for (const tell of followers) tell({ unreadable: 'GET approvalchannels: Forbidden (403)' })
    },
    end: async () => {
      for (let round = 0; !state.over && round < 2_000; round += 1) await clock.advance(100)
      if (!state.over) throw new Error('it does not come to an end')
      await running
      return found
    },
    followers: () => followers.size,
  }
}

export function entra(objectID: string, tenant = tenantID) {
  return { tenantID: tenant, objectID }
}
