import { setTimeout as wait } from 'node:timers/promises'
import type { ApprovalRequest } from '../src/domain/kinds.ts'
import { requestsOf } from './asking.ts'
import type { Scene } from './scene.ts'

const pollMs = 500

/** Prints every request when it comes, when it is decided and when it is used, until the signal is aborted. */
export async function follow(scene: Scene, signal: AbortSignal, print: (text: string) => void): Promise<void> {
  const told = new Map<string, string>()
  while (!signal.aborted) {
    for (const request of await requestsOf(scene).catch(() => [])) {
      const state = stateOf(request)
      if (told.get(request.metadata.name) === state) continue
      told.set(request.metadata.name, state)
      print(`${request.metadata.name}  ${request.spec.requester.agent}: ${request.spec.summary}  ${state}\n`)
    }
    await wait(pollMs, undefined, { signal }).catch(() => undefined)
  }
}

function stateOf({ status = {} }: ApprovalRequest): string {
  if (status.decision === undefined) return 'waits for a person'
  const by = status.decidedBy === undefined ? '' : ` by ${status.decidedBy}`
  const used = (status.grant?.claims.length ?? 0) > 0 ? ', and used' : ''
  return `${status.decision}${by}${used}`
}
