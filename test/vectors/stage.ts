import { readFile } from 'node:fs/promises'
import { startControlPlane } from '../../cluster/control-plane.ts'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import { textAt } from '../../src/domain/json.ts'
import { localhostCertificate, localhostKey } from '../fake/localhost-cert.ts'
import { until } from '../until.ts'
import { makeAdmin } from './admin.ts'
import type { Admin } from './admin.ts'
import { agentToken, makeAgent, registerWebhook } from './gate.ts'
import { shop } from './paths.ts'
import { startRecorder } from './recorder.ts'
import type { Recorder } from './recorder.ts'
import type { Toolbox } from './run-command.ts'
import { rememberState } from './state.ts'
import type { ClusterState } from './state.ts'

/**
 * Starts the control plane that scenarios need: without the controller that taints nodes whose kubelet is silent, since
 * no node has one and the taints would come at any time.
 */
export function startRecordingPlane(env: Readonly<Record<string, string | undefined>>): Promise<ControlPlane> {
  return startControlPlane({ env, flags: { controllerManager: ['--controllers=*,-node-lifecycle-controller'] } })
}

/** Everything a scenario runs in. */
export type Stage = {
  readonly admin: Admin
  readonly recorder: Recorder
  readonly tools: Toolbox
  readonly state: ClusterState
  readonly kubernetes: string
  readonly clusterUid: string
  close(): Promise<void>
}

/** Makes the agent, the namespace and the recording webhook, and waits until the API server really calls it. */
export async function setStage(plane: ControlPlane): Promise<Stage> {
  const ca = await readFile(plane.caFile, 'utf8')
  const { token } = plane.user('admin')
  const admin = makeAdmin({ server: plane.url, token, ca })
  const recorder = await startRecorder({ key: localhostKey, cert: localhostCertificate })
  const close = async (): Promise<void> => {
    admin.close()
    await recorder.close()
  }
  try {
    await makeAgent(admin)
    await makeShop(admin)
    await registerWebhook(admin, recorder.url, localhostCertificate)
    await called(makeAdmin({ server: plane.url, token: await agentToken(admin), ca }), recorder)
    const version = await admin.must('GET', '/version')
    const system = await admin.must('GET', '/api/v1/namespaces/kube-system')
    return {
      admin,
      recorder,
      tools: await toolsOf(plane, admin),
      state: await rememberState(admin),
      kubernetes: textAt(version, 'gitVersion') ?? '',
      clusterUid: textAt(system, 'metadata', 'uid') ?? '',
      close,
    }
  } catch (problem) {
    await close()
    throw problem
  }
}

// Pods are refused until the namespace has its default account.
async function makeShop(admin: Admin): Promise<void> {
  await admin.must('POST', '/api/v1/namespaces', { body: { metadata: { name: shop } } })
  await until(
    'the namespace has its account',
    async () => {
      const account = await admin.call('GET', `/api/v1/namespaces/${shop}/serviceaccounts/default`)
      const roots = await admin.call('GET', `/api/v1/namespaces/${shop}/configmaps/kube-root-ca.crt`)
      return account.code === 200 && roots.code === 200
    },
    15_000,
  )
}

// A configuration takes effect some time after its creation.
async function called(asAgent: Admin, recorder: Recorder): Promise<void> {
  let reviews = 0
  recorder.judgeBy(() => {
    reviews += 1
    return Promise.resolve({ verdict: 'Allow' })
  })
  await until(
    'the webhook is called',
    async () => {
      const probe = { body: { metadata: { name: 'probe' } } }
      await asAgent.call('POST', `/api/v1/namespaces/${shop}/configmaps?dryRun=All`, probe)
      return reviews > 0
    },
    15_000,
  )
  recorder.judgeBy(undefined)
  asAgent.close()
}

async function toolsOf(plane: ControlPlane, admin: Admin): Promise<Toolbox> {
  const login = async (): Promise<string> =>
    plane.kubeconfig({ name: 'agent', token: await agentToken(admin), namespace: shop })
  let kubeconfig = await login()
  return {
    plane,
    kubeconfig: () => kubeconfig,
    async renew() {
      kubeconfig = await login()
    },
  }
}
