import type { Command } from './commands.ts'
import type { Gate, Outcome } from './gate.ts'
import type { Stage } from './stage.ts'
import type { World } from './world.ts'

export type AgentPorts = { readonly gate: Gate; readonly world: World }

const mostRetries = 10
const mostRuns = 8

/** Reasons after which the same command can succeed later. */
const comesBack: ReadonlySet<string> = new Set([
  'ApprovalPending',
  'ApprovalReady',
  'ApprovalUsed',
  'TooManyPending',
  'RecordUnavailable',
  'Unreviewable',
])

/** One agent with one command: it runs kubectl until the matter has ended for it, as far as it is patient. */
export async function playAgent(stage: Stage, ports: AgentPorts, command: Command): Promise<Outcome> {
  await beginning(stage)
  let calmRuns = 0
  for (let runs = 1; ; runs += 1) {
    calmRuns += stage.calm() ? 1 : 0
    const outcome = await kubectl(stage, ports, command)
    stage.tell(`agent ${command.id} ${command.kind} ${command.name}: ${outcome.code} ${outcome.reason}`)
    if (!runsAgain(stage, outcome, { runs, calmRuns })) return outcome
    await stage.pause(500, stage.is(0.2) ? 120_000 : 15_000)
  }
}

/** Many begin at the same moment, as scripts do that run one command for each thing. */
function beginning(stage: Stage): Promise<void> {
  if (stage.is(0.5)) return stage.pause(0, 240_000)
  return stage.clock.sleep(stage.pick([5_000, 60_000, 150_000, 240_000]) + stage.between(0, 20))
}

type Runs = { readonly runs: number; readonly calmRuns: number }

function runsAgain(stage: Stage, { code, reason }: Outcome, { runs, calmRuns }: Runs): boolean {
  const open = code === 429 || code >= 499 || comesBack.has(reason)
  if (stage.calm()) return open && (reason !== 'RecordUnavailable' || calmRuns < mostRuns)
  if (runs >= mostRuns) return open
  return open ? stage.is(0.9) || runs < 3 : stage.is(code === 200 ? 0.5 : 0.35)
}

/** As kubectl does: what is told to come back in so many seconds is sent again, up to ten times; all else is shown. */
async function kubectl(stage: Stage, { gate, world }: AgentPorts, command: Command): Promise<Outcome> {
  const gone = new AbortController()
  if (stage.mishap(0.08)) void stage.pause(100, 40_000).then(() => gone.abort())
  const killed = new Promise<Outcome>((resolve) => {
    gone.signal.addEventListener('abort', () => resolve({ code: 499, reason: 'Killed' }))
  })
  const version = command.put ? world.find(command.resource, command.name)?.metadata.resourceVersion : undefined
  for (let retries = 0; ; retries += 1) {
    const outcome = await Promise.race([gate({ command, version, gone: gone.signal }), killed])
    if (outcome.code !== 429 || retries >= mostRetries || gone.signal.aborted) return outcome
    await stage.clock.sleep((outcome.retryAfterSeconds ?? 1) * 1000)
  }
}
