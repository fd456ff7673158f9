import { fails, holds } from './doctor-finding.ts'
import type { Finding } from './doctor-finding.ts'
import type { HttpAnswer, HttpFailure } from './http.ts'

type Outcome = HttpAnswer | HttpFailure
type Reasons = { readonly cause: string; readonly cure: string }
type Rule = { readonly when: (answer: HttpAnswer) => boolean; readonly reasons: Reasons }

/** Each answer of the gateway but the files of the tab may run, load and frame nothing; what answers in its place says else. */
function isOurs({ header }: HttpAnswer): boolean {
  const policy = header('content-security-policy') ?? ''
  return /(?:^|;)\s*default-src 'none'/.test(policy) && policy.includes("frame-ancestors 'none'")
}

const ours =
  (...statuses: readonly number[]) =>
  (answer: HttpAnswer): boolean =>
    isOurs(answer) && statuses.includes(answer.status)
const anyOf =
  (...statuses: readonly number[]) =>
  ({ status }: HttpAnswer): boolean =>
    statuses.includes(status)
const redirects = ({ status }: HttpAnswer): boolean => status >= 300 && status < 400

const notReady: Reasons = {
  cause: 'Countersign says that it is not ready',
  cure: 'look at /readyz of the health port of the gateway, which names what is missing',
}
const noGateway: Reasons = {
  cause: 'the ingress finds no gateway behind it',
  cure: 'see that the gateway runs, and that the Service has endpoints on its port, 8445 unless configured',
}
const signIn: Reasons = {
  cause: 'something in front asks for a sign-in, or leads elsewhere',
  cure: 'let the paths of the gateway pass as they are: it verifies each call by itself',
}

const messageRules: readonly Rule[] = [
  { when: ours(503), reasons: notReady },
  {
    when: ours(404, 405),
    reasons: {
      cause: 'Countersign got it under another path or method',
      cure: 'let the ingress pass POST /api/messages as it is, without rewriting the path',
    },
  },
  {
    when: isOurs,
    reasons: {
      cause: 'Countersign answers, and not as it should',
      cure: 'look at the log of the gateway, and whether it is of the version of this program',
    },
  },
  { when: anyOf(502, 503, 504), reasons: noGateway },
  {
    when: anyOf(404, 405),
    reasons: {
      cause: 'the ingress, or another program, knows no such path',
      cure: 'lead POST /api/messages of this host to the Service of the gateway',
    },
  },
  { when: (answer) => redirects(answer) || answer.status === 401, reasons: signIn },
  {
    when: anyOf(403),
    reasons: {
      cause: 'it is refused, but not by Countersign, or its headers were taken away on the way',
      cure: 'look for a firewall, a list of addresses or a sign-in in front, and let the answer pass as it is',
    },
  },
]

const another: Reasons = {
  cause: 'another program answers, or something in front does in its place',
  cure: 'lead POST /api/messages of this host to the Service of the gateway',
}

/** What `POST /api/messages` without a token came to. Countersign refuses it with 403. */
export function messagesFinding(outcome: Outcome): Finding {
  const what = 'POST /api/messages without a token'
  if ('failure' in outcome) return fails(`${what}: no answer`, failed[outcome.failure])
  if (ours(403)(outcome)) return holds(`${what} is refused by Countersign`)
  const rule = messageRules.find(({ when }) => when(outcome))
  return fails(`${what}: ${outcome.status}`, rule?.reasons ?? another)
}

const failed: Readonly<Record<HttpFailure['failure'], Reasons>> = {
  NotSent: { cause: 'the connection could not be made again', cure: 'ask again' },
  Timeout: { cause: 'nobody answered in time', cure: 'look at the ingress and the log of the gateway' },
  Broken: { cause: 'the connection was cut', cure: 'look at the ingress and the log of the gateway' },
  TooLarge: { cause: 'the answer is far too long: it is of another program', cure: another.cure },
}

const tabRules: readonly Rule[] = [
  {
    when: ours(404),
    reasons: {
      cause: 'this gateway serves no tab',
      cure: 'set gateway.url for the gateway, to this very URL',
    },
  },
  { when: anyOf(502, 503, 504), reasons: noGateway },
  {
    when: anyOf(404),
    reasons: { cause: 'the ingress knows no such path', cure: 'lead /tab and /api/tab/ to the Service of the gateway' },
  },
  { when: (answer) => redirects(answer) || anyOf(401, 403)(answer), reasons: signIn },
  {
    when: ({ status, body }) => status !== 200 || !Buffer.from(body).toString().includes('/tab/main.js'),
    reasons: { cause: 'it is not the tab of Countersign', cure: 'lead /tab to the Service of the gateway' },
  },
  {
    when: ({ header }) => header('content-security-policy') === undefined,
    reasons: {
      cause: 'its Content-Security-Policy was taken away on the way',
      cure: 'let the ingress pass the headers of the answer as they are',
    },
  },
  {
    when: ({ header }) => !framedByTeams(header('content-security-policy') ?? ''),
    reasons: {
      cause: 'its Content-Security-Policy does not let Teams frame it',
      cure: 'see that the ingress adds none of its own: the strictest of several counts',
    },
  },
]

/** What `GET /tab` came to, after the one redirect to `/tab/`. */
export function tabFinding(outcome: Outcome): Finding {
  const what = 'GET /tab'
  if ('failure' in outcome) return fails(`${what}: no answer`, failed[outcome.failure])
  const rule = tabRules.find(({ when }) => when(outcome))
  if (rule !== undefined) return fails(`${what}: ${outcome.status}`, rule.reasons)
  return holds(`${what} serves the tab, with its Content-Security-Policy`)
}

/**
 * Each policy counts, also those that somebody on the way has added (CSP level 3, section 8.1: they only get stricter), and
 * Teams must stand in each that says who may frame.
 */
export function framedByTeams(policies: string): boolean {
  const frames = policies.split(',').flatMap((policy) => /(?:^|;)\s*frame-ancestors\s+([^;]*)/i.exec(policy)?.[1] ?? [])
  return frames.length > 0 && frames.every((sources) => /(?:^|\s)https:\/\/(?:\*\.)?teams\.microsoft/i.test(sources))
}
