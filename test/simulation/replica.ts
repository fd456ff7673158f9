import type { HttpAnswer } from '../../src/webhook/respond.ts'
import type { Posted } from '../../src/webhook/server.ts'
import { startWebhook } from './webhook-process.ts'
import type { WebhookProcess, WebhookWorld } from './webhook-process.ts'

/** One webhook replica, which dies and comes back. */
export type Replica = {
  /** `Reset`: it died meanwhile, or was not there. */
  readonly post: (posted: Posted) => Promise<HttpAnswer | 'Reset' | 'Late'>
  readonly isUp: () => boolean
  /** The network let it down, or its memory lagged, since then. */
  readonly troubled: (since: number) => boolean
  /** Lives until all is calm, and then goes on. */
  readonly play: () => Promise<void>
  readonly stop: () => void
}

export function makeReplica(world: WebhookWorld, name: string): Replica {
  const { stage } = world
  let process: WebhookProcess | undefined

  async function play(): Promise<void> {
    for (;;) {
      stage.tell(`${name} starts`)
      process = startWebhook(world, name)
      await process.ready()
      await process.ended()
      stage.tell(`${name} is dead`)
      process = undefined
      await stage.pause(200, 15_000)
    }
  }

  return {
    post: (posted) => process?.post(posted) ?? Promise.resolve('Reset'),
    isUp: () => process?.isReady() ?? false,
    troubled: (since) => process?.troubled(since) ?? true,
    play,
    stop: () => process?.stop(),
  }
}
