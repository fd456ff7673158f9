import { allSettings } from './config-settings.ts'
import type { Setting } from './config-settings.ts'
import { nearest } from './nearest.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A value that goes over that of the file, and who gave it. */
export type Overlay = { readonly path: readonly string[]; readonly value: unknown; readonly from: string }

/** Names the configuration file itself; not a setting. */
export const configFileVariable = 'COUNTERSIGN_CONFIG'

const prefix = 'COUNTERSIGN_'

/** What the environment sets, and every name of ours in it that means nothing. */
export function overlaysOf(env: Environment): {
  readonly overlays: readonly Overlay[]
  readonly problems: readonly string[]
} {
  const settings = new Map(allSettings().map((setting) => [setting.env, setting]))
  const names = [...settings.keys(), configFileVariable]
  const given = Object.entries(env).flatMap(([name, text]) =>
    text !== undefined && name.startsWith(prefix) && !isServiceLink(name, env) && name !== configFileVariable
      ? [{ name, text, setting: settings.get(name) }]
      : [],
  )
  return {
    overlays: given.flatMap(({ name, text, setting }) =>
      setting === undefined ? [] : [{ path: setting.path, value: valueOf(setting, text), from: name }],
    ),
    problems: given.flatMap(({ name, setting }) => (setting === undefined ? [unknown(name, names)] : [])),
  }
}

function unknown(name: string, names: readonly string[]): string {
  const meant = nearest(name, names)
  return `${name} is no setting${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

/** What is no number stays text, and the schema says what it wants. */
function valueOf({ type }: Setting, text: string): unknown {
  if (type === 'List') return listOf(text)
  return type === 'Number' && /^[+-]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
}

/** Separated by commas, or a JSON list for values that contain some. */
function listOf(text: string): unknown {
  if (text.trim() === '') return []
  if (!text.trim().startsWith('[')) return text.split(',').map((part) => part.trim())
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * For a Service whose name begins with countersign, Kubernetes puts variables into every pod of its namespace
 * (COUNTERSIGN_WEBHOOK_SERVICE_HOST, COUNTERSIGN_WEBHOOK_PORT_443_TCP, …), unless the pod has enableServiceLinks: false.
 * Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
function isServiceLink(name: string, env: Environment): boolean {
  const end =
    /_SERVICE_HOST$|_SERVICE_PORT(?:_[A-Z0-9_]+)?$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?$/.exec(name)
  return end !== null && env[`${name.slice(0, end.index)}_SERVICE_HOST`] !== undefined
}
