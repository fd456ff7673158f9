import { worksOnParent } from '../domain/action.ts'
import { newAgent, tooFast } from '../domain/pending-message.ts'
import type { AdmitPorts } from './admit-ports.ts'
import { refuseAtOnce } from './answer.ts'
import type { Answer } from './answer.ts'
import { callerOf, identified } from './gated-call.ts'
import type { GatedCall, IdentifiedCall } from './gated-call.ts'
import { timeLeft } from './last-look.ts'
import { pursue } from './pursue.ts'

/** Asks people, or finds what they have answered. Before any I/O: not for an agent that calls too fast or is not known. */
export async function ask(ports: AdmitPorts, gated: GatedCall): Promise<Answer> {
  if (!ports.mayCall(gated.agent.label)) return slowDown(gated)
  if (isUnknown(gated)) return notKnownYet(gated)
  const until = ports.within(timeLeft(ports, gated), gated.call.gone)
  const { action } = gated.call
  const parentUID = worksOnParent(action) ? await ports.targets.liveUID(action, until) : undefined
  return pursue(ports, await named(ports, gated, { parentUID, until }))
}

const fastSeconds = 5

function slowDown({ deed }: GatedCall): Answer {
  const message = tooFast(deed, fastSeconds)
  return { kind: 'AskAgain', afterSeconds: fastSeconds, message, annotations: { decision: 'Gated' } }
}

/**
 * Whom it belongs to stands in its identity, which the operator makes a moment after the agent itself: until then nobody
 * could be kept from approving what is his own.
 */
function isUnknown({ agent, demand }: GatedCall): boolean {
  return agent.identity === undefined && (demand.requirements.separation ?? []).length > 0
}

const newSeconds = 2

function notKnownYet(gated: GatedCall): Answer {
  const refusal = newAgent(gated.deed, gated.agent.name, newSeconds)
  if (callerOf(gated, true) !== 'HoldsAndRetries') return refuseAtOnce(refusal)
  const annotations = { decision: 'Gated' }
  return { kind: 'AskAgain', afterSeconds: newSeconds, message: refusal.message, annotations }
}

/** While keys change, an action may be known by the digest that a former key gave it. */
async function named(
  ports: AdmitPorts,
  gated: GatedCall,
  facts: Pick<IdentifiedCall, 'until'> & { readonly parentUID: string | undefined },
): Promise<IdentifiedCall> {
  const [current, ...former] = ports.digestContexts()
  for (const context of former) {
    const call = identified(gated, { ...facts, context })
    const known =
      ports.memory.newest(call.digest) ?? (await ports.requests.latest({ digest: call.digest }, facts.until))
    if (known !== undefined) return call
  }
  return identified(gated, { ...facts, context: current })
}
