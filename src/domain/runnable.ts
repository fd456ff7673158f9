import { isList, isObject, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'

const commands = new Set(['args', 'cmd', 'command', 'entrypoint', 'script'])
const runs = [...commands, 'lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']

/** Is a text under this key run: a command, its arguments, a script? */
export function runsText(key: string): boolean {
  return commands.has(key)
}

/**
 * The words of everything that a container runs: a variable among them is used, be it as `$NAME` or by `printenv NAME`.
 * And the variables that other variables are made of, `$(NAME)`.
 */
export function variablesUsed(container: JsonObject): readonly string[] {
  const run = runs
    .flatMap((key) => textsOf(container[key] ?? null))
    .flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? [])
  return [...run, ...variablesInVariables(container['env'])]
}

function variablesInVariables(env: Json | undefined): readonly string[] {
  const values = isList(env) ? env.map((variable) => textAt(variable, 'value') ?? '') : []
  return values.flatMap((value) => [...value.matchAll(/\$\(([A-Za-z_]\w*)\)/g)].map(([, name]) => name ?? ''))
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (isList(value)) return value.flatMap(textsOf)
  return isObject(value) ? Object.keys(value).flatMap((key) => textsOf(value[key] ?? null)) : []
}
