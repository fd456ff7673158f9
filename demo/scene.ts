import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { CommandOptions, CommandResult } from '../cluster/command.ts'
import type { ControlPlane } from '../cluster/control-plane.ts'

/** A cluster in which there is something to do for an agent, and somebody to ask. */
export type Scene = {
  readonly plane: ControlPlane
  /** The unmodified kubectl, as the agent `agents/bot`. */
  readonly agent: (args: readonly string[], options?: AgentOptions) => Promise<CommandResult>
  readonly agentKubeconfig: string
  /** kubectl as the administrator; rejects when it fails. */
  readonly admin: (args: readonly string[], input?: string) => Promise<string>
  /** Everything of `apply -f`, as the administrator. */
  readonly apply: (...objects: readonly object[]) => Promise<void>
}

type AgentOptions = Pick<CommandOptions, 'input' | 'timeoutMs' | 'signal'>

const manifests = path.join(import.meta.dirname, '../manifests')

/** Installs the first start's objects, people, an agent with its rights, and a workload in production. */
export async function prepareScene(plane: ControlPlane): Promise<Scene> {
  const admin = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await plane.kubectl(args, { input })
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const apply = async (...objects: readonly object[]): Promise<void> => {
    const list = { apiVersion: 'v1', kind: 'List', items: objects }
    await admin(['apply', '--server-side', '-f', '-'], JSON.stringify(list))
  }
  await admin(['apply', '--server-side', '-f', path.join(manifests, 'install.yaml')])
  await admin(['wait', 'crd', '--all', '--for=condition=Established', '--timeout=30s'])
  await admin(
    ['apply', '--server-side', '-f', '-'],
    await readFile(path.join(import.meta.dirname, 'scene.yaml'), 'utf8'),
  )
  const agentKubeconfig = await tokenKubeconfig(plane, admin, { namespace: 'agents', name: 'bot' })
  return {
    plane,
    admin,
    apply,
    agentKubeconfig,
    agent: (args, options = {}) => plane.kubectl(args, { timeoutMs: 180_000, ...options, kubeconfig: agentKubeconfig }),
  }
}

/** A kubeconfig with a token of the account, for namespace prod. */
export async function tokenKubeconfig(
  plane: ControlPlane,
  admin: Scene['admin'],
  account: { readonly namespace: string; readonly name: string },
): Promise<string> {
  const token = await admin(['create', 'token', '-n', account.namespace, account.name, '--duration=8h'])
  return plane.kubeconfig({ name: account.name, token: token.trim(), namespace: 'prod' })
}
