import type { AgentIdentity, Pause } from '../domain/kinds.ts'
import { agentIdentities } from './kinds.ts'
import type { Objects } from './objects.ts'

export type PausePorts = {
  readonly objects: Pick<Objects, 'get' | 'replace'>
  /** The records namespace. */
  readonly namespace: string
}

const mostTries = 5

/**
 * Pauses the first of these identities that exists, unless somebody has. Only a person ends a pause. Rejects with the API
 * error when there is no usable answer, and when others write the identity at the same moment again and again.
 */
export async function pauseAgent(
  { objects, namespace }: PausePorts,
  names: readonly string[],
  paused: Pause,
): Promise<'Paused' | 'NoIdentity'> {
  for (const name of names) {
    for (let tries = 1; ; tries += 1) {
      const found = await objects.get(agentIdentities, { namespace, name })
      if (found === 'NotFound') break
      if (await isPaused(objects, found.object, paused)) return 'Paused'
      if (tries === mostTries) throw new Error('the identity was changed by others at every try')
    }
  }
  return 'NoIdentity'
}

async function isPaused(objects: Pick<Objects, 'replace'>, identity: AgentIdentity, paused: Pause): Promise<boolean> {
  if (identity.spec.paused !== undefined) return true
  const stored = await objects.replace(agentIdentities, { ...identity, spec: { ...identity.spec, paused } })
  return typeof stored !== 'string'
}
