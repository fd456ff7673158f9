import { stringify } from 'yaml'
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
