import { z } from 'zod'
import { configSchema } from './config.ts'

/** One value that can be set, by its path in the file or by its environment variable. */
export type Setting = {
  readonly path: readonly string[]
  /** Such as COUNTERSIGN_WEBHOOK_HOLD_SECONDS for webhook.holdSeconds. */
  readonly env: string
  readonly type: 'Number' | 'Text' | 'List'
  /** What may stand there, in words. */
  readonly allowed: string
  /** Undefined: there is none, the setting may be left out. */
  readonly defaultValue: unknown
  readonly description: string
}

/** What a JSON Schema says, as far as ours say it. */
type Node = {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly description?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
}

/** Every setting, in the order of the file. Computed from the schema, so that none can be forgotten. */
export function allSettings(): readonly Setting[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a JSON Schema is what the function returns
  return leaves(z.toJSONSchema(configSchema, { io: 'input', reused: 'inline' }) as Node, [])
}

function leaves(node: Node, path: readonly string[]): readonly Setting[] {
  if (node.properties === undefined) return [settingOf(node, path)]
  return Object.entries(node.properties).flatMap(([key, child]) => leaves(child, [...path, key]))
}

function settingOf(node: Node, path: readonly string[]): Setting {
  return {
    path,
    env: envNameOf(path),
    type: typeOf(node),
    allowed: allowed(node),
    defaultValue: node.default,
    description: node.description ?? '',
  }
}

function typeOf({ type }: Node): Setting['type'] {
  if (type === 'array') return 'List'
  return type === 'string' ? 'Text' : 'Number'
}

function envNameOf(path: readonly string[]): string {
  return ['countersign', ...path.map((key) => key.replaceAll(/[A-Z]/g, '_$&'))].join('_').toUpperCase()
}

function allowed(node: Node): string {
  if (node.type === 'array') return `list of ${node.items === undefined ? 'texts' : allowed(node.items)}`
  if (node.enum !== undefined) return node.enum.join(', ')
  return node.type === 'string' ? 'text' : range(node)
}

function range(node: Node): string {
  const bounds = [
    node.exclusiveMinimum === undefined ? undefined : `more than ${node.exclusiveMinimum}`,
    node.minimum === undefined ? undefined : `at least ${node.minimum}`,
    node.exclusiveMaximum === undefined ? undefined : `less than ${node.exclusiveMaximum}`,
    node.maximum === undefined ? undefined : `at most ${node.maximum}`,
  ]
  const sort = node.type === 'integer' ? 'whole number' : 'number'
  return [sort, ...bounds.filter((bound) => bound !== undefined)].join(', ')
}
