import { describe, expect, test } from '@jest/globals'
import { complaintsAbout } from '../../crds/conventions.ts'
import { placesOf, readDefinitions, rootOf } from '../../crds/schema.ts'
import type { Definition, Schema } from '../../crds/schema.ts'

const definitions = readDefinitions('crds')
const kindOf = (definition: Definition): string => definition.spec.names.kind

function definitionOf(kind: string): Definition {
  const found = definitions.find((definition) => kindOf(definition) === kind)
  if (found === undefined) throw new Error(`no definition of ${kind}`)
  return found
}

/** The values of the word list at a path such as `ApprovalRequest.status.decision`. */
function wordsAt(path: string): readonly string[] | undefined {
  return placesOf(definitionOf(path.split('.')[0] ?? '')).find((place) => place.path === path)?.schema.enum
}

describe('the definitions', () => {
  test.each([
    ['ApprovalRequest', 'apr', 'Namespaced', true],
    ['ApprovalVote', 'apv', 'Namespaced', false],
    ['ApprovalPolicy', 'apol', 'Cluster', true],
    ['ApproverGroup', 'apg', 'Cluster', false],
    ['ApprovalChannel', 'apch', 'Cluster', true],
    ['AgentIdentity', 'agid', 'Namespaced', true],
  ])('of %s has the short name %s, is %s, and has a status or not: %s', (kind, ...[shortName, scope, status]) => {
    const { spec } = definitionOf(kind)
    expect(spec.names.shortNames).toEqual([shortName])
    expect(spec.scope).toBe(scope)
    expect(spec.group).toBe('countersign.dev')
    expect(spec.versions[0].name).toBe('v1alpha1')
    expect(spec.versions[0].subresources?.status !== undefined).toBe(status)
  })

  test('are six, and the checks look at every field of them', () => {
    expect(definitions).toHaveLength(6)
    const paths = definitions.flatMap(placesOf).map(({ path }) => path)
    expect(paths).toEqual(
      expect.arrayContaining([
        'ApprovalRequest.status.grant.claims[].admissionUID',
        'ApprovalPolicy.spec.agents.namespaceSelector.matchLabels{}',
      ]),
    )
    expect(paths).not.toContain('ApprovalRequest.metadata')
  })

  test.each(definitions.map((definition) => [kindOf(definition), definition] as const))(
    'of %s follows the conventions',
    (_kind, definition) => {
      expect(complaintsAbout(definition)).toEqual([])
    },
  )

  test.each([
    ['ApprovalRequest', 'Agent Action Risk State Votes By Outcome Deadline Age'],
    ['ApprovalChannel', 'Type Ready Reason Target Delivered Age'],
    ['AgentIdentity', 'Gated Safe Owner Age'],
  ])('of %s shows the columns %s', (kind, columns) => {
    expect(
      definitionOf(kind)
        .spec.versions[0].additionalPrinterColumns?.map(({ name }) => name)
        .join(' '),
    ).toBe(columns)
  })

  test.each([
    ['ApprovalRequest.status.decision', ['Approved', 'Denied', 'ChangesRequested', 'Expired']],
    ['ApprovalRequest.status.basis', ['Votes', 'Deadline', 'StandingGrant', 'BreakGlass']],
    ['ApprovalRequest.spec.actions[].operation', ['Create', 'Update', 'Delete', 'Connect']],
    ['ApprovalRequest.spec.risk.level', ['Low', 'Medium', 'High', 'Critical']],
    ['ApprovalRequest.spec.requirements.assurance', ['Card', 'SignedIn']],
    ['ApprovalRequest.spec.requirements.comment', ['Always', 'OnDeny', 'Optional']],
    ['ApprovalRequest.spec.requirements.separation[]', ['Owner', 'OnBehalfOf']],
    ['ApprovalVote.spec.verdict', ['Approve', 'Deny', 'RequestChanges', 'Comment', 'Revoke', 'Pause']],
    ['ApprovalVote.spec.voter.kind', ['EntraUser', 'SlackUser', 'KubernetesUser']],
    ['ApprovalPolicy.spec.effect', ['Warn', 'RequireApproval', 'Deny']],
    ['ApprovalPolicy.spec.wait.mode', ['Hold', 'Immediate']],
    ['ApprovalChannel.spec.type', ['Teams', 'Slack', 'Webhook']],
    ['ApprovalChannel.spec.notify', ['OnCall', 'Stage', 'None']],
  ])('at %s know exactly the words %j', (path, words) => {
    expect(wordsAt(path)).toEqual(words)
  })

  test.each(['ApprovalRequest', 'ApprovalVote', 'AgentIdentity'])(
    'of %s, which agents and voters cause to be written, allow nothing that etcd would not take (1.5 MiB)',
    (kind) => {
      expect(largest(rootOf(definitionOf(kind)))).toBeLessThan(1.5 * 1024 * 1024)
    },
  )

  test('that have a list without end allow something that etcd would not take', () => {
    expect(largest({ type: 'array', items: { type: 'boolean' } })).toBe(Infinity)
  })
})

