/** One call of the API server's audit log. Times are in milliseconds since 1970, exact to the microsecond. */
export type Audited = {
  readonly user: string
  readonly verb: string
  /** `approvalrequests/status`. */
  readonly resource: string
  /** Empty where the API server gives it, or all are meant. */
  readonly name: string
  readonly received: number
  readonly answered: number
}

type Event = {
  readonly user?: { readonly username?: string }
  readonly verb?: string
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly name?: string }
  readonly requestReceivedTimestamp?: string
  readonly stageTimestamp?: string
  readonly stage?: string
}

/** The calls that were answered, watches aside, in the log's order. The last line may be half written. */
export function readAudit(log: string): readonly Audited[] {
  const lines = log.split('\n').slice(0, -1)
  return lines.map((line): Event => JSON.parse(line)).flatMap((event) => (isCall(event) ? [auditedOf(event)] : []))
}

function isCall({ stage, verb }: Event): boolean {
  return stage === 'ResponseComplete' && verb !== 'watch'
}

function auditedOf({ user, verb = '', objectRef = {}, ...times }: Event): Audited {
  const { resource = '', subresource, name = '' } = objectRef
  return {
    user: user?.username ?? '',
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name,
    received: micros(times.requestReceivedTimestamp),
    answered: micros(times.stageTimestamp),
  }
}

/** `2026-01-05T09:30:00.123456Z`: a Date keeps three of the six digits. */
function micros(timestamp = ''): number {
  const [, thousandths = '0'] = /\.\d{3}(\d{3})Z$/.exec(timestamp) ?? []
  return Date.parse(timestamp) + Number(thousandths) / 1000
}

/** What came between a vote and the answer to who waited for it. */
export type Between = {
  /** Answered first, or the answer had not been given: the decision, the use of the approval, and the call itself. */
  readonly awaited: readonly Audited[]
  /** Writes and reads of the same objects meanwhile, for which the answer did not wait. */
  readonly beside: readonly Audited[]
}

/** One for each vote; `answers` are the calls that waited, as the API server logs them when they are answered. */
export function betweenVotesAndAnswers(
  calls: readonly Audited[],
  isAnswer: (call: Audited) => boolean,
): readonly Between[] {
  const votes = calls.filter(({ verb, resource }) => verb === 'create' && resource === 'approvalvotes')
  return votes.flatMap((vote) => {
    const answer = calls.find((call) => isAnswer(call) && call.answered > vote.answered)
    return answer === undefined ? [] : [between(calls, vote, answer)]
  })
}

function between(calls: readonly Audited[], vote: Audited, answer: Audited): Between {
  const meanwhile = calls.filter(
    ({ received, resource }) =>
      received > vote.received && received < answer.answered && resource.startsWith('approval'),
  )
  const use = meanwhile.findLast(({ user }) => user.endsWith(':countersign-webhook'))
  const ofRequest = meanwhile.filter(({ name }) => name === use?.name)
  const used = use?.received ?? answer.answered
  return {
    awaited: [...ofRequest.filter(({ received }) => received <= used), answer],
    beside: ofRequest.filter(({ received }) => received > used),
  }
}

export const isWrite = ({ verb }: Audited): boolean => !['get', 'list', 'watch'].includes(verb)
