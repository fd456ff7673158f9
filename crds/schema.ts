import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** The part of OpenAPI v3 that structural schemas of custom resources use here. */
export type Schema = {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly maxProperties?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema
  readonly 'x-kubernetes-list-type'?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: string
  readonly 'x-kubernetes-validations'?: readonly Rule[]
}

/** A validation rule in CEL, https://kubernetes.io/docs/reference/using-api/cel/ */
type Rule = {
  readonly rule: string
  readonly message?: string
  readonly reason?: string
  readonly fieldPath?: string
}

export type Version = {
  readonly name: string
  readonly subresources?: { readonly status?: object }
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
  readonly additionalPrinterColumns?: readonly { readonly name: string; readonly description?: string }[]
  readonly schema: { readonly openAPIV3Schema: Schema }
}

/** A CustomResourceDefinition as written in a file of this folder. */
export type Definition = {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly group: string
    readonly scope: string
    readonly names: {
      readonly kind: string
      readonly plural: string
      readonly shortNames?: readonly string[]
      readonly categories?: readonly string[]
    }
    readonly versions: readonly [Version]
  }
}

/** A schema at its place: `path` begins with the kind, as in `ApprovalRequest.spec.actions[]`. */
export type Place = { readonly path: string; readonly name: string; readonly schema: Schema }

/** Every definition of the folder, in the order of the file names. */
export function readDefinitions(folder: string): readonly Definition[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => readDefinition(join(folder, file)))
}

function readDefinition(file: string): Definition {
  const found: unknown = parse(readFileSync(file, 'utf8'))
  if (!isDefinition(found)) throw new Error(`${file} is no CustomResourceDefinition`)
  return found
}

/** Told by the kind alone; a malformed definition is refused by the API server. */
function isDefinition(found: unknown): found is Definition {
  return typeof found === 'object' && found !== null && 'kind' in found && found.kind === 'CustomResourceDefinition'
}

export function rootOf(definition: Definition): Schema {
  return definition.spec.versions[0].schema.openAPIV3Schema
}

/** The schema of a definition and all schemas within it, outer ones first; metadata, which is the API server's, left out. */
export function placesOf(definition: Definition): readonly Place[] {
  return within({ path: definition.spec.names.kind, name: definition.spec.names.kind, schema: rootOf(definition) })
}

function within(place: Place): readonly Place[] {
  const { path, name, schema } = place
  const fields = Object.entries(schema.properties ?? {})
    .filter(([field]) => `${path}.${field}` !== `${path.split('.')[0]}.metadata`)
    .map(([field, found]) => ({ path: `${path}.${field}`, name: field, schema: found }))
  const items = schema.items === undefined ? [] : [{ path: `${path}[]`, name, schema: schema.items }]
  const values =
    schema.additionalProperties === undefined ? [] : [{ path: `${path}{}`, name, schema: schema.additionalProperties }]
  return [place, ...[...fields, ...items, ...values].flatMap(within)]
}
