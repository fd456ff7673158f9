import { LineCounter, parseDocument, stringify } from 'yaml'
import type { ScalarTag } from 'yaml'
import { JsonNumber } from '../domain/json.ts'
import type { Json } from '../domain/json.ts'

/** Prints a number as it was written. Reading is not its business. */
const exactNumber: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => value instanceof JsonNumber,
  resolve: (source) => new JsonNumber(source),
  stringify: ({ value }) => (value instanceof JsonNumber ? value.source : String(value)),
}

/** The document as YAML, the way people know it from kubectl: keys in their order, long lines unbroken, no anchors. */
export function printYaml(value: Json): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, customTags: (tags) => [exactNumber, ...tags] })
}

/** What one YAML document says, or where it is no YAML, one sentence a fault. Aliases are refused: a few make gigabytes. */
export type ParsedYaml = { readonly value: unknown } | { readonly faults: readonly string[] }

/** Reads one document of YAML 1.2, of which JSON is a part. The empty text is null. The faults quote nothing of it. */
export function parseYaml(text: string): ParsedYaml {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true, strict: true })
  const found = [...document.errors, ...document.warnings].map(({ code, message, pos }) => {
    const { line, col } = lineCounter.linePos(pos[0])
    return `line ${line}, column ${col}: ${sentences[code] ?? message.split(/[:\n]/, 1)[0]}`
  })
  if (found.length > 0) return { faults: found }
  try {
    return { value: document.toJS({ maxAliasCount: 0 }) }
  } catch {
    return { faults: ['anchors and aliases are not read; write the value twice'] }
  }
}

const sentences: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'the key stands there twice',
  MULTIPLE_DOCS: 'a second document begins; there may be one only',
  TAB_AS_INDENT: 'tabs cannot indent; use spaces',
}
