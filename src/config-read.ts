import type { z } from 'zod'
import { contradictionsIn } from './config-contradictions.ts'
import { overlaysOf } from './config-env.ts'
import type { Environment, Overlay } from './config-env.ts'
import { allSettings } from './config-settings.ts'
import { unknownWords, wordsOf } from './config-words.ts'
import { configSchema } from './config.ts'
import type { Config } from './config.ts'

export type GivenConfig = {
  /** The parsed file; undefined or null: no settings in it. */
  readonly file?: unknown
  readonly env: Environment
  /** From the command line; they go over the environment, which goes over the file. */
  readonly flags?: readonly Overlay[]
}

export type ReadConfig = { readonly config: Config } | { readonly problems: readonly string[] }

/** The configuration, frozen to its leaves, or everything that is wrong with it, one sentence each, the path first. */
export function readConfig({ file, env, flags = [] }: GivenConfig): ReadConfig {
  const start = file ?? {}
  if (!isGroup(start)) return { problems: ['the configuration file must be a group of settings, as in webhook: …'] }
  const environment = overlaysOf(env)
  const overlays = [...environment.overlays, ...flags]
  const checked = check(overlays.reduce<Group>((group, { path, value }) => withValue(group, path, value), start))
  const problems = [...environment.problems, ...checked.problems.map((one) => sentence(one, overlays))]
  return checked.config !== undefined && problems.length === 0 ? { config: frozen(checked.config) } : { problems }
}

function check(given: Group): { readonly config: Config | undefined; readonly problems: readonly Problem[] } {
  const parsed = configSchema.safeParse(given, { reportInput: true })
  const found = parsed.success ? [] : parsed.error.issues.flatMap(problemsOf)
  const config = parsed.success ? parsed.data : configSchema.safeParse(without(given, found)).data
  const clashes = config === undefined ? [] : contradictionsIn(config, factsOf(given, found))
  return { config, problems: [...found, ...clashes] }
}

type Group = Readonly<Record<string, unknown>>
type Problem = { readonly path: string; readonly words: string }

function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A place inside of what is no group is left alone: the schema complains of that already. */
function withValue(group: Group, [key = '', ...rest]: readonly string[], value: unknown): Group {
  if (rest.length === 0) return { ...group, [key]: value }
  const inner = group[key] ?? {}
  return isGroup(inner) ? { ...group, [key]: withValue(inner, rest, value) } : group
}

/** The same without what is wrong, so that the rest can be checked against each other. */
function without(group: Group, problems: readonly Problem[]): Group {
  const wrong = new Set(problems.map(({ path }) => path.replace(/\[.*/, '')))
  const keep = (from: Group, prefix: string): Group =>
    Object.fromEntries(
      Object.entries(from)
        .filter(([key]) => !wrong.has(prefix + key))
        .map(([key, value]) => [key, isGroup(value) ? keep(value, `${prefix}${key}.`) : value]),
    )
  return keep(group, '')
}

function factsOf(given: Group, found: readonly Problem[]) {
  const isSet = (path: string): boolean => {
    const value = path.split('.').reduce<unknown>((at, key) => (isGroup(at) ? at[key] : undefined), given)
    return isGroup(value) ? Object.keys(value).length > 0 : value !== undefined
  }
  return { isSet, wrong: found.map(({ path }) => path.replace(/\[.*/, '')) }
}

function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  const path = pathOf(issue.path)
  if (issue.code !== 'unrecognized_keys') return [{ path, words: wordsOf(issue) }]
  const known = knownKeys(issue.path)
  return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), words: unknownWords(key, known) }))
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const inside = allSettings().filter((setting) => path.every((key, index) => setting.path[index] === key))
  return [...new Set(inside.map((setting) => setting.path[path.length] ?? ''))]
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}

function sentence({ path, words }: Problem, overlays: readonly Overlay[]): string {
  const from = overlays.findLast((overlay) => path.replace(/\[.*/, '') === overlay.path.join('.'))?.from
  return `${path} ${words}${from === undefined ? '' : ` (from ${from})`}`
}

function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) frozen(inner)
  return Object.freeze(value)
}