/** Bytes of the largest JSON that a schema allows, counting one byte for each character. */
function largest(schema: Schema): number {
  const punctuation = 22
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => name.length + largest(field))
  return punctuation + largestText(schema) + largestParts(schema) + fields.reduce((sum, size) => sum + size, 0)
}

function largestText({ type, maxLength, enum: words = [] }: Schema): number {
  const asLong = Math.max(...words.map((word) => word.length), 'a time in RFC 3339 with nanoseconds'.length)
  return type === 'string' ? (maxLength ?? asLong) : 0
}

function largestParts({ items, additionalProperties: values, maxItems, maxProperties }: Schema): number {
  const longestLabelKey = 317
  const list = items === undefined ? 0 : (maxItems ?? Infinity) * largest(items)
  return list + (values === undefined ? 0 : (maxProperties ?? Infinity) * (longestLabelKey + largest(values)))
}

const fine: Schema = { type: 'string', maxLength: 10, description: 'A word.' }

/** A kind Thing that follows the conventions, but for what is given. */
function thing(spec: Partial<Schema>, root: Partial<Schema> = {}): Definition {
  return {
    metadata: { name: 'things.countersign.dev' },
    spec: {
      group: 'countersign.dev',
      scope: 'Namespaced',
      names: { kind: 'Thing', plural: 'things', shortNames: ['thing'], categories: ['countersign'] },
      versions: [
        {
          name: 'v1alpha1',
          additionalPrinterColumns: [{ name: 'Age', description: 'Its age.' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: 'A thing.',
              required: ['spec'],
              properties: {
                metadata: { type: 'object' },
                spec: {
                  type: 'object',
                  title: 'ThingSpec',
                  description: 'What it is.',
                  properties: { fine },
                  ...spec,
                },
              },
              ...root,
            },
          },
        },
      ],
    },
  }
}

