import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { CommandResult } from '../cluster/command.ts'
import type { ApprovalRequest } from '../src/domain/kinds.ts'
import type { Scene } from './scene.ts'

const bin = path.join(import.meta.dirname, '../bin')
const records = ['-n', 'countersign-system'] as const

/** `kubectl countersign …` as a person of the control plane. */
function countersignAs(scene: Scene, person: string, args: readonly string[]): Promise<CommandResult> {
  const { plane } = scene
  const found = [bin, process.env['PATH'] ?? ''].join(path.delimiter)
  return plane.kubectl(['countersign', ...args], { kubeconfig: plane.user(person).kubeconfig, env: { PATH: found } })
}

export async function requestsOf({ admin }: Scene): Promise<readonly ApprovalRequest[]> {
  const list: { readonly items: readonly ApprovalRequest[] } = JSON.parse(
    await admin(['get', 'apr', ...records, '-o', 'json']),
  )
  return list.items
}

export async function requestNamed({ admin }: Scene, name: string): Promise<ApprovalRequest> {
  return JSON.parse(await admin(['get', 'apr', ...records, name, '-o', 'json']))
}

export type Answered = CommandResult & {
  readonly request: ApprovalRequest
  /** What the person's own command printed. */
  readonly told: string
  /** From the answer to the end of the agent's command. */
  readonly seconds: number
}

/** The agent runs a command, which waits: resolves with the request that it opens, and with what the command comes to. */
export async function asked(
  scene: Scene,
  command: readonly string[],
  options: Parameters<Scene['agent']>[1] = {},
): Promise<{ readonly request: ApprovalRequest; readonly ended: Promise<CommandResult> }> {
  const before = new Set((await requestsOf(scene)).map(({ metadata }) => metadata.uid))
  const ended = scene.agent(command, options)
  return { request: await newRequest(scene, before), ended }
}

/** The agent runs a command; the request that it opens is answered by a person as soon as it is there. */
export async function answered(
  scene: Scene,
  command: readonly string[],
  { person, answer }: { readonly person: string; readonly answer: readonly string[] },
): Promise<Answered> {
  const { request, ended } = await asked(scene, command)
  const began = performance.now()
  const [verb = '', ...more] = answer
  const told = await countersignAs(scene, person, [verb, request.metadata.name, ...more])
  if (told.code !== 0) throw new Error(`kubectl countersign ${answer.join(' ')}: ${told.stderr}`)
  const result = await ended
  return { ...result, request, told: told.stdout, seconds: (performance.now() - began) / 1000 }
}

const longestMs = 30_000
const pollMs = 200

async function newRequest(scene: Scene, before: ReadonlySet<string | undefined>): Promise<ApprovalRequest> {
  const start = performance.now()
  for (;;) {
    const request = (await requestsOf(scene)).find(({ metadata }) => !before.has(metadata.uid))
    if (request !== undefined) return request
    if (performance.now() - start > longestMs) throw new Error('the command opened no request')
    await wait(pollMs)
  }
}
