import { plain } from '../objects.ts'
import { kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']
const registration = 'admissionregistration.k8s.io/v1'

const rule = { apiGroups: ['shop.example'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['widgets'] }

/** What never reaches any webhook (webhook configurations, admission policies) or is left out by the registration. */
export const exemptScenarios: readonly Scenario[] = [
  {
    name: 'exempt-validatingwebhookconfiguration',
    commands: [
      kubectl(
        create,
        plain(registration, 'ValidatingWebhookConfiguration', { metadata: { name: 'mine' }, webhooks: [] }),
      ),
      kubectl(['delete', 'validatingwebhookconfiguration', 'mine']),
    ],
    groups: [],
  },
  {
    name: 'exempt-mutatingwebhookconfiguration',
    commands: [
      kubectl(
        create,
        plain(registration, 'MutatingWebhookConfiguration', { metadata: { name: 'mine' }, webhooks: [] }),
      ),
    ],
    groups: [],
  },
  {
    name: 'exempt-validatingadmissionpolicy',
    commands: [
      kubectl(
        create,
        plain(registration, 'ValidatingAdmissionPolicy', {
          metadata: { name: 'mine' },
          spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] },
        }),
      ),
      kubectl(
        create,
        plain(registration, 'ValidatingAdmissionPolicyBinding', {
          metadata: { name: 'mine' },
          spec: { policyName: 'mine', validationActions: ['Deny'] },
        }),
      ),
    ],
    groups: [],
  },
  {
    name: 'exempt-event',
    commands: [
      kubectl(
        create,
        plain('v1', 'Event', {
          metadata: { name: 'note' },
          involvedObject: { kind: 'Pod', name: 'web', namespace: 'shop' },
          reason: 'Note',
          message: 'hello',
          type: 'Normal',
        }),
      ),
    ],
    groups: [],
  },
  {
    name: 'exempt-lease',
    commands: [
      kubectl(
        create,
        plain('coordination.k8s.io/v1', 'Lease', { metadata: { name: 'mine' }, spec: { holderIdentity: 'me' } }),
      ),
    ],
    groups: [],
  },
  {
    name: 'exempt-self-subject-review',
    commands: [kubectl(['auth', 'whoami']), kubectl(['auth', 'can-i', '--list'])],
    groups: [],
  },
]
