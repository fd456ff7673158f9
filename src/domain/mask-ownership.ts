import type { Change } from './change.ts'
import type { FieldStep } from './field-values.ts'
import { inert } from './inert.ts'
import { isList, isObject } from './json.ts'
import type { Json } from './json.ts'
import { fieldSteps } from './managed-fields.ts'
import { formatPath } from './path.ts'
import type { ElementKey, Path, Step } from './path.ts'
import { isSecretName } from './secret-names.ts'
import { credentialSpans } from './secrets.ts'

/** Ownership changes as people may see them: fields by their paths, manager names inert, no value that may be a credential. */
export function maskOwnership(ownership: readonly Change[], hides: (path: Path) => boolean): readonly Change[] {
  const shown = (fields: Json | undefined): readonly string[] | undefined => {
    const texts = isList(fields) ? fields.filter((field) => typeof field === 'string') : []
    return texts.length === 0 ? undefined : texts.map((field) => shownField(fieldSteps(field), hides))
  }
  return ownership.map(({ path, before, after }) => ({
    path: path.map(inertStep),
    before: shown(before),
    after: shown(after),
  }))
}

function inertStep(step: Step): Step {
  if (typeof step === 'string') return inert(step).text
  return typeof step === 'number' ? step : step.map(([field, value]) => [field, inertValue(value)] as const)
}

function inertValue(value: string | number): string | number {
  return typeof value === 'string' ? inert(value).text : value
}

/** `spec.containers[name="web"].image`; of a place beside what lies below it `metadata.labels (itself)`. */
function shownField(steps: readonly FieldStep[], hides: (path: Path) => boolean): string {
  const path: Step[] = []
  for (const step of steps.filter((taken) => taken !== '.')) path.push(pathStep(step, path, hides))
  return `${inert(formatPath(path)).text}${steps.at(-1) === '.' ? ' (itself)' : ''}`
}

/** Keys of elements are values: those of the object, in managedFields only written elsewhere. */
function pathStep(step: FieldStep, above: Path, hides: (path: Path) => boolean): Step {
  const named = step.slice(2)
  if (step.startsWith('f:')) return named
  if (step.startsWith('i:')) return Number(named)
  const hidden = hides(above) || above.some((key) => typeof key === 'string' && isSecretName(key))
  if (hidden || credentialSpans(named).length > 0) return [['hidden', '']]
  return elementKey(named) ?? step
}

function elementKey(text: string): ElementKey | undefined {
  const read = parsed(text)
  if (!isObject(read)) return typeof read === 'string' ? [['value', read]] : undefined
  return Object.entries(read).map(([field, value]) => [
    field,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
