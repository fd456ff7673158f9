import { createHash } from 'node:crypto'
import { canonical } from '../domain/canonical.ts'
import { celText } from '../domain/cel-text.ts'
import { inert, shortened } from '../domain/inert.ts'
import type { ApprovalPolicy, ApprovalPolicySpec, LabelSelector, PolicySnapshot } from '../domain/kinds.ts'
import { readMaskPath } from '../domain/mask-path.ts'
import type { Policy } from '../domain/policy.ts'
import { present } from '../domain/present.ts'
import { selectorFault } from '../domain/selector-fault.ts'

/**
 * Makes a policy one that can be judged by, or says what is wrong with it: the path of each field and why, as one text.
 * Webhook and operator go by this one judgement. A selector that cannot be evaluated is left out of what is judged by, so
 * that the broken policy denies everything that it may have been meant for. How many people there are is no fault of a
 * policy: groups change without it.
 */
export function preparePolicy({ metadata, spec }: ApprovalPolicy): Policy {
  const faults = [...unsupported(spec), ...badPaths(spec), ...badSelectors(spec)]
  const snapshot: PolicySnapshot = present({
    name: metadata.name,
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 1,
    hash: `sha256:${createHash('sha256').update(canonical(spec)).digest('hex')}`,
    message: messageOf(spec),
  })
  if (faults.length === 0) return { snapshot, spec, fault: undefined }
  return { snapshot, spec: withoutBadSelectors(spec), fault: faults.join('; ') }
}

const longestMessage = 1024

function messageOf({ messageExpression = '' }: ApprovalPolicySpec): string | undefined {
  const text = celText(messageExpression)
  return text === undefined || text === '' ? undefined : shortened(inert(text).text, longestMessage)
}

const unsupportedMessage = 'spec.messageExpression: CEL is not supported yet, but for one text in quotes'

/** Nothing of it is ignored: what is asked for and cannot be done yet must not look as if it were. */
function unsupported({ matchConditions = [], messageExpression = "''", masking = {} }: ApprovalPolicySpec): string[] {
  const faults = [
    { found: matchConditions.length > 0, fault: 'spec.matchConditions: CEL is not supported yet' },
    { found: celText(messageExpression || "''") === undefined, fault: unsupportedMessage },
    {
      found: (masking.patterns ?? []).length > 0,
      fault: 'spec.masking.patterns: patterns are not supported yet',
    },
  ]
  return faults.filter(({ found }) => found).map(({ fault }) => fault)
}

function badPaths({ masking = {} }: ApprovalPolicySpec): readonly string[] {
  return (masking.paths ?? []).flatMap((text, index) =>
    readMaskPath(text) === undefined ? [`spec.masking.paths[${index}]: ${JSON.stringify(text)} is no path`] : [],
  )
}

function badSelectors({ agents = {}, matchConstraints }: ApprovalPolicySpec): readonly string[] {
  const faults = [
    selectorFault(agents.namespaceSelector, 'spec.agents.namespaceSelector'),
    selectorFault(agents.serviceAccountSelector, 'spec.agents.serviceAccountSelector'),
    selectorFault(matchConstraints.namespaceSelector, 'spec.matchConstraints.namespaceSelector'),
    selectorFault(matchConstraints.objectSelector, 'spec.matchConstraints.objectSelector'),
  ]
  return faults.filter((fault) => fault !== undefined)
}

function withoutBadSelectors(spec: ApprovalPolicySpec): ApprovalPolicySpec {
  const { agents = {}, matchConstraints } = spec
  return {
    ...spec,
    agents: present({
      ...agents,
      namespaceSelector: sound(agents.namespaceSelector),
      serviceAccountSelector: sound(agents.serviceAccountSelector),
    }),
    matchConstraints: present({
      ...matchConstraints,
      namespaceSelector: sound(matchConstraints.namespaceSelector),
      objectSelector: sound(matchConstraints.objectSelector),
    }),
  }
}

function sound(selector: LabelSelector | undefined): LabelSelector | undefined {
  return selectorFault(selector, '') === undefined ? selector : undefined
}
