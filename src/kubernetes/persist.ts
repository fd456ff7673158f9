import { ApiError } from './api-error.ts'
import { open, readReply, unanswered } from './attempt.ts'
import type { Line } from './attempt.ts'
import type { Clients } from './clients.ts'
import type { Life } from './life.ts'
import { retryDelayMs } from './retry.ts'
import type { Call, Reply, TransportOptions } from './transport.ts'

export type Persistence = { readonly life: Life; readonly clients: Clients; readonly options: TransportOptions }

/** Tries a call until it is answered, until trying again would be wrong, or until its deadline. Ends the life. */
export async function callUntilAnswered(line: Line, call: Call, how: Persistence): Promise<Reply> {
  const { life } = how
  const { timers, limits } = how.options
  const deadlineMs = call.deadlineMs ?? limits.deadlineMs
  const lastMoment = timers.elapsed() + deadlineMs
  void timers.sleep(deadlineMs, life.signal).then(() => life.end('Timeout'))
  try {
    return await callAgainAndAgain(line, call, { ...how, lastMoment })
  } finally {
    life.end('Over')
  }
}

async function callAgainAndAgain(line: Line, call: Call, how: Persistence & { lastMoment: number }): Promise<Reply> {
  const { timers, random, limits } = how.options
  let doubt = false
  for (let earlier = 0; ; earlier += 1) {
    const outcome = await callOnce(line, call, how)
    if (!(outcome instanceof ApiError)) return outcome
    doubt ||= outcome.outcomeUnknown
    const delayMs = retryDelayMs({ method: call.method, error: outcome, earlier }, limits.retries, random)
    const late = delayMs === undefined || timers.elapsed() + delayMs >= how.lastMoment
    if (late) throw doubt ? outcome.inDoubt() : outcome
    await timers.sleep(delayMs, how.life.signal)
  }
}

async function callOnce(line: Line, call: Call, { life, clients, options }: Persistence): Promise<Reply | ApiError> {
  const client = await clients.take(life.signal)
  if (client === undefined) return unanswered(call, { life, sent: false, error: undefined })
  try {
    const answered = await open({ ...line, client }, call, life)
    return await readReply(answered, call, { life, mostBytes: options.limits.maxReplyBytes })
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  } finally {
    clients.give(client)
  }
}
