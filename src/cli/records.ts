import type { Instant } from '../domain/instant.ts'
import type { AgentIdentity, ApprovalRequest, ApprovalVote, Pause } from '../domain/kinds.ts'

/** Who is logged in, as the API server says it. */
export type Me = { readonly username: string; readonly uid: string; readonly groups: readonly string[] }

/** What people read and write of Countersign. Rejects when the API server refuses or is away. */
export type Records = {
  readonly undecided: () => Promise<readonly ApprovalRequest[]>
  readonly all: () => Promise<readonly ApprovalRequest[]>
  readonly find: (name: string) => Promise<ApprovalRequest | undefined>
  /** The whole masked text of a diff that was too long for its request. */
  readonly fullText: (name: string) => Promise<string | undefined>
  readonly me: () => Promise<Me>
  /** Resolves with the vote as it is stored. Once, whatever happened on the way. */
  readonly cast: (vote: ApprovalVote) => Promise<ApprovalVote>
  /** Whether an agent, by the name of its AgentIdentity, is paused; undefined when there is no such agent. */
  readonly isPaused: (agent: string) => Promise<boolean | undefined>
  /** Undefined ends the pause. Resolves with undefined when there is no such agent. */
  readonly setPause: (agent: string, pause: Pause | undefined) => Promise<AgentIdentity | undefined>
}

export type Terminal = {
  readonly out: (text: string) => void
  /** For what is not the result: questions, progress, errors. */
  readonly err: (text: string) => void
  /** One line that a person types; undefined when the input ended. Undefined itself where nobody can be asked. */
  readonly ask: ((question: string) => Promise<string | undefined>) | undefined
  readonly colour: boolean
}

export type PeoplePorts = {
  readonly records: Records
  readonly terminal: Terminal
  readonly yaml: (value: object) => string
  readonly now: () => Instant
  readonly sleep: (ms: number) => Promise<void>
  /** In [0, 1). */
  readonly random: () => number
  /** Aborted when the person has had enough. */
  readonly until: AbortSignal
}

/** What a command ends with; `kubectl countersign --help` lists them. */
export const exitCodes = { Done: 0, Failed: 1, Usage: 2, NoEffectYet: 3 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export type Format = 'json' | 'yaml' | 'name'
