import { refuseAtOnce } from '../app/answer.ts'
import type { Answer } from '../app/answer.ts'
import type { Call } from '../app/gated-call.ts'
import { recordUnavailable } from '../domain/refused-message.ts'
import { readReview, tooLarge } from './admission.ts'
import type { Review, Unreadable } from './admission.ts'
import { makeFlight, makeInFlight } from './in-flight.ts'
import type { Flight } from './in-flight.ts'
import { respond, unreadable } from './respond.ts'
import type { HttpAnswer } from './respond.ts'
import type { Posted } from './server.ts'

export type HandlePorts = {
  readonly admit: (call: Call) => Answer | Promise<Answer>
  /** Milliseconds on a clock that nobody sets. */
  readonly elapsed: () => number
  /** Told of a bug or broken I/O behind an answer; the agent is told that the record is not to be had. */
  readonly failed: (error: unknown) => void
  /** Told of a body that is no review that we can take. */
  readonly unreadable: (fault: Unreadable['fault']) => void
  /** For a call that brings no `?timeout=`. */
  readonly callMs: number
  /** The records namespace, for messages. */
  readonly namespace: string
}

/**
 * From a body to an answer. The API server sends a call again under its uid when it had no answer: while the first is
 * being worked on, both get the one answer, and the work ends when nobody waits for it. Fails closed: what goes wrong is a
 * refusal.
 */
export function makeHandler(ports: HandlePorts): (posted: Posted) => HttpAnswer | Promise<HttpAnswer> {
  const inFlight = makeInFlight()
  return (posted) => {
    const review = posted.cutOff ? tooLarge : readReview(posted.body)
    if ('fault' in review) {
      ports.unreadable(review.fault)
      return unreadable(uidIn(posted.body), review.refusal)
    }
    const twin = inFlight.shared(review.uid, posted)
    if (twin !== undefined) return twin
    const flight = boarding(posted)
    const answer = answered(ports, review, { flight, timeoutMs: posted.timeoutMs })
    return answer instanceof Promise ? inFlight.share(review.uid, posted, { flight: flight(), answer }) : answer
  }
}

/** The flight of a call, made when somebody asks for it: what is answered at once needs none. */
function boarding(posted: Posted): () => Flight {
  let flight: Flight | undefined
  return () => (flight ??= makeFlight(posted.gone))
}

function answered(
  ports: HandlePorts,
  review: Review,
  { flight, timeoutMs }: { readonly flight: () => Flight; readonly timeoutMs: number | undefined },
): HttpAnswer | Promise<HttpAnswer> {
  const { uid, action, caller, dryRun } = review
  const deadline = ports.elapsed() + (timeoutMs ?? ports.callMs)
  const call: Call = {
    uid,
    action,
    caller,
    dryRun,
    deadline,
    get gone() {
      return flight().gone
    },
  }
  try {
    const answer = ports.admit(call)
    if (!(answer instanceof Promise)) return respond(uid, answer)
    return answer.then((given) => respond(uid, given)).catch((error: unknown) => failed(ports, uid, error))
  } catch (error) {
    return failed(ports, uid, error)
  }
}

function failed(ports: HandlePorts, uid: string, error: unknown): HttpAnswer {
  ports.failed(error)
  return respond(uid, refuseAtOnce(recordUnavailable(ports.namespace)))
}

const head = 512

/** The uid stands near the beginning of a review, whatever is wrong with the rest. */
function uidIn(body: Uint8Array): string | undefined {
  const start = new TextDecoder().decode(body.subarray(0, head))
  return /"uid":"([0-9a-f-]{36})"/.exec(start)?.[1]
}
