import type { RawAnswer } from '../app/raw.ts'
import type { TabChanges, TabInbox, TabRefused, TabRequest, TabVoted } from '../app/tab-wire.ts'
import { tabRefusals } from './tab-refusals.ts'
import type { TabRefusal } from './tab-refusals.ts'

/** What a route comes to. `why` is for people who look for the cause. */
export type Refused = { readonly refusal: TabRefusal; readonly why?: string }

type Answer = TabInbox | TabRequest | TabChanges | TabVoted

/** Never kept by anybody on the way, and never taken for anything but JSON. */
const headers = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  vary: 'authorization',
}

export function answer(value: Answer): RawAnswer {
  return { status: 200, headers, body: JSON.stringify(value) }
}

/** The name and the words of a refusal, and nothing of what was sent. */
export function refusalAnswer(refusal: TabRefusal): RawAnswer {
  const [status, words] = tabRefusals[refusal]
  const body: TabRefused = { refusal, words }
  const extra = status === 401 ? { 'www-authenticate': 'Bearer' } : retryLater(status)
  return { status, headers: { ...headers, ...extra }, body: JSON.stringify(body) }
}

function retryLater(status: number): Readonly<Record<string, string>> {
  return status === 429 || status === 503 ? { 'retry-after': '5' } : {}
}
