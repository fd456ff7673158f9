import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { FetchFault, FetchJson } from '../../src/app/fetch-json.ts'
import type { Json } from '../../src/domain/json.ts'
import { readJson } from '../../src/domain/json-reader.ts'

/** A key of the fake issuer. */
export type IssuerKey = { readonly kid: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject }

type Jwk = Record<string, unknown>

/** Whoever tells what to answer for a document instead of the truth: a fault, or other content. */
type Lie = FetchFault | { readonly document: unknown }

/** An issuer of tokens that keeps its keys in memory, and lies, breaks or is slow when a test says so. */
export type TokenIssuer = {
  readonly metadataURL: string
  readonly keysURL: string
  readonly fetchJson: FetchJson
  /** URLs that were fetched, in order. */
  readonly fetched: () => readonly string[]
  /** Publishes these keys, and no others, endorsed for these channels; undefined leaves the member out. */
  readonly publish: (keys: readonly IssuerKey[], endorsements?: readonly string[]) => void
  /** What a URL answers from now on; undefined is the truth again. */
  readonly lie: (url: string, lie: Lie | undefined) => void
  /** From now on no fetch is answered, until the returned function is called. */
  readonly stall: () => () => void
}

const algorithms = ['RS256']

export function makeTokenIssuer(origin = 'https://login.issuer.example'): TokenIssuer {
  const metadataURL = `${origin}/v1/.well-known/openidconfiguration`
  const keysURL = `${origin}/v1/keys`
  const lies = new Map<string, Lie>()
  const fetched: string[] = []
  let jwks: readonly Jwk[] = []
  let stalled: Promise<void> = Promise.resolve()

  function truth(url: string): Lie {
    if (url === metadataURL)
      return { document: { issuer: origin, jwks_uri: keysURL, id_token_signing_alg_values_supported: algorithms } }
    return url === keysURL ? { document: { keys: jwks } } : 'Refused'
  }

  return {
    metadataURL,
    keysURL,
    fetchJson: async (url) => {
      fetched.push(url)
      await stalled
      const answer = lies.get(url) ?? truth(url)
      return typeof answer === 'string' ? { fault: answer } : asJson(answer.document)
    },
    fetched: () => fetched,
    publish: (keys, endorsements) => {
      jwks = keys.map((key) => jwkOf(key, endorsements))
    },
    lie: (url, lie) => void (lie === undefined ? lies.delete(url) : lies.set(url, lie)),
    stall: () => {
      let go = (): void => undefined
      stalled = new Promise((resolve) => {
        go = resolve
      })
      return () => go()
    },
  }
}

/** Making one takes a tenth of a second. */
export function makeIssuerKey(kid: string, modulusLength = 2048): IssuerKey {
  return { kid, ...generateKeyPairSync('rsa', { modulusLength }) }
}

export function jwkOf({ kid, publicKey }: IssuerKey, endorsements?: readonly string[]): Jwk {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' }
  return endorsements === undefined ? jwk : { ...jwk, endorsements }
}

function asJson(document: unknown): { readonly value: Json } {
  const read = readJson(Buffer.from(JSON.stringify(document)))
  if ('fault' in read) throw new Error(`the fake issuer made ${read.fault}`)
  return read
}

/** What a token says; whatever is undefined is not there. */
export type Said = { readonly header?: Jwk; readonly claims: Jwk }

/** A token as an honest issuer makes it, with node's own cryptography: RS256. */
export function mint(key: IssuerKey, { header, claims }: Said): string {
  const input = signingInput({ alg: 'RS256', kid: key.kid, typ: 'JWT', ...header }, claims)
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`
}

/** The old trick: HMAC with the public key, which everybody has, as the secret. */
export function mintWithPublicKey(key: IssuerKey, { header, claims }: Said): string {
  const input = signingInput({ alg: 'HS256', kid: key.kid, typ: 'JWT', ...header }, claims)
  const secret = key.publicKey.export({ type: 'spki', format: 'pem' })
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** A token without a signature. */
export function mintUnsigned({ header, claims }: Said): string {
  return `${signingInput({ alg: 'none', kid: 'k1', typ: 'JWT', ...header }, claims)}.`
}

function signingInput(header: Jwk, claims: Jwk): string {
  return `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(claims))}`
}

export function encoded(text: string): string {
  return Buffer.from(text).toString('base64url')
}
