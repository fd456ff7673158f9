import { groupResource } from '../domain/action.ts'
import { agentLabelValue } from '../domain/agent-name.ts'
import { inert, shortened } from '../domain/inert.ts'
import type { AdmitPorts } from './admit-ports.ts'
import { admit } from './admit.ts'
import { refuseAtOnce } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Fact } from './fact.ts'
import type { Call } from './gated-call.ts'
import type { Log, LogFields } from './log.ts'

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
  return answer.then(
    (given) => told(observed, call, { answer: given, began }),
    (error: unknown) => {
      told(observed, call, { answer: unavailable, began })
      throw error
    },
  )
}

/** What a failure is answered with. */
const unavailable = refuseAtOnce({ reason: 'RecordUnavailable', message: '' })

type Given = { readonly answer: Answer; readonly began: number }

function told({ log, measure, elapsed }: ObservedAdmitPorts, call: Call, { answer, began }: Given): Answer {
  const seconds = (elapsed() - began) / 1000
  const reason = answer.kind === 'Refuse' ? answer.refusal.reason : undefined
  const word = wordOf(answer)
  measure({ fact: 'Answered', answer: word, reason, seconds })
  if (word !== 'Allowed' || call.dryRun) {
    const annotations = 'annotations' in answer ? answer.annotations : {}
    log.info('Answered', { answer: word, reason, ...facts(call), seconds, ...annotations })
  }
  return answer
}

const longestName = 253

/** Who asked for what, by names alone. */
function facts({ uid, dryRun, action }: Call): LogFields {
  const { operation, resource, namespace, name, agent } = action
  const kind = groupResource(resource)
  return {
    call: uid,
    dryRun,
    agent: agentLabelValue(agent.username),
    operation,
    resource: resource.subresource === '' ? kind : `${kind}/${resource.subresource}`,
    namespace,
    name: shortened(inert(name).text, longestName),
  }
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
