import type { AdmitPorts } from './admit-ports.ts'
import { admit } from './admit.ts'
import type { Answer } from './answer.ts'
import type { Fact } from './fact.ts'
import type { Call } from './gated-call.ts'
import type { Log } from './log.ts'

export type ObservedAdmitPorts = {
  /** Undefined: this replica cannot judge yet. */
  readonly ports: () => AdmitPorts | undefined
  readonly log: Log
  readonly measure: (fact: Fact) => void
  /** Milliseconds on a clock that nobody sets. */
  readonly elapsed: () => number
}

/** Answers a call, counts the answer, and writes one line for each that was gated. None for what passes. */
export function observedAdmit(observed: ObservedAdmitPorts, call: Call): Answer | Promise<Answer> {
  const began = observed.elapsed()
  const ports = observed.ports()
  if (ports === undefined) return told(observed, call, { answer: { kind: 'Unavailable', afterSeconds: 1 }, began })
  const answer = admit(ports, call)
  if (!(answer instanceof Promise)) return told(observed, call, { answer, began })
  return answer.then((given) => told(observed, call, { answer: given, began }))
}

type Given = { readonly answer: Answer; readonly began: number }

function told({ log, measure, elapsed }: ObservedAdmitPorts, { uid, dryRun }: Call, { answer, began }: Given): Answer {
  const seconds = (elapsed() - began) / 1000
  const reason = answer.kind === 'Refuse' ? answer.refusal.reason : undefined
  const word = wordOf(answer)
  measure({ fact: 'Answered', answer: word, reason, seconds })
  if (word !== 'Allowed' || dryRun) {
    const annotations = 'annotations' in answer ? answer.annotations : {}
    log.info('Answered', { answer: word, reason, call: uid, dryRun, seconds, ...annotations })
  }
  return answer
}

const words = {
  Refuse: 'Refused',
  AskAgain: 'AskAgain',
  Unavailable: 'Unavailable',
} as const

function wordOf(answer: Answer): Extract<Fact, { fact: 'Answered' }>['answer'] {
  if (answer.kind !== 'Allow') return words[answer.kind]
  return answer.annotations['approval-request'] === undefined ? 'Allowed' : 'Approved'
}
