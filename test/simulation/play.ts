import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { playAgent } from './agent.ts'
import { makeCommands } from './commands.ts'
import { countsOf } from './counts.ts'
import type { Counts } from './counts.ts'
import { makeGate } from './gate.ts'
import type { Outcome } from './gate.ts'
import { makeKeys } from './keys.ts'
import { makeLedger } from './ledger.ts'
import type { Ledger, Violation } from './ledger.ts'
import { playOperator } from './operator.ts'
import { approveAll, forgedSignature, playPeople, playPolicies } from './people.ts'
import type { Plant } from './plant.ts'
import { makeQuota } from './quota.ts'
import { makeRecordsServer } from './records-server.ts'
import { makeReplica } from './replica.ts'
import { makeStage } from './stage.ts'
import type { Stage } from './stage.ts'
import type { WebhookWorld } from './webhook-process.ts'
import { makeWorld, playOthers } from './world.ts'

export type Run = {
  readonly violations: readonly Violation[]
  readonly story: readonly string[]
  readonly counts: Counts
}

/** How long faults last, and how long all has to come to its end once they have stopped. */
const wildMs = 600_000
const calmMs = 30 * 60_000

/** One run: whatever can go wrong does for ten minutes, then nothing does, and everything has to come to its end. */
export async function play(seed: number, plant: Plant): Promise<Run> {
  const stage = makeStage(seed)
  const world = makeWorld()
  const forbidden = stage.is(0.2) ? [stage.pick(['configmaps', 'deployments', 'pods'])] : []
  const server = makeRecordsServer(stage, world, { rules: plant.rules, forbidden })
  const keys = makeKeys()
  const ledger = makeLedger(stage, server, keys)
  const around: WebhookWorld = { stage, server, keys, ledger, plant }
  const replicas = ['webhook-a', 'webhook-b'].map((name) => makeReplica(around, name))
  const gate = makeGate(stage, { world, ledger, replicas, quota: makeQuota(stage) })
  void playPolicies(stage, server)
  playPeople(stage, server)
  void playOthers(stage, world)
  for (const replica of replicas) void replica.play()
  for (const name of ['operator-a', 'operator-b']) void playOperator(around, name)
  const commands = makeCommands(stage)
  const agents = commands.map((command) => follow(stage, playAgent(stage, { gate, world }, command)))
  await stage.clock.advance(wildMs)
  stage.tell('all is calm')
  stage.calmDown()
  approveAll(stage, server)
  await comeToEnd(stage, agents)
  agents.forEach((agent, index) => {
    const end = agent.outcome()
    if (end === undefined) ledger.report('Stuck', `agent ${index} ${commands[index]?.kind} has no end`)
    if (
      agent.late() &&
      end?.reason === 'RecordUnavailable' &&
      !ledger.approvals().some(({ request }) => isForged(request))
    ) {
      ledger.report('Stuck', `agent ${index} ${commands[index]?.kind} is told that there is no record`)
    }
  })
  await stage.clock.advance(20 * 60_000)
  checkSettled(ledger)
  for (const replica of replicas) replica.stop()
  return { violations: ledger.violations, story: stage.story, counts: countsOf(ledger.approvals()) }
}

type Followed = {
  readonly outcome: () => Outcome | undefined
  /** It came to its end when all was calm. */
  readonly late: () => boolean
}

function follow(stage: Stage, agent: Promise<Outcome>): Followed {
  let outcome: Outcome | undefined
  let late = false
  void agent.then((got) => {
    outcome = got
    late = stage.calm()
  })
  return { outcome: () => outcome, late: () => late }
}

async function comeToEnd(stage: Stage, agents: readonly Followed[]): Promise<void> {
  const lastMoment = stage.clock.elapsed() + calmMs
  while (stage.clock.elapsed() < lastMoment && agents.some((agent) => agent.outcome() === undefined)) {
    await stage.clock.advance(10_000)
  }
}

/** Everything is decided, and of what was used it is said what became of it. */
function checkSettled(ledger: Ledger): void {
  for (const { request } of ledger.approvals()) {
    const { metadata, status } = request
    const executed = status?.conditions?.find(({ type }) => type === 'Executed')?.reason
    const used = (status?.grant?.claims.length ?? 0) > 0
    if (status?.decision === undefined) ledger.report('Stuck', `${metadata.name} is never decided`)
    if (used && (executed === undefined || executed === 'Released'))
      ledger.report('Stuck', `${metadata.name} is never settled`)
  }
}

function isForged({ status }: ApprovalRequest): boolean {
  return status?.record?.signature === forgedSignature
}
