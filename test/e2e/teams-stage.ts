import { startControlPlane } from '../../cluster/control-plane.ts'
import type { CommandResult } from '../../cluster/command.ts'
import { choosePort } from '../../cluster/port.ts'
import { asked } from '../../demo/asking.ts'
import { startCountersign } from '../../demo/countersign.ts'
import type { Click, Shown } from '../../demo/playground/chat.ts'
import { applyTeams } from '../../demo/playground/objects.ts'
import type { PersonKey } from '../../demo/playground/people.ts'
import { installBot, startTeams } from '../../demo/playground/teams.ts'
import type { Teams } from '../../demo/playground/teams.ts'
import { prepareScene } from '../../demo/scene.ts'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { until } from '../until.ts'
import { gated, gateOf, shortTimes } from './gate-stage.ts'
import type { Gate } from './gate-stage.ts'

/** A gate whose requests come into Teams: a client that we did not write, and people of it who click. */
export type TeamsGate = Gate & {
  readonly teams: Teams
  /** The agent runs a command: resolves when its card is in Teams, and Countersign knows that it is. */
  readonly asked: (args: readonly string[], how?: Asking) => Promise<Asked>
  /** A member presses a button of the request's card. */
  readonly click: (who: PersonKey, request: ApprovalRequest, click: Omit<Click, 'request'>) => Promise<Shown>
}

type Asking = {
  /** In how many channels; default 1. */
  readonly cards?: number
  /** Ends the command. */
  readonly signal?: AbortSignal
}

type Asked = { readonly request: ApprovalRequest; readonly ended: Promise<CommandResult> }

export async function startTeamsGate(config: Readonly<Record<string, object>> = {}): Promise<TeamsGate> {
  const plane = await startControlPlane({ env: process.env })
  let started: Teams | undefined
  try {
    const gatewayPort = await choosePort()
    const teams = await startTeams({ folder: plane.folder, gatewayPort, env: process.env })
    started = teams
    const scene = await prepareScene(plane)
    await applyTeams(scene)
    const countersign = await startCountersign(plane, {
      components: ['webhook', 'operator', 'gateway'],
      config: { ...shortTimes, ...teams.config, ...config },
    })
    await Promise.all([gated(scene), installBot(scene, teams)])
    const gate = gateOf(scene)

    async function listed(name: string, cards: number): Promise<ApprovalRequest> {
      let request = await gate.request(name)
      await until(`${name} lists ${cards} cards`, async () => {
        request = await gate.request(name)
        return request.status?.messages?.length === cards
      })
      return request
    }

    return {
      ...gate,
      countersign,
      teams,
      asked: async (args, { cards = 1, signal } = {}) => {
        const { request, ended } = await asked(scene, args, { signal })
        return { request: await listed(request.metadata.name, cards), ended }
      },
      click: (who, { metadata }, click) => teams.chat.click(who, { ...click, request: metadata.name }),
      stop: async () => {
        await countersign.stop()
        await teams.stop()
        await plane.stop()
      },
    }
  } catch (error) {
    await started?.stop()
    await plane.stop()
    throw error
  }
}
