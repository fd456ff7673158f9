import { firstRefusal } from '../domain/check.ts'
import { contentOf, isEmptyUpdate } from '../domain/content.ts'
import { rule } from '../domain/policy.ts'
import type { Ruling } from '../domain/policy.ts'
import { impersonatedAgent, policyDenied, policyError } from '../domain/refused-message.ts'
import { warnPolicy } from '../domain/warning.ts'
import type { AdmitPorts, KnownAgent } from './admit-ports.ts'
import { allow, allowed, refuseAtOnce } from './answer.ts'
import type { Answer } from './answer.ts'
import { ask } from './ask.ts'
import { deedOf } from './gated-call.ts'
import type { Call, GatedCall } from './gated-call.ts'
import { preview } from './preview.ts'
import { isImpersonated, refuseFirst } from './refuse-first.ts'

const staleSeconds = 1

/**
 * Answers one call of an agent. No promise, no I/O and no log where nothing gates it. What arrives is taken for an agent:
 * the API server sends us nobody else, and whoever memory does not know is no exception.
 */
export function admit(ports: AdmitPorts, call: Call): Answer | Promise<Answer> {
  const { memory, settings } = ports
  if (memory.staleMs() > settings.staleMs) return { kind: 'Unavailable', afterSeconds: staleSeconds }
  const agent = memory.agent(call.action.agent.username, call.caller)
  if (isImpersonated(call) && !call.dryRun) return refuseAtOnce(impersonatedAgent(agent.name))
  const ruling = rule(memory.policies(), call.action, memory.circumstances(call.action))
  if (ruling.effect === 'Pass')
    return allow(
      allowed,
      ruling.warnedBy.map(({ name }) => warnPolicy(name)),
    )
  return judged(ports, { call, agent, ruling })
}

type Concerned = {
  readonly call: Call
  readonly agent: KnownAgent
  readonly ruling: Exclude<Ruling, { effect: 'Pass' }>
}

function judged(ports: AdmitPorts, { call, agent, ruling }: Concerned): Answer | Promise<Answer> {
  const content = contentOf(call.action, ports.now())
  if (isEmptyUpdate(content)) return allow(allowed)
  const deed = deedOf(call.action, content, ruling.policies)
  if (ruling.effect === 'Deny') {
    const { snapshot, fault } = ruling.by
    const cited = { ...deed, policy: snapshot.name }
    return refuseAtOnce(fault === undefined ? policyDenied(cited, snapshot.message) : policyError(cited, fault))
  }
  const epoch = ports.memory.epoch(call.action.agent.username, call.caller)
  const gated: GatedCall = { call, agent, content, deed, demand: ruling.demand, policies: ruling.policies, epoch }
  const refusal = firstRefusal(refuseFirst, { ports, gated })
  if (call.dryRun) return preview(gated, refusal)
  return refusal === undefined ? ask(ports, gated) : refuseAtOnce(refusal)
}
