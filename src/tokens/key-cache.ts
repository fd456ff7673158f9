import type { FetchJson } from '../app/fetch-json.ts'
import { readKeySet, readMetadata } from './web-keys.ts'
import type { WebKey } from './web-keys.ts'

/** The keys of one issuer. */
export type KeyCache = {
  /**
   * The key of that name with the algorithms that the issuer lists. Nobody waits for the issuer while a key that still
   * counts is known; it is asked anew beside. Never rejects. `why` names what was in the way, for people who look for it.
   */
  readonly find: (kid: string) => Promise<FoundKey | KeyFault>
}

export type FoundKey = WebKey & { readonly algorithms: readonly string[] }

type KeyFault = { readonly fault: 'KeysUnavailable' | 'UnknownKey'; readonly why: string }

export type KeyCacheOptions = {
  readonly fetchJson: FetchJson
  /** Milliseconds on a clock that nobody sets. */
  readonly elapsed: () => number
  readonly metadataURL: string
  readonly times: KeyTimes
}

/** All in milliseconds. */
export type KeyTimes = {
  /** Age at which the keys are fetched anew. */
  readonly freshMs: number
  /** Age at which they no longer count, when they could not be fetched anew: a key that was withdrawn must end some day. */
  readonly mostMs: number
  /** Pause between two fetches for a name that is not known, or after one that failed: strangers choose the names. */
  readonly pauseMs: number
  /** The same while there are no keys at all, and everybody waits for them. */
  readonly firstPauseMs: number
}

const hour = 3_600_000

/** A day as the Bot Connector documents it; five minutes let a rotation through and keep strangers from making us ask. */
export const keyTimes: KeyTimes = { freshMs: 24 * hour, mostMs: 72 * hour, pauseMs: 300_000, firstPauseMs: 5_000 }

type KeySet = {
  readonly keys: ReadonlyMap<string, WebKey>
  readonly algorithms: readonly string[]
  readonly at: number
}

/** Keys found through the issuer's OpenID metadata, fetched when they are first needed. */
export function makeKeyCache({ fetchJson, elapsed, metadataURL, times }: KeyCacheOptions): KeyCache {
  let known: KeySet | undefined
  let why = ''
  let tried = Number.NEGATIVE_INFINITY
  let fetching: Promise<void> | undefined

  async function fetchKeys(): Promise<void> {
    const read = await readIssuer(fetchJson, metadataURL)
    why = 'fault' in read ? read.fault : ''
    if (!('fault' in read)) known = { ...read, at: elapsed() }
  }

  /** One at a time; who comes meanwhile waits for the same. */
  async function refresh(): Promise<void> {
    const pauseMs = known === undefined ? times.firstPauseMs : times.pauseMs
    if (fetching === undefined && elapsed() - tried < pauseMs) return
    tried = fetching === undefined ? elapsed() : tried
    fetching ??= fetchKeys().finally(() => {
      fetching = undefined
    })
    await fetching
  }

  const age = (): number => (known === undefined ? Number.POSITIVE_INFINITY : elapsed() - known.at)

  /** Waits for the issuer only where nothing is known without it. */
  async function prepare(kid: string): Promise<void> {
    const counts = known?.keys.has(kid) === true && age() < times.mostMs
    if (counts && age() < times.freshMs) return
    const refreshed = refresh()
    if (!counts) await refreshed
  }

  return {
    find: async (kid) => {
      await prepare(kid)
      if (known === undefined || age() >= times.mostMs) return { fault: 'KeysUnavailable', why }
      const key = known.keys.get(kid)
      return key === undefined ? { fault: 'UnknownKey', why } : { ...key, algorithms: known.algorithms }
    },
  }
}

type IssuerKeys = Pick<KeySet, 'keys' | 'algorithms'>

async function readIssuer(fetchJson: FetchJson, url: string): Promise<IssuerKeys | { readonly fault: string }> {
  const first = await fetchJson(url)
  if ('fault' in first) return { fault: `Metadata${first.fault}` }
  const metadata = readMetadata(first.value)
  if (metadata === undefined || !asSecure(metadata.jwksURL, url)) return { fault: 'MetadataUnusable' }
  const second = await fetchJson(metadata.jwksURL)
  if ('fault' in second) return { fault: `Keys${second.fault}` }
  const keys = readKeySet(second.value)
  if (keys === undefined || keys.size === 0) return { fault: 'KeysUnusable' }
  return { keys, algorithms: metadata.algorithms }
}

/** Keys come by https; by http only from a metadata document that came so itself. */
function asSecure(jwksURL: string, metadataURL: string): boolean {
  const protocol = URL.canParse(jwksURL) ? new URL(jwksURL).protocol : ''
  return protocol === 'https:' || protocol === new URL(metadataURL).protocol
}
