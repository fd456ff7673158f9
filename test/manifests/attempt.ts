import { until } from '../until.ts'
import { messageOf } from '../crds/api-client.ts'
import type { Answer, Write } from '../crds/api-client.ts'
import type { Stage, Who } from './stage.ts'

/** One write of somebody. */
export type Attempt = Write & { readonly who: Who }

/** `allowed`, the name of our rule that refuses it, or what else the API server answers. */
export type Verdict = string

/** Sends it as a dry run, which passes the same policies and leaves nothing behind. */
export function tryOut(stage: Stage, attempt: Attempt): Promise<Verdict> {
  const separator = attempt.path.includes('?') ? '&' : '?'
  return send(stage, { ...attempt, path: `${attempt.path}${separator}dryRun=All` })
}

/** Sends it for good: for what knows no dry run, and for refusals that only come then. */
export async function send(stage: Stage, { who, ...write }: Attempt): Promise<Verdict> {
  const client = await stage.as(who)
  return verdictOf(await client.send(write))
}

const refusal = /ValidatingAdmissionPolicy '(?<policy>[a-z-]+)' with binding '[a-z-]+' denied request: (?<rule>\w+):/

function verdictOf({ code, body }: Answer): Verdict {
  const { policy, rule } = refusal.exec(messageOf(body))?.groups ?? {}
  if (policy !== undefined && rule !== undefined) return `${policy}: ${rule}`
  return code < 400 ? 'allowed' : `${code} ${messageOf(body)}`
}

/** Passes the time until the API server has taken up the policies: each of these attempts is refused by one. */
export async function untilRefused(stage: Stage, attempts: readonly Attempt[]): Promise<void> {
  for (const attempt of attempts) {
    const refused = async (): Promise<boolean> => (await tryOut(stage, attempt)).startsWith('countersign-')
    await until(`${attempt.who} is refused ${attempt.method} ${attempt.path}`, refused, 15_000)
  }
}
