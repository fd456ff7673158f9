import type { ControlPlane } from '../cluster/control-plane.ts'
import { choosePort } from '../cluster/port.ts'
import { startCountersign } from './countersign.ts'
import type { Countersign } from './countersign.ts'
import type { ChatPage } from './playground/browser.ts'
import { applyTeams } from './playground/objects.ts'
import { PlaygroundError } from './playground/playground.ts'
import { installBot, startTeams } from './playground/teams.ts'
import type { Teams } from './playground/teams.ts'
import { prepareScene } from './scene.ts'
import type { Scene } from './scene.ts'

/** Everything that a step works with. */
export type Stage = {
  readonly scene: Scene
  readonly countersign: Countersign
  /** Or why there is none: what needs no Teams goes on without. */
  readonly teams: Teams | PlaygroundError
  /** The Playground's page, opened when it is first asked for; rejects when there is no browser. */
  readonly page: () => Promise<ChatPage>
}

/** One act of the demonstration. `run` resolves with what was seen, in a few words, and rejects when it went wrong. */
export type Step = { readonly name: string; readonly run: (stage: Stage) => Promise<string> }

type Ports = {
  readonly plane: ControlPlane
  readonly env: Readonly<Record<string, string | undefined>>
  readonly report: (progress: { readonly step: string }) => void
}

/** Installs and starts all of it; resolves when the agent is gated and its requests come into Teams. */
export async function setTheStage(ports: Ports): Promise<Omit<Stage, 'page'>> {
  const { plane, env, report } = ports
  report({ step: 'installing Countersign, and fetching a Teams client' })
  const gatewayPort = await choosePort()
  const starting = startTeams({ folder: plane.folder, gatewayPort, env }).catch(ifUnavailable)
  try {
    const scene = await prepareScene(plane)
    const teams = await starting
    return { scene, teams, countersign: await startAll(ports, scene, teams) }
  } catch (error) {
    const teams = await starting
    if (!(teams instanceof PlaygroundError)) await teams.stop()
    throw error
  }
}

async function startAll({ plane, report }: Ports, scene: Scene, teams: Stage['teams']): Promise<Countersign> {
  const hasTeams = !(teams instanceof PlaygroundError)
  if (hasTeams) await applyTeams(scene)
  report({ step: 'starting Countersign' })
  const countersign = await startCountersign(plane, {
    components: hasTeams ? ['webhook', 'operator', 'gateway'] : ['webhook', 'operator'],
    config: { ...config, ...(hasTeams ? teams.config : {}) },
  })
  report({ step: 'waiting until the agent is gated' })
  try {
    await Promise.all([untilGated(scene), ...(hasTeams ? [installBot(scene, teams)] : [])])
    return countersign
  } catch (error) {
    await countersign.stop()
    throw error
  }
}

const config = {
  cluster: { name: 'demo', environment: 'production' },
  // One API server is told at once; a cluster has several.
  operator: { propagationSeconds: 1 },
}

function ifUnavailable(error: unknown): PlaygroundError {
  if (error instanceof PlaygroundError) return error
  throw error
}

async function untilGated({ admin }: Scene): Promise<void> {
  const identity = ['-n', 'countersign-system', 'agid/agents.bot']
  await admin(['wait', ...identity, '--for=create', '--timeout=30s'])
  await admin(['wait', ...identity, '--for=condition=Gated', '--timeout=60s'])
}
