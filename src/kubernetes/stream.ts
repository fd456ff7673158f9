import type { Client } from 'undici'
import { open, unanswered } from './attempt.ts'
import type { Line } from './attempt.ts'
import type { Life } from './life.ts'
import type { Call, TransportOptions } from './transport.ts'

type Streaming = { readonly life: Life; readonly client: Client; readonly options: TransportOptions }

/** Opens an answer without end, once. The life ends with the iteration, or when nothing comes for the idle deadline. */
export async function openStream(line: Line, call: Call, streaming: Streaming): Promise<AsyncIterable<Uint8Array>> {
  const { life, client, options } = streaming
  const opening = new AbortController()
  void options.timers.sleep(call.deadlineMs ?? options.limits.deadlineMs, opening.signal).then(() => {
    if (!opening.signal.aborted) life.end('Timeout')
  })
  try {
    const { body } = await open({ ...line, client }, call, life)
    return watchIdle(body, call, streaming)
  } catch (error) {
    life.end('Over')
    await client.destroy()
    throw error
  } finally {
    opening.abort()
  }
}

/** Only the time during which the reader waits is counted: a slow reader is not a silent server. */
function watchIdle(source: AsyncIterable<Uint8Array>, call: Call, streaming: Streaming): AsyncIterable<Uint8Array> {
  const { life, client } = streaming
  const { timers, limits } = streaming.options
  let waitingSince: number | undefined = timers.elapsed()

  async function guard(): Promise<void> {
    let sleepMs = limits.idleMs
    while (life.ending() === undefined) {
      await timers.sleep(sleepMs, life.signal)
      const silentMs = waitingSince === undefined ? 0 : timers.elapsed() - waitingSince
      if (silentMs >= limits.idleMs) life.end('Silent')
      sleepMs = limits.idleMs - silentMs
    }
  }

  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source) {
        waitingSince = undefined
        yield chunk
        waitingSince = timers.elapsed()
      }
    } catch (error) {
      throw unanswered(call, { life, sent: true, error })
    } finally {
      life.end('Over')
      await client.destroy()
    }
  }

  void guard()
  return bytes()
}
