import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { readJson } from '../../src/domain/json-reader.ts'
import { textAt } from '../../src/domain/json.ts'

/** What the webhook is told about one review, and what it answers: `Refuse` is a 429 asking for one more try in a second. */
export type Verdict = 'Allow' | 'Refuse'

/** Called once per review, in order of arrival, with the body exactly as it came. */
type Judge = (body: Buffer) => Promise<Judged>
export type Judged = { readonly verdict: Verdict; readonly afterwards?: () => Promise<void> }

/** A listening webhook. `judge` may be replaced between two commands; without one everything is allowed. */
export type Recorder = {
  readonly url: string
  judgeBy(judge: Judge | undefined): void
  close(): Promise<void>
}

/** A key pair for loopback, both as PEM. */
export type ServerCertificate = { readonly key: string; readonly cert: string }

/** Starts the webhook on a free loopback port. */
export async function startRecorder(certificate: ServerCertificate): Promise<Recorder> {
  let judge: Judge | undefined
  const problems: unknown[] = []
  const server = createServer(
    { ...certificate, keepAliveTimeout: 120_000, headersTimeout: 125_000 },
    (asked, answer) => {
      record(asked, answer, judge).catch((problem: unknown) => {
        problems.push(problem)
        answer.destroy()
      })
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the recording webhook has no port')
  return {
    url: `https://127.0.0.1:${address.port}/record`,
    judgeBy(next) {
      judge = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      if (problems.length > 0) throw new AggregateError(problems, 'the recording webhook failed')
    },
  }
}

async function record(asked: IncomingMessage, answer: ServerResponse, judge: Judge | undefined): Promise<void> {
  const body = await buffer(asked)
  const judged: Judged = judge === undefined ? { verdict: 'Allow' } : await judge(body)
  const uid = uidOf(body)
  const response = judged.verdict === 'Allow' ? { uid, allowed: true } : { uid, allowed: false, status: tryAgain }
  answer.setHeader('content-type', 'application/json')
  await new Promise<void>((resolve) =>
    answer.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }), resolve),
  )
  await judged.afterwards?.()
}

const tryAgain = {
  status: 'Failure',
  code: 429,
  reason: 'TooManyRequests',
  message: 'recorded; send it again',
  details: { retryAfterSeconds: 1 },
}

function uidOf(body: Buffer): string | undefined {
  const read = readJson(body)
  return 'value' in read ? textAt(read.value, 'request', 'uid') : undefined
}