describe('the conventions notice', () => {
  const list = { type: 'array', maxItems: 3, 'x-kubernetes-list-type': 'atomic', description: 'Words.', items: fine }
  const map = { type: 'object', maxProperties: 3, description: 'Words.', additionalProperties: fine }
  const moment = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`
  const words = { type: 'string', title: 'Word', description: 'A word.' }
  const object = { type: 'object', title: 'Part', description: 'A part.', properties: { fine } }

  test('nothing about a thing that follows them', () => {
    expect(complaintsAbout(thing({ properties: { fine, list, map, object } }))).toEqual([])
  })

  test.each<[string, string, Schema, string]>([
    ['a field without description', 'a', { type: 'string', maxLength: 1 }, 'Thing.spec.a has no description'],
    ['a field whose description is blank', 'a', { ...fine, description: ' ' }, 'Thing.spec.a has no description'],
    [
      'items without description',
      'a',
      { ...list, items: { type: 'string', maxLength: 1 } },
      'Thing.spec.a[] has no description',
    ],
    [
      'a field deep inside without description',
      'a',
      { ...object, properties: { b: { type: 'string', maxLength: 1 } } },
      'Thing.spec.a.b has no description',
    ],
    ['a field in capitals', 'URL', fine, 'Thing.spec.URL is not named in camelCase'],
    ['a string without end', 'a', { type: 'string', description: 'A.' }, 'Thing.spec.a is a string without maxLength'],
    [
      'a list without end',
      'a',
      { type: 'array', 'x-kubernetes-list-type': 'atomic', description: 'A.', items: fine },
      'Thing.spec.a is a list without maxItems',
    ],
    [
      'a map without end',
      'a',
      { type: 'object', description: 'A.', additionalProperties: fine },
      'Thing.spec.a is a map without maxProperties',
    ],
    [
      'a list without type',
      'a',
      { type: 'array', maxItems: 1, description: 'A.', items: fine },
      'Thing.spec.a is a list without list type',
    ],
    [
      'a list map whose key may lack',
      'a',
      { ...list, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: object },
      'Thing.spec.a has a list map key that may lack',
    ],
    ['a floating number', 'a', { type: 'number', minimum: 0, description: 'A.' }, 'Thing.spec.a has the type number'],
    [
      'an integer without bound',
      'a',
      { type: 'integer', format: 'int32', description: 'A.' },
      'Thing.spec.a is an integer without minimum or format',
    ],
    ['an open object', 'a', { type: 'object', description: 'A.' }, 'Thing.spec.a is an object without fields'],
    [
      'a required field that is not there',
      'a',
      { ...object, required: ['other'] },
      'Thing.spec.a requires unknown fields: other',
    ],
    [
      'words in lower case',
      'a',
      { ...words, enum: ['Yes', 'no'] },
      'Thing.spec.a has words that are not CamelCase: no',
    ],
    [
      'words in capitals that nobody has borrowed',
      'a',
      { ...words, enum: ['UPDATE'] },
      'Thing.spec.a has words that are not CamelCase: UPDATE',
    ],
    [
      'a list of words without a name for its type',
      'a',
      { type: 'string', description: 'A.', enum: ['Yes'] },
      'Thing.spec.a has no title to name its type',
    ],
    [
      'a nested object without a name for its type',
      'a',
      { type: 'object', description: 'A.', properties: { fine } },
      'Thing.spec.a has no title to name its type',
    ],
    ['a title on what is no type', 'a', { ...fine, title: 'A' }, 'Thing.spec.a has a title but is no type of its own'],
    [
      'a time that is not named so',
      'at',
      { type: 'string', format: 'date-time', pattern: moment, description: 'A.' },
      'Thing.spec.at is a time that is not named so',
    ],
    [
      'a time that can be written in several ways',
      'endTime',
      { type: 'string', format: 'date-time', description: 'A.' },
      'Thing.spec.endTime is a time that can be written in several ways',
    ],
    ['a name that promises a time', 'endTime', fine, 'Thing.spec.endTime is named a time but is none'],
    ['a name that promises seconds', 'waitSeconds', fine, 'Thing.spec.waitSeconds is named seconds but is no integer'],
    [
      'a rule that a null would silence',
      'a',
      { ...object, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
      'Thing.spec.a has rules, which belong at the root',
    ],
  ])('%s', (_what, ...[name, schema, complaint]) => {
    expect(complaintsAbout(thing({ properties: { [name]: schema } }))).toEqual([complaint])
  })

  const frozen = {
    'x-kubernetes-validations': [
      { rule: 'self.spec == oldSelf.spec', message: 'no', reason: 'FieldValueForbidden', fieldPath: '.spec' },
    ],
  }

  test('a set in a spec that never changes, since equality would ignore its order', () => {
    const set = { ...list, 'x-kubernetes-list-type': 'set' }
    expect(complaintsAbout(thing({ properties: { set } }))).toEqual([])
    expect(complaintsAbout(thing({ properties: { set } }, frozen))).toEqual([
      'Thing.spec.set can be reordered although the spec never changes',
    ])
  })

  test('a default in a spec that never changes, since what is stored would not be what was sent', () => {
    expect(complaintsAbout(thing({ properties: { a: { ...fine, default: 'x' } } }, frozen))).toEqual([
      'Thing.spec.a has a default although the spec never changes',
    ])
  })

  test('a rule that does not say what it refuses', () => {
    expect(complaintsAbout(thing({}, { 'x-kubernetes-validations': [{ rule: 'true', message: 'no' }] }))).toEqual([
      'Thing has a rule without message, reason or fieldPath: true',
    ])
  })

  test('a kind whose spec may be missing, for then every rule about it could be escaped', () => {
    expect(complaintsAbout(thing({}, { required: [] }))).toEqual(['Thing does not require spec'])
  })

  test('a status that could be written with the spec', () => {
    const status = { type: 'object', title: 'ThingStatus', description: 'Its state.', properties: { fine } }
    const spec = { type: 'object', title: 'ThingSpec', description: 'It.', properties: { fine } }
    expect(complaintsAbout(thing({}, { properties: { spec, status } }))).toEqual([
      'Thing has status without subresource',
    ])
  })

  test('a ninth selectable field, which the API server refuses', () => {
    const definition = thing({})
    const [version] = definition.spec.versions
    const selectableFields = Array.from({ length: 9 }, (_, index) => ({ jsonPath: `.spec.field${index}` }))
    expect(
      complaintsAbout({ ...definition, spec: { ...definition.spec, versions: [{ ...version, selectableFields }] } }),
    ).toEqual(['Thing has more than 8 selectable fields'])
  })
})
