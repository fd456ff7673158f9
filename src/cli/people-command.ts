import type { Verdict } from '../domain/kinds.ts'
import type { Format } from './records.ts'

/** Where the API server is, and as whom one goes there. */
export type Login = { readonly kubeconfig?: string | undefined; readonly context?: string | undefined }

export type GetCommand = { readonly do: 'get'; readonly all: boolean; readonly output: Format | undefined }
export type ShowCommand = { readonly do: 'show'; readonly request: string; readonly output: Format | undefined }
export type WatchCommand = {
  readonly do: 'watch'
  readonly request: string | undefined
  readonly output: Format | undefined
}

export type VoteCommand = {
  readonly do: 'vote'
  readonly verdict: Verdict
  readonly request: string
  /** The word that the person typed, such as changes. */
  readonly word: string
  readonly comment: string | undefined
  /** Nothing is asked on the terminal. */
  readonly yes: boolean
  readonly timeoutSeconds: number
  readonly output: Format | undefined
}

export type PauseCommand = {
  readonly do: 'pause' | 'resume'
  /** As `namespace/name`, `namespace.name` or `agid/…`. */
  readonly agent: string
  readonly comment: string | undefined
  readonly output: Format | undefined
}

export type PeopleCommand = GetCommand | ShowCommand | WatchCommand | VoteCommand | PauseCommand
