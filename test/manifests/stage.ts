import { startControlPlane } from '../../cluster/control-plane.ts'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import type { User } from '../../cluster/user.ts'
import { makeApiClient } from '../crds/api-client.ts'
import type { ApiClient } from '../crds/api-client.ts'

export const install = 'manifests/install.yaml'
export const records = 'countersign-system'

/** Who a client is: somebody with a fixed token, such as admin, or a service account as namespace/name. */
export type Who = string

/** A real control plane, and clients that are anybody on it. */
export type Stage = {
  readonly plane: ControlPlane
  readonly admin: ApiClient
  /** Logs in when first asked for; service accounts get their token by TokenRequest. */
  readonly as: (who: Who) => Promise<ApiClient>
  readonly stop: () => Promise<void>
}

export type StageOptions = { readonly users?: readonly User[]; readonly controllerManager?: boolean }

export async function startStage(env: NodeJS.ProcessEnv, options: StageOptions = {}): Promise<Stage> {
  const plane = await startControlPlane({ controllerManager: false, ...options, env })
  const { url, caFile } = plane
  const clients = new Map<Who, Promise<ApiClient>>()
  const admin = await makeApiClient({ url, caFile, token: plane.user('admin').token })
  const login = async (who: Who): Promise<ApiClient> =>
    makeApiClient({ url, caFile, token: who.includes('/') ? await tokenOf(admin, who) : plane.user(who).token })
  return {
    plane,
    admin,
    as: (who) => {
      const client = clients.get(who) ?? login(who)
      clients.set(who, client)
      return client
    },
    stop: async () => {
      const all = [admin, ...(await Promise.all(clients.values()))]
      await Promise.all(all.map((client) => client.close()))
      await plane.stop()
    },
  }
}

/** A control plane with our manifest applied and all kinds served. */
export async function startInstalled(env: NodeJS.ProcessEnv, options: StageOptions = {}): Promise<Stage> {
  const stage = await startStage(env, options)
  try {
    await kubectl(stage.plane, ['apply', '--server-side', '-f', install])
    await kubectl(stage.plane, ['wait', 'crd', '--all', '--for=condition=Established', '--timeout=30s'])
    return stage
  } catch (error) {
    await stage.stop()
    throw error
  }
}

async function tokenOf(admin: ApiClient, who: Who): Promise<string> {
  const [namespace, name] = who.split('/')
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } }
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
  return String(Object(await admin.must({ method: 'POST', path, body })).status.token)
}

/** Standard output of a kubectl that must succeed. */
export async function kubectl(plane: ControlPlane, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args, { input })
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** Lets everybody do everything, so that nothing but the policies stands in the way. */
export async function bindEverybody({ admin }: Stage): Promise<void> {
  const body = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'everybody' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:authenticated' }],
  }
  await admin.must({ method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', body })
}

/** Makes service accounts, given as namespace/name, and the namespaces that they need. */
export async function makeAccounts({ admin }: Stage, accounts: readonly Who[]): Promise<void> {
  for (const namespace of new Set(accounts.map((account) => account.split('/')[0]))) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
    await admin.must({ method: 'POST', path: '/api/v1/namespaces', body })
  }
  for (const account of accounts) {
    const [namespace, name] = account.split('/')
    const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }
    await admin.must({ method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body })
  }
}
