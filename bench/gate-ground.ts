import { readFile } from 'node:fs/promises'
import { startControlPlane } from '../cluster/control-plane.ts'
import { choosePort } from '../cluster/port.ts'
import { startCountersign } from '../demo/countersign.ts'
import type { Countersign } from '../demo/countersign.ts'
import { prepareScene } from '../demo/scene.ts'
import type { Scene } from '../demo/scene.ts'
import { heard } from '../test/e2e/gate-probe.ts'
import { gated } from '../test/e2e/gate-stage.ts'
import { makeHttpClient } from './http-client.ts'
import type { HttpClient } from './http-client.ts'
import { benchLabel, policies } from './policies.ts'

/** Countersign on a real control plane, webhook and operator in processes of their own, 50 policies, and an agent. */
export type Ground = {
  readonly scene: Scene
  readonly webhook: Countersign
  readonly operator: Countersign
  /** PEM of who signed the webhook's certificate. */
  readonly webhookCA: () => Promise<string>
  readonly token: (account: Account) => Promise<string>
  /** Speaks to the API server. */
  readonly client: (token: string, sockets?: number) => Promise<HttpClient>
}

export type Account = { readonly namespace: string; readonly name: string }

/** The agent, and an account that is none. */
export const agent: Account = { namespace: 'agents', name: 'bot' }
export const robot: Account = { namespace: 'agents', name: 'robot' }

/** Nothing in it waits, although policies are about its resources. */
export const openNamespace = 'bench-open'
/** Config maps and deployments in it wait for a person. */
export const gatedNamespace = 'bench-gated'

const policyCount = 50
/** Those that come with the scene. */
const sceneCount = 3

export type WebhookConfig = Readonly<Record<string, number>>

/** Sets it up, hands it over, and takes everything down when `use` has ended, however it did. */
export async function onGround<T>(webhookConfig: WebhookConfig, use: (ground: Ground) => Promise<T>): Promise<T> {
  const plane = await startControlPlane({ env: process.env })
  const started: Countersign[] = []
  try {
    const scene = await prepareScene(plane)
    const namespace = (name: string, labels: object): object => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    })
    await scene.apply(
      namespace(openNamespace, { [benchLabel]: 'open' }),
      namespace(gatedNamespace, { [benchLabel]: 'gated' }),
      ...policies(policyCount - sceneCount),
    )
    const made = (process: Countersign): Countersign => {
      started.push(process)
      return process
    }
    return await use(await start(scene, webhookConfig, made))
  } finally {
    await Promise.all(started.map((one) => one.stop()))
    await plane.stop()
  }
}

async function start(
  scene: Scene,
  webhookConfig: WebhookConfig,
  made: (process: Countersign) => Countersign,
): Promise<Ground> {
  const { plane } = scene
  const port = await choosePort()
  const url = `https://127.0.0.1:${port}`
  const config = { webhook: webhookConfig, operator: { propagationSeconds: 0.5 } }
  const common = { url, config }
  const operator = made(
    await startCountersign(plane, { ...common, name: 'operator', components: ['operator'], awaitReady: false }),
  )
  const webhook = made(await startCountersign(plane, { ...common, name: 'webhook', components: ['webhook'], port }))
  await gated(scene)
  await heard(scene, ['create', 'configmap', 'probe', '-n', gatedNamespace], 'DRY RUN')
  return {
    scene,
    webhook,
    operator,
    webhookCA: async () => {
      const configuration = await scene.admin(['get', 'validatingwebhookconfiguration', 'countersign', '-o', 'json'])
      return Buffer.from(JSON.parse(configuration).webhooks[0].clientConfig.caBundle, 'base64').toString()
    },
    token: async ({ namespace, name }) =>
      (await scene.admin(['create', 'token', '-n', namespace, name, '--duration=8h'])).trim(),
    client: async (token, sockets = 1) =>
      makeHttpClient({ url: plane.url, ca: await readFile(plane.caFile, 'utf8'), token, sockets }),
  }
}

/** An account that may do everything, as the agent may, and is no agent. */
export async function makeAccount({ scene }: Ground, account: Account): Promise<Account> {
  await scene.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: account.name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  )
  return account
}
