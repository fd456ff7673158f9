import { refuseAtOnce } from '../app/answer.ts'
import type { Answer } from '../app/answer.ts'
import type { Refusal } from '../domain/check.ts'

/** What goes over the wire. 503 makes the API server send the same review again, under the same uid. */
export type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const json = { 'content-type': 'application/json' }

/**
 * The answer as an AdmissionReview (admission.k8s.io/v1). A refusal always carries all four of code, reason, message and
 * details: a missing code would become 400, and what is missing from the others the client never learns.
 */
export function respond(uid: string, answer: Answer): HttpAnswer {
  switch (answer.kind) {
    case 'Allow':
      return review({ uid, allowed: true, warnings: answer.warnings, auditAnnotations: answer.annotations })
    case 'Refuse':
      return review({
        uid,
        allowed: false,
        warnings: answer.warnings,
        auditAnnotations: answer.annotations,
        status: failure(403, answer.refusal.reason, { message: answer.refusal.message }),
      })
    case 'AskAgain':
      return review({
        uid,
        allowed: false,
        auditAnnotations: answer.annotations,
        status: failure(429, 'TooManyRequests', { message: answer.message, retryAfterSeconds: answer.afterSeconds }),
      })
    case 'Unavailable':
      return unavailable(answer.afterSeconds)
  }
}

/** A refusal where there is no review to answer to: the API server reads it as a failed call. */
export function unreadable(uid: string | undefined, refusal: Refusal): HttpAnswer {
  if (uid === undefined) return { status: 400, headers: json, body: JSON.stringify({ message: refusal.message }) }
  return respond(uid, refuseAtOnce(refusal))
}

/** Not now: the same call again, to whoever is there then. */
export function unavailable(afterSeconds: number): HttpAnswer {
  return { status: 503, headers: { ...json, 'retry-after': String(afterSeconds) }, body: '{}' }
}

type Failure = {
  readonly status: 'Failure'
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly details: { readonly retryAfterSeconds?: number; readonly causes: readonly { readonly reason: string }[] }
}

function failure(
  code: number,
  reason: string,
  { message, retryAfterSeconds }: { readonly message: string; readonly retryAfterSeconds?: number },
): Failure {
  const causes = [{ reason }]
  const details = retryAfterSeconds === undefined ? { causes } : { causes, retryAfterSeconds }
  return { status: 'Failure', code, reason, message, details }
}

function review(response: Readonly<Record<string, unknown>>): HttpAnswer {
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response })
  return { status: 200, headers: json, body }
}
