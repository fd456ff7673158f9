import { readFileSync } from 'node:fs'
import type { PeopleArguments } from '../../src/cli/people-arguments.ts'
import { readPeopleArguments } from '../../src/cli/people-arguments.ts'
import { runPeopleCommand } from '../../src/cli/people.ts'
import type { Me, Records } from '../../src/cli/records.ts'
import type { AgentIdentity, ApprovalRequest, ApprovalVote, Pause } from '../../src/domain/kinds.ts'
import { parseYaml } from '../../src/text/yaml.ts'

/** The requests that docs/objects shows, by how they ended. */
export function example(which: 'pending' | 'approved' | 'denied' | 'expired'): ApprovalRequest {
  const parsed = parseYaml(readFileSync(`docs/objects/approvalrequest-${which}.yaml`, 'utf8'))
  if (!('value' in parsed)) throw new Error(parsed.faults.join())
  const request = parsed.value as ApprovalRequest
  const creationTimestamp = `${request.spec.expirationTime.slice(0, 14)}20:00Z`
  return { ...request, metadata: { uid: `uid-of-${request.metadata.name}`, creationTimestamp, ...request.metadata } }
}

export type Rig = {
  /** Runs one command line and tells what it printed and ended with. */
  readonly run: (...args: readonly string[]) => Promise<Ran>
  readonly votes: ApprovalVote[]
  readonly pauses: { readonly agent: string; readonly pause: Pause | undefined }[]
  /** What people were asked. */
  readonly questions: string[]
}

type Ran = { readonly code: number; readonly out: string; readonly err: string }

export type RigOptions = {
  readonly requests?: readonly ApprovalRequest[]
  readonly me?: Me
  /** What the person types, one answer a question; without it, there is no terminal. */
  readonly answers?: readonly string[]
  readonly colour?: boolean
  readonly now?: string
  /** What the operator does with each request, as often as it is looked at after a vote. */
  readonly operator?: (request: ApprovalRequest, vote: ApprovalVote, looks: number) => ApprovalRequest
  readonly fullText?: string
  readonly agents?: readonly string[]
  readonly fails?: Partial<Records>
  /** When the person has had enough. */
  readonly until?: AbortSignal
}

/** The commands of people over records in memory. Time passes by sleeping alone. */
export function makeRig(options: RigOptions = {}): Rig {
  const { requests = [example('pending')], answers, operator = (request) => request } = options
  const rig: Pick<Rig, 'votes' | 'pauses' | 'questions'> = { votes: [], pauses: [], questions: [] }
  let clock = Date.parse(options.now ?? '2026-11-21T10:50:00Z')
  let looks = 0

  const records: Records = {
    undecided: () => Promise.resolve(requests.filter(({ status }) => status?.decision === undefined)),
    all: () => Promise.resolve(requests),
    find: (name) => {
      const request = requests.find(({ metadata }) => metadata.name === name)
      const vote = rig.votes.at(-1)
      if (request === undefined || vote === undefined) return Promise.resolve(request)
      looks += 1
      return Promise.resolve(operator(request, vote, looks))
    },
    fullText: () => Promise.resolve(options.fullText),
    me: () => Promise.resolve(options.me ?? { username: 'alice', uid: '', groups: ['sre', 'system:authenticated'] }),
    cast: (vote) => {
      rig.votes.push(vote)
      return Promise.resolve({ ...vote, metadata: { ...vote.metadata, uid: 'vote-uid' } })
    },
    isPaused: (agent) => Promise.resolve((options.agents ?? ['agents.bot']).includes(agent) ? true : undefined),
    setPause: (agent, pause) => {
      rig.pauses.push({ agent, pause })
      const metadata = { name: agent }
      const identity = {
        apiVersion: 'countersign.dev/v1alpha1',
        kind: 'AgentIdentity',
        metadata,
        spec: { subject: {} },
      } as AgentIdentity
      return Promise.resolve((options.agents ?? ['agents.bot']).includes(agent) ? identity : undefined)
    },
    ...options.fails,
  }

  async function run(...args: readonly string[]): Promise<Ran> {
    let [out, err] = ['', '']
    const printer = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) }
    const left = [...(answers ?? [])]
    const ask = (question: string) => {
      rig.questions.push(question)
      return Promise.resolve(left.shift())
    }
    const read: PeopleArguments = readPeopleArguments(args, printer)
    if (read.kind === 'Package' || read.kind === 'Doctor') throw new Error('no command of the records')
    if (read.kind === 'Told') return { code: read.exitCode, out, err }
    const ports = {
      records,
      terminal: { ...printer, ask: answers === undefined ? undefined : ask, colour: options.colour ?? false },
      yaml: (value: object) => `yaml of ${Object.keys(value).join(',')}\n`,
      now: () => clock,
      sleep: (ms: number) => {
        clock += ms
        return Promise.resolve()
      },
      random: () => 0.5,
      until: options.until ?? new AbortController().signal,
    }
    return { code: await runPeopleCommand(ports, read.command), out, err }
  }

  return { ...rig, run }
}
