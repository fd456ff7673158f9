import type { WaitMode, WaitRule } from './kinds.ts'
import { present } from './present.ts'
import type { Labels } from './selector.ts'

/** What a service account's annotations say about the agent. */
export type AgentAnnotations = {
  readonly owner: string | undefined
  readonly onBehalfOf: string | undefined
  readonly wait: WaitRule | undefined
}

const modes: ReadonlyMap<string | undefined, WaitMode> = new Map([
  ['Hold', 'Hold'],
  ['Immediate', 'Immediate'],
])

const longestPatienceSeconds = 600

/** Reads them; what is not understood is as if it were not there. */
export function readAnnotations(annotations: Labels): AgentAnnotations {
  const mode = modes.get(annotations['countersign.dev/wait'])
  const patienceSeconds = secondsIn(annotations['countersign.dev/patience-seconds'])
  return {
    owner: annotations['countersign.dev/owner'],
    onBehalfOf: annotations['countersign.dev/on-behalf-of'],
    wait: mode === undefined && patienceSeconds === undefined ? undefined : present({ mode, patienceSeconds }),
  }
}

function secondsIn(text: string | undefined): number | undefined {
  const seconds = /^\d{1,4}$/.test(text ?? '') ? Number(text) : undefined
  return seconds !== undefined && seconds <= longestPatienceSeconds ? seconds : undefined
}
