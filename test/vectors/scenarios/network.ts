import { plain, workload } from '../objects.ts'
import { kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']
const ingress = plain('networking.k8s.io/v1', 'Ingress', {
  metadata: { name: 'web' },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
})
const networkPolicy = plain('networking.k8s.io/v1', 'NetworkPolicy', {
  metadata: { name: 'quiet' },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
})
const budget = plain('policy/v1', 'PodDisruptionBudget', {
  metadata: { name: 'web' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
})
const autoscaler = plain('autoscaling/v2', 'HorizontalPodAutoscaler', {
  metadata: { name: 'web' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 3 },
})

const slice = plain('discovery.k8s.io/v1', 'EndpointSlice', {
  metadata: { generateName: 'hand-' },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.0.2.1'] }],
  ports: [{ port: 80 }],
})

/** Ingress, NetworkPolicy, PodDisruptionBudget, HorizontalPodAutoscaler, EndpointSlice. */
export const networkScenarios: readonly Scenario[] = [
  { name: 'endpointslice-create-generate-name', commands: [kubectl(create, slice)], groups: [2] },
  {
    name: 'ingress-create-generator',
    commands: [kubectl(['create', 'ingress', 'web', '--rule=web.example/*=web:80'])],
    groups: [2],
  },
  { name: 'ingress-create', commands: [kubectl(create, ingress)], groups: [2] },
  {
    name: 'ingress-patch',
    given: [ingress],
    commands: [
      kubectl([
        'patch',
        'ingress',
        'web',
        '--type=merge',
        '-p',
        '{"spec":{"defaultBackend":{"service":{"name":"other"}}}}',
      ]),
    ],
    groups: [2],
  },
  { name: 'ingress-delete', given: [ingress], commands: [kubectl(['delete', 'ingress', 'web'])], groups: [2] },
  { name: 'networkpolicy-create', commands: [kubectl(create, networkPolicy)], groups: [2] },
  {
    name: 'networkpolicy-patch',
    given: [networkPolicy],
    commands: [kubectl(['patch', 'networkpolicy', 'quiet', '-p', '{"spec":{"ingress":[{}]}}'])],
    groups: [2],
  },
  {
    name: 'networkpolicy-delete',
    given: [networkPolicy],
    commands: [kubectl(['delete', 'networkpolicy', 'quiet'])],
    groups: [2],
  },
  {
    name: 'poddisruptionbudget-create',
    commands: [kubectl(['create', 'pdb', 'web', '--selector=app=web', '--min-available=50%'])],
    groups: [2],
  },
  {
    name: 'poddisruptionbudget-patch',
    given: [budget],
    commands: [kubectl(['patch', 'pdb', 'web', '-p', '{"spec":{"minAvailable":0}}'])],
    groups: [2],
  },
  {
    name: 'poddisruptionbudget-delete',
    given: [budget],
    commands: [kubectl(['delete', 'pdb', 'web'])],
    groups: [2],
  },
  { name: 'horizontalpodautoscaler-create', commands: [kubectl(create, autoscaler)], groups: [2] },
  {
    name: 'horizontalpodautoscaler-create-v1',
    // Another version of the same kind: the review comes in the version that was asked for.
    commands: [
      kubectl(create, {
        ...autoscaler,
        apiVersion: 'autoscaling/v1',
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          maxReplicas: 3,
          targetCPUUtilizationPercentage: 80,
        },
      }),
    ],
    groups: [2],
  },
  {
    name: 'horizontalpodautoscaler-patch',
    given: [workload('Deployment', {}, { replicas: 0 }), autoscaler],
    commands: [kubectl(['patch', 'hpa', 'web', '-p', '{"spec":{"maxReplicas":30}}'])],
    groups: [2],
  },
  {
    name: 'horizontalpodautoscaler-delete',
    given: [autoscaler],
    commands: [kubectl(['delete', 'hpa', 'web'])],
    groups: [2],
  },
]
