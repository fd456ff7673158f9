import { placesOf, rootOf } from './schema.ts'
import type { Definition, Place, Schema, Version } from './schema.ts'

/** One convention for a schema at its place: what is wrong, or nothing. */
type Convention = (place: Place) => string | undefined

/** Words of ValidatingAdmissionPolicy, kept as they are there although constants are CamelCase elsewhere. */
const borrowed: Readonly<Record<string, readonly string[]>> = {
  RuleOperation: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT', '*'],
  RuleScope: ['*'],
  SlackMode: ['HTTP'],
}

const camelCase = /^[A-Z](?=.*[a-z])[A-Za-z0-9]*$/

const isDescribed: Convention = ({ schema }) =>
  /^\S[^]*\S$/.test(schema.description ?? '') ? undefined : 'has no description'

const fieldIsCamelCase: Convention = ({ path, name }) =>
  !path.includes('.') || /^[a-z][A-Za-z0-9]*$/.test(name) ? undefined : 'is not named in camelCase'

const stringIsCapped: Convention = ({ schema }) => {
  const free = schema.type === 'string' && schema.enum === undefined && schema.format !== 'date-time'
  return free && schema.maxLength === undefined ? 'is a string without maxLength' : undefined
}

const listIsCapped: Convention = ({ schema }) =>
  schema.type === 'array' && schema.maxItems === undefined ? 'is a list without maxItems' : undefined

const mapIsCapped: Convention = ({ schema }) =>
  schema.additionalProperties !== undefined && schema.maxProperties === undefined
    ? 'is a map without maxProperties'
    : undefined

const listHasType: Convention = ({ schema }) =>
  schema.type === 'array' && schema['x-kubernetes-list-type'] === undefined ? 'is a list without list type' : undefined

const listKeysAreThere: Convention = ({ schema }) => {
  if (schema['x-kubernetes-list-type'] !== 'map') return undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const required = schema.items?.required ?? []
  return keys.length > 0 && keys.every((key) => required.includes(key)) ? undefined : 'has a list map key that may lack'
}

const typeIsPlain: Convention = ({ schema }) =>
  ['object', 'array', 'string', 'boolean', 'integer'].includes(schema.type ?? '')
    ? undefined
    : `has the type ${schema.type ?? '(none)'}`

const integerIsBounded: Convention = ({ schema }) =>
  schema.type === 'integer' && (schema.minimum === undefined || !/^int(?:32|64)$/.test(schema.format ?? ''))
    ? 'is an integer without minimum or format'
    : undefined

const objectIsClosed: Convention = ({ schema }) =>
  schema.type === 'object' && schema.properties === undefined && schema.additionalProperties === undefined
    ? 'is an object without fields'
    : undefined

const requiredFieldsExist: Convention = ({ schema }) => {
  const missing = (schema.required ?? []).filter((field) => schema.properties?.[field] === undefined)
  return missing.length === 0 ? undefined : `requires unknown fields: ${missing.join(', ')}`
}

const wordsAreCamelCase: Convention = ({ schema }) => {
  const allowed = borrowed[schema.title ?? ''] ?? []
  const odd = (schema.enum ?? []).filter((word) => !camelCase.test(word) && !allowed.includes(word))
  return odd.length === 0 ? undefined : `has words that are not CamelCase: ${odd.join(', ')}`
}

const typeIsNamed: Convention = ({ path, schema }) => {
  const named = schema.enum !== undefined || (schema.properties !== undefined && path.includes('.'))
  if (!named) return schema.title === undefined ? undefined : 'has a title but is no type of its own'
  return camelCase.test(schema.title ?? '') ? undefined : 'has no title to name its type'
}

/** `fooTime` for moments and nothing else, `fooSeconds` for durations: the API conventions of Kubernetes. */
const timesAreNamedSo: Convention = ({ name, schema }) => {
  const moment = schema.format === 'date-time'
  if (moment) return /times?$/i.test(name) ? undefined : 'is a time that is not named so'
  if (schema.type === 'string' && /time$/i.test(name)) return 'is named a time but is none'
  return schema.type !== 'integer' && name.endsWith('Seconds') ? 'is named seconds but is no integer' : undefined
}

/**
 * UTC in whole seconds, as Kubernetes writes times. Rules compare times as moments, so without this a time that never
 * changes could be rewritten as another text for the same moment.
 */
