import type { TabBallot, TabChanges, TabInbox, TabRefused, TabRequest, TabVoted } from '../app/tab-wire.ts'

/** What could not be had, in words for the person. */
export type Problem = { readonly problem: string }

/** The API of the gateway. Nothing of it rejects. */
export type Client = {
  readonly inbox: () => Promise<TabInbox | Problem>
  readonly request: (name: string) => Promise<TabRequest | Problem>
  readonly vote: (name: string, ballot: TabBallot) => Promise<TabVoted | Problem>
  /** Resolves when anything is newer than `since`, or after half a minute. */
  readonly changes: (since: string, until: AbortSignal) => Promise<TabChanges | Problem>
}

/** What of a question is not always the same. */
type Asking = Pick<RequestInit, 'method' | 'body' | 'signal'> & { readonly headers?: Readonly<Record<string, string>> }

export type ClientPorts = {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>
  readonly token: () => Promise<string>
}

const away: Problem = { problem: 'Countersign cannot be reached.' }
const strange: Problem = { problem: 'Countersign cannot be reached: something else answers in its place.' }
const unsigned: Problem = {
  problem: 'Teams could not sign you in to Countersign. Your administrator may have to consent to the app first.',
}

/** `T` is what the gateway promises for the path; both sides are checked against the same types. */
export function makeClient({ fetch, token }: ClientPorts): Client {
  async function ask<T>(path: string, init: Asking = {}): Promise<T | Problem> {
    const bearer = await token().catch(() => undefined)
    if (bearer === undefined) return unsigned
    const headers = { ...init.headers, authorization: `Bearer ${bearer}` }
    const response = await fetch(`/api/tab/${path}`, { ...init, ...plain, headers }).catch(() => undefined)
    return response === undefined ? away : read<T>(response)
  }

  return {
    inbox: () => ask<TabInbox>('requests'),
    request: (name) => ask<TabRequest>(`requests/${encodeURIComponent(name)}`),
    vote: (name, ballot) =>
      ask<TabVoted>(`requests/${encodeURIComponent(name)}/votes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(ballot),
      }),
    changes: (since, until) => ask<TabChanges>(`changes?since=${encodeURIComponent(since)}`, { signal: until }),
  }
}

/** No cookie goes along, no answer is kept, and none leads elsewhere. */
const plain = { credentials: 'omit', cache: 'no-store', redirect: 'error' } as const

async function read<T>(response: Response): Promise<T | Problem> {
  const body: unknown = await response.json().catch(() => undefined)
  if (typeof body !== 'object' || body === null) return strange
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the gateway is checked against the same type
  if (response.ok) return body as T
  return isRefused(body) ? { problem: body.words } : strange
}

function isRefused(body: object): body is TabRefused {
  return 'words' in body && typeof body.words === 'string'
}

/** Is it what was asked for? */
export function isProblem(answer: object): answer is Problem {
  return 'problem' in answer
}
