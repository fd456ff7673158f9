import { startControlPlane } from '../../cluster/control-plane.ts'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import { makeApiClient } from './api-client.ts'
import type { ApiClient } from './api-client.ts'
import { until } from '../until.ts'

export type Stage = { readonly plane: ControlPlane; readonly api: ApiClient; readonly stop: () => Promise<void> }

const group = '/openapi/v3/apis/countersign.dev/v1alpha1'

/** A real control plane on which our custom resources are served and known to kubectl explain. */
export async function startWithCrds(env: NodeJS.ProcessEnv): Promise<Stage> {
  const plane = await startControlPlane({ env, controllerManager: false })
  const api = await makeApiClient({ ...plane, token: plane.user('admin').token })
  const stop = async (): Promise<void> => {
    await api.close()
    await plane.stop()
  }
  try {
    await kubectl(plane, ['apply', '-f', 'crds'])
    await kubectl(plane, ['wait', 'crd', '--all', '--for=condition=Established', '--timeout=30s'])
    await until(
      'all kinds are described',
      async () => described(await api.send({ method: 'GET', path: group })),
      30_000,
    )
    await kubectl(plane, ['create', 'namespace', 'countersign-system'])
    return { plane, api, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const kinds = ['ApprovalRequest', 'ApprovalVote', 'ApprovalPolicy', 'ApproverGroup', 'ApprovalChannel', 'AgentIdentity']

function described({ code, body }: { readonly code: number; readonly body: unknown }): boolean {
  const text = JSON.stringify(body)
  return code === 200 && kinds.every((kind) => text.includes(`dev.countersign.v1alpha1.${kind}"`))
}

/** Standard output of a kubectl that must succeed. */
export async function kubectl(plane: ControlPlane, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args, { input })
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
  return stdout
}
