import type { Refusal } from '../domain/check.ts'

/** Key and value for the API server's own audit log; the same for every presentation of one action. */
export type Annotations = Readonly<Record<string, string>>

/** What a call is answered. Refuse becomes 403, AskAgain 429, Unavailable the HTTP status 503 of the call itself. */
export type Answer =
  | { readonly kind: 'Allow'; readonly warnings: readonly string[]; readonly annotations: Annotations }
  | {
      readonly kind: 'Refuse'
      readonly refusal: Refusal
      readonly warnings: readonly string[]
      readonly annotations: Annotations
    }
  | {
      readonly kind: 'AskAgain'
      readonly afterSeconds: number
      readonly message: string
      readonly annotations: Annotations
    }
  | { readonly kind: 'Unavailable'; readonly afterSeconds: number }

/** Policies do not concern it, or it changes nothing. */
export const allowed: Annotations = { decision: 'Allowed' }

export function allow(annotations: Annotations, warnings: readonly string[] = []): Answer {
  return { kind: 'Allow', warnings, annotations }
}

/** Refused before it had a digest: nobody was asked. */
export function refuseAtOnce(refusal: Refusal): Answer {
  return refuse(refusal, { decision: 'Refused', reason: refusal.reason })
}

export function refuse(refusal: Refusal, annotations: Annotations, warnings: readonly string[] = []): Answer {
  return { kind: 'Refuse', refusal, warnings, annotations }
}
