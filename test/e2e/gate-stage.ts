import { startControlPlane } from '../../cluster/control-plane.ts'
import type { CommandResult } from '../../cluster/command.ts'
import { startCountersign } from '../../demo/countersign.ts'
import type { Countersign, CountersignOptions } from '../../demo/countersign.ts'
import { prepareScene } from '../../demo/scene.ts'
import type { Scene } from '../../demo/scene.ts'
import type { ApprovalRequest, Verdict } from '../../src/domain/kinds.ts'
import { until } from '../until.ts'

/** The whole product on a real control plane, an agent that is gated, and people who answer by kubectl. */
export type GateTools = Scene & {
  /** All requests, oldest first. */
  readonly requests: () => Promise<readonly ApprovalRequest[]>
  /** Resolves with the requests that wait for a person, once there are so many. */
  readonly waiting: (count?: number) => Promise<readonly ApprovalRequest[]>
  readonly vote: (person: string, verdict: Verdict, ballot: Ballot) => Promise<void>
  /** The agent's command, with the one request that it opened answered as soon as it waits. */
  readonly answered: (args: readonly string[], verdict: Verdict, how?: Answering) => Promise<Answered>
  readonly request: (name: string) => Promise<ApprovalRequest>
}

/** A gate with one process of Countersign. */
export type Gate = GateTools & { readonly countersign: Countersign; readonly stop: () => Promise<void> }

type Ballot = { readonly request: ApprovalRequest; readonly comment?: string; readonly digest?: string }

type Answering = { readonly person?: string; readonly comment?: string; readonly input?: string }

export type Answered = CommandResult & {
  readonly request: ApprovalRequest
  /** From the vote to the end of the command. */
  readonly seconds: number
}

/** Times are short, so that what takes minutes in a cluster takes seconds here. */
export const shortTimes = {
  webhook: { holdSeconds: 4, patienceSeconds: 12 },
  grants: { leaseSeconds: 2 },
  operator: {
    propagationSeconds: 0.5,
    resyncSeconds: 5,
    election: { leaseSeconds: 3, renewSeconds: 2, retrySeconds: 0.5 },
  },
}

export async function startGate(options: CountersignOptions = {}): Promise<Gate> {
  const plane = await startControlPlane({ env: process.env })
  try {
    const scene = await prepareScene(plane)
    const countersign = await startCountersign(plane, { ...options, config: { ...shortTimes, ...options.config } })
    await gated(scene)
    const stop = async (): Promise<void> => {
      await countersign.stop()
      await plane.stop()
    }
    return { ...gateOf(scene), countersign, stop }
  } catch (error) {
    await plane.stop()
    throw error
  }
}

/** Resolves when the API server asks about the agent. */
export async function gated({ plane }: Pick<Scene, 'plane'>, identity = 'agents.bot'): Promise<void> {
  const path = ['-n', 'countersign-system', `agid/${identity}`]
  await until(
    `${identity} is gated`,
    async () => {
      const { code } = await plane.kubectl(['wait', ...path, '--for=condition=Gated', '--timeout=1s'])
      return code === 0
    },
    60_000,
  )
}

/** Everything that a test does beside running the agent's commands. */
export function gateOf(scene: Scene): GateTools {
  const { plane, admin } = scene

  async function requests(): Promise<readonly ApprovalRequest[]> {
    const { items } = JSON.parse(await admin(['get', 'apr', '-n', 'countersign-system', '-o', 'json']))
    return (items as readonly ApprovalRequest[]).toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1))
  }

  async function waiting(count = 1): Promise<readonly ApprovalRequest[]> {
    let open: readonly ApprovalRequest[] = []
    await until(
      `${count} requests wait for a person`,
      async () => {
        open = (await requests()).filter(({ status }) => status?.decision === undefined)
        return open.length >= count
      },
      30_000,
    )
    return open
  }

  async function vote(person: string, verdict: Verdict, ballot: Ballot): Promise<void> {
    const { kubeconfig } = plane.user(person)
    const who = await plane.kubectl(['auth', 'whoami', '-o', 'json'], { kubeconfig })
    const { username, uid, groups } = JSON.parse(who.stdout).status.userInfo
    const { request, comment } = ballot
    const body = {
      apiVersion: 'countersign.dev/v1alpha1',
      kind: 'ApprovalVote',
      metadata: {
        generateName: 'apv-',
        namespace: 'countersign-system',
        labels: { 'countersign.dev/request': request.metadata.name },
      },
      spec: {
        requestRef: { name: request.metadata.name, uid: request.metadata.uid },
        digest: ballot.digest ?? request.spec.actions[0]?.digest,
        verdict,
        comment,
        voter: { kind: 'KubernetesUser', username, uid, groups },
      },
    }
    const made = await plane.kubectl(['create', '-f', '-'], { kubeconfig, input: JSON.stringify(body) })
    if (made.code !== 0) throw new Error(made.stderr)
  }

  return {
    ...scene,
    requests,
    waiting,
    vote,
    request: async (name) => JSON.parse(await admin(['get', 'apr', '-n', 'countersign-system', name, '-o', 'json'])),
    answered: async (args, verdict, { person = 'alice', comment, input } = {}) => {
      const before = new Set((await requests()).map(({ metadata }) => metadata.uid))
      const command = scene.agent(args, { input })
      let request: ApprovalRequest | undefined
      await until(
        'the command opens a request',
        async () => {
          request = (await requests()).find(({ metadata }) => !before.has(metadata.uid))
          return request !== undefined
        },
        30_000,
      )
      if (request === undefined) throw new Error('no request was opened')
      await vote(person, verdict, comment === undefined ? { request } : { request, comment })
      const voted = performance.now()
      const result = await command
      return { ...result, request, seconds: (performance.now() - voted) / 1000 }
    },
  }
}

function ageOf({ metadata }: ApprovalRequest): string {
  return `${metadata.creationTimestamp} ${metadata.name}`
}
