import { textAt } from '../../src/domain/json.ts'
import type { Admin } from './admin.ts'

const agentNamespace = 'agents'
const agentName = 'bot'

const agentUsername = `system:serviceaccount:${agentNamespace}:${agentName}`

const configuration = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

/** Makes the agent's namespace and account and binds it to cluster-admin. */
export async function makeAgent(admin: Admin): Promise<void> {
  await admin.must('POST', '/api/v1/namespaces', { body: { metadata: { name: agentNamespace } } })
  await admin.must('POST', `/api/v1/namespaces/${agentNamespace}/serviceaccounts`, {
    body: { metadata: { name: agentName } },
  })
  await admin.must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    body: {
      metadata: { name: 'recorded-agent' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: agentName, namespace: agentNamespace }],
    },
  })
}

/** A one-hour token of the agent's account, by TokenRequest. */
export async function agentToken(admin: Admin): Promise<string> {
  const path = `/api/v1/namespaces/${agentNamespace}/serviceaccounts/${agentName}/token`
  const answer = await admin.must('POST', path, { body: { spec: { expirationSeconds: 3600 } } })
  const token = textAt(answer, 'status', 'token')
  if (token === undefined) throw new Error('the API server gave no token')
  return token
}

/** Registers the webhook for everything that the agent does, but for what the product leaves out too. */
export async function registerWebhook(admin: Admin, url: string, ca: string): Promise<void> {
  await admin.must('POST', configuration, {
    body: {
      metadata: { name: 'countersign' },
      webhooks: [
        {
          name: 'human-approval.countersign.dev',
          clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
          rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'], scope: '*' }],
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          sideEffects: 'NoneOnDryRun',
          timeoutSeconds: 30,
          admissionReviewVersions: ['v1'],
          matchConditions: [
            { name: 'agent', expression: `request.userInfo.username == '${agentUsername}'` },
            { name: 'not-events', expression: `request.resource.resource != 'events'` },
            { name: 'not-leases', expression: `request.resource.group != 'coordination.k8s.io'` },
            {
              name: 'not-reviews',
              expression: `!(request.resource.group in ['authentication.k8s.io', 'authorization.k8s.io'])`,
            },
          ],
        },
      ],
    },
  })
}
