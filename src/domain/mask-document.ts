import { isList, isObject, JsonNumber, objectOf, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { inert } from './inert.ts'
import { elementKeys } from './list-keys.ts'
import { hideText, maskExecutableText, maskText, mayCarryPayload } from './mask-text.ts'
import type { MaskedText, Tag } from './mask-text.ts'
import { formatPath } from './path.ts'
import type { Path } from './path.ts'
import { isSecretName } from './secrets.ts'

/** What policies hide beyond the built-in rules: places, written `spec.config.token`; `*` stands for any one key, lists are passed through. */
export type MaskRules = { readonly paths: readonly string[] }

/** A document as people may see it, and where something was hidden or written out. */
export type MaskedDocument = {
  readonly document: JsonObject
  readonly maskedPaths: readonly string[]
  readonly escapedPaths: readonly string[]
  /** Places from which something hidden may be run: they make the risk critical. */
  readonly hiddenExecutablePaths: readonly string[]
}

export type Masking = { readonly rules: MaskRules; readonly tag: (path: string) => Tag }

/** A copy of the document in which every value that may be a credential is replaced by its kind and tag, and all text is inert. */
export function maskDocument(document: JsonObject, masking: Masking): MaskedDocument {
  const walk = new Walk(masking, textAt(document, 'kind') === 'Secret')
  const masked = walk.object(document, { path: [], executable: false, used: new Set() })
  const { maskedPaths, escapedPaths, hiddenExecutablePaths } = walk
  return { document: masked, maskedPaths, escapedPaths, hiddenExecutablePaths }
}

type Place = {
  readonly path: Path
  readonly hideAs?: string
  /** Commands and arguments: their text may be run. */
  readonly executable: boolean
  /** Variables that the commands of the container around this place use. */
  readonly used: ReadonlySet<string>
}

const secretFields = new Set(['data', 'stringData'])
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'
const commands = new Set(['args', 'command'])
const runs = ['args', 'command', 'lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']

class Walk {
  readonly #masking: Masking
  readonly #isSecret: boolean
  readonly maskedPaths: string[] = []
  readonly escapedPaths: string[] = []
  readonly hiddenExecutablePaths: string[] = []

  constructor(masking: Masking, isSecret: boolean) {
    this.#masking = masking
    this.#isSecret = isSecret
  }

  object(object: JsonObject, place: Place): JsonObject {
    const used = isList(object['env']) ? new Set([...place.used, ...variablesUsed(object)]) : place.used
    const entries = Object.keys(object).map((key): readonly [string, Json] => {
      const inner = { ...this.#placeOf(object, key, place), used }
      return [this.#key(key, inner), this.#value(object[key] ?? null, inner)]
    })
    return objectOf(entries)
  }

  #placeOf(object: JsonObject, key: string, place: Place): Place {
    const inner = { ...place, path: [...place.path, key], executable: place.executable || commands.has(key) }
    const hideAs = place.hideAs ?? this.#hideAs(object, key, inner.path)
    return hideAs === undefined ? inner : { ...inner, hideAs }
  }

  #hideAs(object: JsonObject, key: string, path: Path): string | undefined {
    if (this.#isSecret && path.length === 1 && secretFields.has(key)) return 'Secret value'
    if (key === lastApplied) return 'last applied configuration'
    if (this.#masking.rules.paths.some((rule) => fits(rule, path))) return 'value hidden by policy'
    return holdsCredential(object, key) ? 'value of a secret name' : undefined
  }

  #key(key: string, { path }: Place): string {
    const shown = inert(key)
    if (shown.escaped) this.escapedPaths.push(inert(formatPath(path)).text)
    return shown.text
  }

  #value(value: Json, place: Place): Json {
    if (isList(value)) return this.#list(value, place)
    if (isObject(value)) return this.object(value, place)
    if (typeof value === 'string') return this.#record(this.#text(value, place), place)
    const hidden = place.hideAs !== undefined && value !== null
    return hidden ? this.#record(hideText(sourceOf(value), place.hideAs, this.#tag(place)), place) : value
  }

  #list(list: readonly Json[], place: Place): readonly Json[] {
    const last = place.path.at(-1)
    const keys = elementKeys(typeof last === 'string' ? last : '', list, list)?.before
    return list.map((element, index) => {
      const path = [...place.path, keys?.[index] ?? index]
      const named = place.executable && isSecretFlag(list[index - 1])
      return this.#value(element, named ? { ...place, path, hideAs: 'value of a secret flag' } : { ...place, path })
    })
  }

  #text(value: string, place: Place): MaskedText {
    const tag = this.#tag(place)
    const { hideAs } = place
    if (hideAs === undefined) return place.executable ? maskExecutableText(value, tag) : maskText(value, tag)
    if (!place.executable && !isUsed(place)) return hideText(value, hideAs, tag)
    if (mayCarryPayload(value)) return maskExecutableText(value, tag)
    return { ...hideText(value, hideAs, tag), hiddenExecutable: true }
  }

  #record(shown: MaskedText, { path }: Place): string {
    const text = inert(formatPath(path)).text
    if (shown.masked) this.maskedPaths.push(text)
    if (shown.escaped) this.escapedPaths.push(text)
    if (shown.hiddenExecutable) this.hiddenExecutablePaths.push(text)
    return shown.text
  }

  #tag({ path }: Place): Tag {
    return this.#masking.tag(formatPath(path))
  }
}

/** By its own name, or as `{name: DB_PASSWORD, value: …}`. */
function holdsCredential(object: JsonObject, key: string): boolean {
  const name = key === 'value' ? (textAt(object, 'name') ?? key) : key
  return typeof object[key] === 'string' && isSecretName(name)
}

function sourceOf(value: number | boolean | JsonNumber): string {
  return value instanceof JsonNumber ? value.source : String(value)
}

/** Is this the value of a variable that a command beside it uses? */
function isUsed({ path, used }: Place): boolean {
  const element = path.at(-2)
  return Array.isArray(element) && element.some(([field, name]) => field === 'name' && used.has(String(name)))
}

function variablesUsed(container: JsonObject): readonly string[] {
  const text = JSON.stringify(runs.map((key) => textsOf(container[key] ?? null)))
  return [...text.matchAll(/\$[({]?([A-Za-z_][A-Za-z0-9_]{0,255})/g)].flatMap(([, name]) => name ?? [])
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (isList(value)) return value.flatMap(textsOf)
  return isObject(value) ? Object.keys(value).flatMap((key) => textsOf(value[key] ?? null)) : []
}

function isSecretFlag(value: Json | undefined): boolean {
  return typeof value === 'string' && /^--?[A-Za-z][\w-]{0,63}$/.test(value) && isSecretName(value)
}

function fits(rule: string, path: Path): boolean {
  const keys = path.filter((step) => typeof step === 'string')
  const steps = rule.split('.')
  return steps.length === keys.length && steps.every((step, index) => step === '*' || step === keys[index])
}
