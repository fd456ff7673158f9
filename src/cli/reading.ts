import { wholeDiff } from '../app/whole-diff.ts'
import { briefingOf } from '../domain/briefing.ts'
import type { ApprovalRequest } from '../domain/kinds.ts'
import { briefingLines } from './briefing.ts'
import type { GetCommand, ShowCommand } from './people-command.ts'
import { printed } from './paint.ts'
import { exitCodes } from './records.ts'
import type { ExitCode, Format, PeoplePorts } from './records.ts'
import { requestTable } from './request-table.ts'
import { resolve } from './resolve.ts'

/** `get`: a table of what waits, or of everything. */
export async function get(ports: PeoplePorts, command: GetCommand): Promise<ExitCode> {
  const { records, terminal } = ports
  const requests = command.all ? await records.all() : await records.undecided()
  if (command.output !== undefined) {
    terminal.out(listIn(ports, command.output, requests))
  } else if (requests.length === 0) {
    terminal.err(command.all ? 'There are no requests.\n' : 'Nothing waits for an answer.\n')
  } else {
    terminal.out(requestTable(requests, ports.now()))
  }
  return exitCodes.Done
}

/** `show`: the briefing with the whole change. */
export async function show(ports: PeoplePorts, command: ShowCommand): Promise<ExitCode> {
  const { records, terminal } = ports
  const resolved = await resolve(records, command.request)
  if ('problem' in resolved) {
    terminal.err(`${resolved.problem}\n`)
    return exitCodes.Failed
  }
  const { request } = resolved
  if (command.output !== undefined) {
    terminal.out(objectIn(ports, command.output, request))
    return exitCodes.Done
  }
  const diff = await wholeDiff(records.fullText, request)
  const lines = briefingLines(briefingOf({ request, diff }, ports.now()))
  terminal.out(printed([...lines, ...answers(request).map((text) => ({ text }))], terminal.colour))
  return exitCodes.Done
}

function answers({ metadata, status }: ApprovalRequest): readonly string[] {
  if (status?.decision !== undefined) return []
  const words = ['approve', 'deny', 'changes', 'comment', 'pause'].join('|')
  return ['', `Answer: kubectl countersign ${words} ${metadata.name}`]
}

type Named = { readonly kind: string; readonly metadata: { readonly name: string } }

/** An object for programs. */
export function objectIn({ yaml }: Pick<PeoplePorts, 'yaml'>, format: Format, object: Named): string {
  if (format === 'name') return `${object.kind.toLowerCase()}.countersign.dev/${object.metadata.name}\n`
  return format === 'yaml' ? yaml(object) : `${JSON.stringify(object, undefined, 2)}\n`
}

function listIn(ports: Pick<PeoplePorts, 'yaml'>, format: Format, items: readonly ApprovalRequest[]): string {
  if (format === 'name') return items.map((item) => objectIn(ports, format, item)).join('')
  const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items }
  return format === 'yaml' ? ports.yaml(list) : `${JSON.stringify(list, undefined, 2)}\n`
}
