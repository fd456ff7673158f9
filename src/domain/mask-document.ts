import { isList, isObject, JsonNumber, objectOf, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { inert } from './inert.ts'
import { elementKeys } from './list-keys.ts'
import { readMaskPath } from './mask-path.ts'
import type { MaskPath } from './mask-path.ts'
import { hideText, looksLikeText, maskExecutableText, maskText, mayCarryPayload } from './mask-text.ts'
import type { MaskedText, Suspicion, Tag } from './mask-text.ts'
import { formatPath } from './path.ts'
import type { Path } from './path.ts'
import { runsText, variablesUsed } from './runnable.ts'
import { isNoCredential, isPasswordName, isSecretListName, isSecretName } from './secret-names.ts'

/** What policies hide beyond the built-in rules: places, as `readMaskPath` reads them. */
export type MaskRules = { readonly paths: readonly string[] }

/** A document as people may see it, and where something was hidden or written out. */
export type MaskedDocument = {
  readonly document: JsonObject
  readonly maskedPaths: readonly string[]
  readonly escapedPaths: readonly string[]
  /** Places from which something hidden may be run: they make the risk critical. */
  readonly hiddenExecutablePaths: readonly string[]
}

/** `tag` makes the tag of a value at a place. */
export type Masking = { readonly rules: MaskRules; readonly tag: (path: string, value: string) => string }

/** A copy of the document in which every value that may be a credential is replaced by its kind and tag, and all text is inert. */
export function maskDocument(document: JsonObject, masking: Masking): MaskedDocument {
  const walk = new Walk(masking, textAt(document, 'kind'))
  const masked = walk.object(document, { path: [], executable: false, used: new Set() })
  const { maskedPaths, escapedPaths, hiddenExecutablePaths } = walk
  return { document: masked, maskedPaths, escapedPaths, hiddenExecutablePaths }
}

type Place = {
  readonly path: Path
  readonly hideAs?: string
  /** Commands, arguments and the variables that they use: their text may be run. */
  readonly executable: boolean
  /** Variables that the commands of the container around this place use. */
  readonly used: ReadonlySet<string>
}

const secretFields = new Set(['data', 'stringData'])
const fileFields = new Set(['data', 'binaryData'])
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'
const byName = 'value of a secret name'

class Walk {
  readonly #masking: Masking
  readonly #ruledOut: readonly MaskPath[]
  readonly #kind: string | undefined
  readonly maskedPaths: string[] = []
  readonly escapedPaths: string[] = []
  readonly hiddenExecutablePaths: string[] = []

  constructor(masking: Masking, kind: string | undefined) {
    this.#masking = masking
    this.#ruledOut = maskPaths(masking.rules)
    this.#kind = kind
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
    const variable = key === 'value' && place.used.has(textAt(object, 'name') ?? '')
    const executable = place.executable || variable || runsText(key)
    const inner = { ...place, path: [...place.path, key], executable }
    const hideAs = place.hideAs ?? this.#hideAs(object, key, inner.path)
    return hideAs === undefined ? inner : { ...inner, hideAs }
  }

  #hideAs(object: JsonObject, key: string, path: Path): string | undefined {
    if (this.#kind === 'Secret' && path.length === 1 && secretFields.has(key)) return 'Secret value'
    if (key === lastApplied) return 'last applied configuration'
    if (this.#ruledOut.some((rule) => fits(rule, path))) return 'value hidden by policy'
    return holdsCredential(object, key) ? byName : undefined
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
    if (place.hideAs === undefined || value === null) return value
    const kind = `${place.hideAs} (${typeof value === 'boolean' ? 'boolean' : 'number'})`
    return this.#record(hideText(sourceOf(value), kind, this.#tag(place)), place)
  }

  #list(list: readonly Json[], place: Place): readonly Json[] {
    const keys = elementKeys(place.path, { before: list, after: list })?.before
    return list.map((element, index) => {
      const path = [...place.path, keys?.[index] ?? index]
      const named = place.executable && isSecretFlag(list[index - 1])
      return this.#value(element, named ? { ...place, path, hideAs: 'value of a secret flag' } : { ...place, path })
    })
  }

  #text(value: string, place: Place): MaskedText {
    const tag = this.#tag(place)
    const { hideAs } = place
    if (place.executable) {
      if (hideAs === undefined || mayCarryPayload(value)) return maskExecutableText(value, tag)
      return { ...hideText(value, hideAs, tag), hiddenExecutable: true }
    }
    const suspicion = this.#suspicion(place)
    if (hideAs === undefined) return maskText(value, tag, suspicion)
    return { ...hideText(value, hideAs, tag), hiddenExecutable: hideAs === byName && suspicion(value) }
  }

  /** A ConfigMap holds files, and files are run; elsewhere only what does not look like a credential is suspect. */
  #suspicion({ path }: Place): Suspicion {
    const isFile = this.#kind === 'ConfigMap' && fileFields.has(String(path[0]))
    return isFile ? mayCarryPayload : looksLikeText
  }

  #record(shown: MaskedText, { path }: Place): string {
    if (!shown.masked && !shown.escaped) return shown.text
    const text = inert(formatPath(path)).text
    if (shown.masked) this.maskedPaths.push(text)
    if (shown.escaped) this.escapedPaths.push(text)
    if (shown.hiddenExecutable) this.hiddenExecutablePaths.push(text)
    return shown.text
  }

  #tag({ path }: Place): Tag {
    return (value) => this.#masking.tag(formatPath(path), value)
  }
}

/** By its own name, or as `{name: DB_PASSWORD, value: …}`. */
function holdsCredential(object: JsonObject, key: string): boolean {
  const name = key === 'value' ? (textAt(object, 'name') ?? key) : key
  const value = object[key]
  if (typeof value === 'string') return isSecretName(name) && !isNoCredential(value)
  if (isList(value)) return isSecretListName(name) && value.every((element) => typeof element === 'string')
  return isNumber(value) && isPasswordName(name)
}

function isNumber(value: Json | undefined): boolean {
  return typeof value === 'number' || value instanceof JsonNumber
}

function sourceOf(value: number | boolean | JsonNumber): string {
  return value instanceof JsonNumber ? value.source : String(value)
}

function isSecretFlag(value: Json | undefined): boolean {
  return typeof value === 'string' && /^--?[A-Za-z][\w-]{0,63}$/.test(value) && isSecretName(value)
}

/** Do the rules hide what lies at a path, or something above it? */
export function isRuledOut(rules: MaskRules, path: Path): boolean {
  return maskPaths(rules).some((rule) => path.some((_step, index) => fits(rule, path.slice(0, index + 1))))
}

/** A text that is no path hides nothing: a policy that holds one is refused before anything is masked by it. */
function maskPaths({ paths }: MaskRules): readonly MaskPath[] {
  return paths.flatMap((text) => {
    const rule = readMaskPath(text)
    return rule === undefined ? [] : [rule]
  })
}

function fits(rule: MaskPath, path: Path): boolean {
  const keys = path.filter((step) => typeof step === 'string')
  return rule.length === keys.length && rule.every((step, index) => step === '*' || step === keys[index])
}
