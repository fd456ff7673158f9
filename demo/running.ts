import { deployment } from './objects.ts'
import type { Scene } from './scene.ts'

const readyStatus = JSON.stringify({ status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } })

/**
 * A Deployment of three pods that serve, with a Service and a PodDisruptionBudget before them. There is no node, so the
 * administrator says in its place that the pods run.
 */
export async function applyServing({ admin, apply }: Scene, app: string): Promise<void> {
  const metadata = { name: app, namespace: 'prod' }
  await apply(
    deployment(app, { replicas: 3 }),
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app }, ports: [{ port: 80 }] } },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: 2, selector: { matchLabels: { app } } },
    },
  )
  const inProd = ['-n', 'prod'] as const
  const has = (what: string): readonly string[] => [
    'wait',
    `deployment/${app}`,
    ...inProd,
    `--for=jsonpath={.status.${what}}=3`,
    '--timeout=30s',
  ]
  await admin(has('replicas'))
  const pods = (await admin(['get', 'pods', ...inProd, '-l', `app=${app}`, '-o', 'name'])).trim().split('\n')
  await Promise.all(
    pods.map((pod) => admin(['patch', pod, ...inProd, '--subresource=status', '--type=merge', '-p', readyStatus])),
  )
  await admin(has('readyReplicas'))
}
