import { policyStatus } from '../app/keep-policies.ts'
import { preparePolicy } from '../app/prepare-policy.ts'
import type { ApprovalPolicy } from '../domain/kinds.ts'
import { approvalPolicies } from '../kubernetes/kinds.ts'
import { doEach } from './do-each.ts'
import type { Keep, KeeperPorts } from './keeper.ts'

/** Says of each policy whether it can be evaluated, and whether the groups that it names exist. */
export function makePoliciesKeep({ around, watches, bell }: KeeperPorts): Keep {
  async function keepOne(policy: ApprovalPolicy, signal: AbortSignal): Promise<void> {
    const { name, uid } = policy.metadata
    const sight = { prepare: preparePolicy, isGroup: watches.isGroup, now: around.now() }
    const status = policyStatus(policy, sight)
    if (status === undefined) return
    const operations = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'add', path: '/status', value: status },
    ] as const
    const stored = await around.objects.patch(approvalPolicies, { name, subresource: 'status', operations }, { signal })
    bell.ring(`policies/${name}`, stored === 'Invalid' ? [{ alarm: 'PolicyStatusRefused', policy: name }] : [])
  }

  return async (signal) => {
    await doEach(watches.policies(), (policy) => keepOne(policy, signal))
    return undefined
  }
}
