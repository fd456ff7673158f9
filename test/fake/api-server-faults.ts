import type { FakeDraft } from './api-server-objects.ts'
import type { SeenRequest, Verb } from './api-server-request.ts'

type Answered = Readonly<Record<string, unknown>>

/** How the server misbehaves for one request. */
export type Fault =
  /** Refuses without doing anything. `retryAfter` in seconds; `reason` '' sends no Status at all. */
  | {
      readonly do: 'refuse'
      readonly status: number
      readonly reason?: string
      readonly message?: string
      readonly retryAfter?: number
    }
  /** Answers with exactly this, doing nothing. */
  | {
      readonly do: 'answer'
      readonly status: number
      readonly text: string
      readonly bytes?: Uint8Array
      /** Never ends the body. */
      readonly unended?: boolean
      readonly headers?: Readonly<Record<string, string>>
    }
  /** Cuts the connection without doing anything. */
  | { readonly do: 'resetBefore' }
  /** Does it, then cuts the connection: the answer is lost. A watch is cut right after its headers. */
  | { readonly do: 'resetAfter' }
  /** Does nothing and never answers. */
  | { readonly do: 'hang' }
  /** Does it and never answers. */
  | { readonly do: 'hangAfter' }
  /** Waits, then behaves. */
  | { readonly do: 'wait'; readonly until: Promise<void> }
  /** Does it, then cuts the connection in the middle of the answer's body. A watch: in the middle of its next event. */
  | { readonly do: 'truncate' }
  /** Sends the answer's body byte by byte, one in each turn of the event loop. A watch: every event so. */
  | { readonly do: 'dribble' }
  /** Does it, and answers with something else than was stored: a field pruned or changed. */
  | { readonly do: 'lie'; readonly change: (answer: Answered) => unknown }
  /** Stores something else than was sent, as a mutating policy would. */
  | { readonly do: 'mutate'; readonly change: (sent: FakeDraft) => FakeDraft }
  /** Watch only: sends headers, then nothing for ever, neither events nor bookmarks nor an end. */
  | { readonly do: 'silence' }
  /** Watch only: sends this text as soon as it is open, then goes on as if nothing were. */
  | { readonly do: 'say'; readonly text: string }

/** Which requests a fault is for; nothing given: any. `path` is matched against path and query. */
type When = {
  readonly verb?: Verb | readonly Verb[]
  readonly path?: string | RegExp
  readonly continued?: boolean
}

export type Faults = {
  /** The next `times` (default 1) matching requests meet this fault. Older faults are used up first. */
  readonly next: (fault: Fault, when?: When, times?: number) => void
  /** Every matching request meets this fault until it is taken back by the function returned. */
  readonly always: (fault: Fault, when?: When) => () => void
  /** Asked for each request that no other fault is for; undefined: behave. For random runs. */
  readonly choose: (chooser: ((request: SeenRequest) => Fault | undefined) | undefined) => void
  /** Faults that have not been met yet. A test that planned them may want to see none left. */
  readonly left: () => number
  readonly clear: () => void
}

type Planned = { readonly fault: Fault; readonly when: When; times: number }

export function makeFaults(): Faults & { readonly take: (request: SeenRequest) => Fault | undefined } {
  let planned: Planned[] = []
  let chooser: ((request: SeenRequest) => Fault | undefined) | undefined

  function plan(fault: Fault, when: When, times: number): () => void {
    const one = { fault, when, times }
    planned.push(one)
    return () => {
      planned = planned.filter((other) => other !== one)
    }
  }

  function take(request: SeenRequest): Fault | undefined {
    const found = planned.find(({ when }) => fits(when, request))
    if (found === undefined) return chooser?.(request)
    found.times -= 1
    if (found.times === 0) planned = planned.filter((other) => other !== found)
    return found.fault
  }

  return {
    next: (fault, when = {}, times = 1) => {
      plan(fault, when, times)
    },
    always: (fault, when = {}) => plan(fault, when, Number.POSITIVE_INFINITY),
    choose: (next) => {
      chooser = next
    },
    left: () => planned.length,
    clear: () => {
      planned = []
      chooser = undefined
    },
    take,
  }
}

function fits(when: When, request: SeenRequest): boolean {
  const continued = request.query['continue'] !== undefined
  const asked = `${request.path}?${new URLSearchParams(request.query).toString()}`
  const { path = '' } = when
  return (
    [when.verb ?? request.verb].flat().includes(request.verb) &&
    (when.continued ?? continued) === continued &&
    (typeof path === 'string' ? asked.includes(path) : path.test(asked))
  )
}
