import { groupResource } from '../domain/action.ts'
import type { Refusal } from '../domain/check.ts'
import { dryRunNotPossible } from '../domain/refused-message.ts'
import { warnDryRun, warnDryRunRefused } from '../domain/warning.ts'
import { allow, refuseAtOnce } from './answer.ts'
import type { Annotations, Answer } from './answer.ts'
import { groupsText } from './gated-call.ts'
import type { GatedCall } from './gated-call.ts'

const previewed: Annotations = { decision: 'Preview' }

/**
 * A dry run writes nothing and asks nobody: it is let through with a warning that says what the real command would meet.
 * A token is minted even by a dry run, so it has no preview. Servers of other APIs may ignore that it is one; which kinds
 * they serve is not known here.
 */
export function preview(gated: GatedCall, refusal: Refusal | undefined): Answer {
  const { resource } = gated.call.action
  const hasEffect = groupResource(resource) === 'serviceaccounts' && resource.subresource === 'token'
  if (hasEffect) return refuseAtOnce(dryRunNotPossible(gated.deed.action))
  if (refusal !== undefined) {
    const { reason } = refusal
    return allow({ ...previewed, reason }, [warnDryRunRefused(reason, gated.deed.policy)])
  }
  const approvals = gated.demand.requirements.stages.reduce((sum, { quorum }) => sum + quorum, 0)
  return allow(previewed, [warnDryRun({ approvals, groups: groupsText(gated), policy: gated.deed.policy })])
}