const momentHasOneText: Convention = ({ schema }) =>
  schema.format === 'date-time' && schema.pattern !== String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`
    ? 'is a time that can be written in several ways'
    : undefined

/** A rule below the root does not run when its object is set to null, so it would guard nothing. */
const rulesAreAtTheRoot: Convention = ({ path, schema }) =>
  path.includes('.') && schema['x-kubernetes-validations'] !== undefined
    ? 'has rules, which belong at the root'
    : undefined

const conventions: readonly Convention[] = [
  isDescribed,
  fieldIsCamelCase,
  typeIsPlain,
  stringIsCapped,
  listIsCapped,
  mapIsCapped,
  listHasType,
  listKeysAreThere,
  integerIsBounded,
  objectIsClosed,
  requiredFieldsExist,
  wordsAreCamelCase,
  typeIsNamed,
  timesAreNamedSo,
  momentHasOneText,
  rulesAreAtTheRoot,
]

/** What in a definition breaks the conventions, one sentence each that begins with the place. */
export function complaintsAbout(definition: Definition): readonly string[] {
  const places = placesOf(definition).flatMap((place) =>
    conventions.flatMap((convention) => sentence(place.path, convention(place))),
  )
  return [...places, ...aboutTheWhole(definition), ...aboutRules(definition)]
}

const sentence = (path: string, wrong: string | undefined): readonly string[] =>
  wrong === undefined ? [] : [`${path} ${wrong}`]

type Demand = { readonly complaint: string; readonly met: (definition: Definition) => boolean }

const namesOf = (definition: Definition): Definition['spec']['names'] => definition.spec.names
const versionOf = (definition: Definition): Version => definition.spec.versions[0]

const demands: readonly Demand[] = [
  { complaint: 'does not require spec', met: (crd) => rootOf(crd).required?.includes('spec') === true },
  { complaint: 'has not exactly one short name', met: (crd) => namesOf(crd).shortNames?.length === 1 },
  { complaint: 'is not in the category countersign', met: (crd) => namesOf(crd).categories?.join() === 'countersign' },
  { complaint: 'has more than 8 selectable fields', met: (crd) => (versionOf(crd).selectableFields ?? []).length <= 8 },
  { complaint: 'has no columns', met: (crd) => versionOf(crd).additionalPrinterColumns !== undefined },
  {
    complaint: 'has a column without description',
    met: (crd) => (versionOf(crd).additionalPrinterColumns ?? []).every((column) => column.description !== undefined),
  },
  {
    complaint: 'has status without subresource',
    met: (crd) => rootOf(crd).properties?.['status'] === undefined || versionOf(crd).subresources?.status !== undefined,
  },
]

const aboutTheWhole = (definition: Definition): readonly string[] =>
  demands.filter(({ met }) => !met(definition)).map(({ complaint }) => `${namesOf(definition).kind} ${complaint}`)

function aboutRules(definition: Definition): readonly string[] {
  const { kind } = definition.spec.names
  const rules = rootOf(definition)['x-kubernetes-validations'] ?? []
  const silent = rules
    .filter(({ message, reason, fieldPath }) => [message, reason, fieldPath].includes(undefined))
    .map(({ rule }) => `${kind} has a rule without message, reason or fieldPath: ${rule}`)
  const frozen = rules.some(({ rule }) => rule === 'self.spec == oldSelf.spec')
  return frozen ? [...silent, ...aboutFrozen(definition)] : silent
}

type Looseness = { readonly complaint: string; readonly isLoose: (schema: Schema) => boolean }

/**
 * What a spec that never changes cannot have: lists that are sets or maps, because equality in CEL ignores their order,
 * and defaults, because what the API server stores would not be what the writer has sent and signed.
 */
const loose: readonly Looseness[] = [
  {
    complaint: 'can be reordered although the spec never changes',
    isLoose: (schema) => schema.type === 'array' && schema['x-kubernetes-list-type'] !== 'atomic',
  },
  { complaint: 'has a default although the spec never changes', isLoose: (schema) => schema.default !== undefined },
]

function aboutFrozen(definition: Definition): readonly string[] {
  const spec = placesOf(definition).filter(({ path }) => path.startsWith(`${definition.spec.names.kind}.spec.`))
  return spec.flatMap(({ path, schema }) =>
    loose.filter(({ isLoose }) => isLoose(schema)).map(({ complaint }) => `${path} ${complaint}`),
  )
}
