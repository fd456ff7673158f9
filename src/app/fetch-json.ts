import type { Json } from '../domain/json.ts'
import { readJson } from '../domain/json-reader.ts'
import type { Http } from './http.ts'

/** Why a document could not be had: nobody answered, it was refused, it is too large, or it is no JSON. */
export type FetchFault = 'Unreachable' | 'Refused' | 'TooLarge' | 'NotJson'

/** Gets a public JSON document. Never rejects. */
export type FetchJson = (url: string) => Promise<{ readonly value: Json } | { readonly fault: FetchFault }>

/** `deadlineMs` and `mostBytes`: of one document. */
export type FetchLimits = { readonly deadlineMs: number; readonly mostBytes: number }

/** Somebody waits for an answer while keys are fetched; those of Microsoft take less than 64 kB. */
const fetchLimits: FetchLimits = { deadlineMs: 3_000, mostBytes: 256 * 1024 }

/** Documents by GET, status 200 alone. */
export function makeFetchJson(http: Http, { deadlineMs, mostBytes }: FetchLimits = fetchLimits): FetchJson {
  return async (url) => {
    const headers = { accept: 'application/json' }
    const answer = await http({ method: 'GET', url, headers, deadlineMs, mostBytes })
    if ('failure' in answer) return { fault: answer.failure === 'TooLarge' ? 'TooLarge' : 'Unreachable' }
    if (answer.status !== 200) return { fault: 'Refused' }
    const read = readJson(answer.body, { bytes: mostBytes, depth: 8, nodes: 20_000, keys: 200, paths: 1024 * 1024 })
    return 'fault' in read ? { fault: read.fault === 'TooLarge' ? 'TooLarge' : 'NotJson' } : read
  }
}
