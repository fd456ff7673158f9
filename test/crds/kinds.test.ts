import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { readDefinitions } from '../../crds/schema.ts'
import type { Definition, Schema } from '../../crds/schema.ts'
import { typesOf } from '../../crds/typescript.ts'

const definitions = readDefinitions('crds')

/** A kind Thing whose spec has these fields. */
function thing(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Definition {
  const spec = { type: 'object', title: 'ThingSpec', properties, required }
  return {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Thing', plural: 'things' },
      versions: [
        { name: 'v1', schema: { openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec } } } },
      ],
    },
  }
}

/** The generated type of that name, without the docstrings. */
async function typeText(definition: Definition, name: string): Promise<string> {
  const text = await typesOf([definition])
  const found = new RegExp(`export type ${name} = [^]*?(?=\\n\\n|\\n$)`).exec(text)
  return (found?.[0] ?? `no ${name}`).replaceAll(/ *\/\*\*[^]*?\*\/\n/g, '')
}

describe('src/domain/kinds.ts', () => {
  test('is what crds/ says: if not, run node crds/generate.ts', async () => {
    expect(readFileSync('src/domain/kinds.ts', 'utf8')).toBe(await typesOf(definitions))
  })

  test('changes with any word of a description, so that it cannot be stale unnoticed', async () => {
    const texts = ['Who asks.', 'Who begs.'].map((description) =>
      typesOf([thing({ a: { type: 'string', description } })]),
    )
    expect(await texts[0]).not.toBe(await texts[1])
  })

  test('has no field that can be written to, and nothing untyped', () => {
    const lines = readFileSync('src/domain/kinds.ts', 'utf8').split('\n')
    const fields = lines.filter((line) => /^ {2}[^ /*]/.test(line) && !/^ {2}\| /.test(line))
    expect(fields.length).toBeGreaterThan(200)
    expect(fields.filter((line) => !/^ {2}readonly \w+\??: /.test(line))).toEqual([])
    expect(fields.filter((line) => /\bany\b|\bunknown\b|: (?!readonly )[^:]*\[\]/.test(line))).toEqual([])
  })
})

const part = (description: string): Schema => ({
  type: 'object',
  title: 'Part',
  description,
  properties: { name: { type: 'string', description } },
})

describe('the generator', () => {
  test('makes a kind with its API version, its kind and the standard metadata, all of them there', async () => {
    expect(await typeText(thing({}), 'Thing')).toBe(
      [
        'export type Thing = {',
        "  readonly apiVersion: 'example.com/v1'",
        "  readonly kind: 'Thing'",
        '  readonly metadata: ObjectMeta',
        '  readonly spec: ThingSpec',
        '}',
      ].join('\n'),
    )
  })

  test.each<[string, Schema, string]>([
    ['a text', { type: 'string' }, 'readonly a?: string'],
    ['a time', { type: 'string', format: 'date-time' }, 'readonly a?: Time'],
    ['a number', { type: 'integer' }, 'readonly a?: number'],
    ['a yes or no', { type: 'boolean' }, 'readonly a?: boolean'],
    [
      'a list, at any length',
      { type: 'array', maxItems: 1, items: { type: 'string' } },
      'readonly a?: readonly string[]',
    ],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'string' } },
      'readonly a?: Readonly<Record<string, string>>',
    ],
    ['a type of its own', { type: 'string', title: 'Word', enum: ['Yes', 'No'] }, 'readonly a?: Word'],
    [
      'a list of a type of its own',
      { type: 'array', items: { type: 'object', title: 'Part', properties: {} } },
      'readonly a?: readonly Part[]',
    ],
    ['a field with a default, which is never missing', { type: 'integer', default: 1 }, 'readonly a: number'],
  ])('makes %s', async (_what, schema, line) => {
    expect(await typeText(thing({ a: schema }), 'ThingSpec')).toBe(`export type ThingSpec = {\n  ${line}\n}`)
  })

  test('makes a required field present', async () => {
    expect(await typeText(thing({ a: { type: 'string' } }, ['a']), 'ThingSpec')).toContain('  readonly a: string')
  })

  test('makes a list of words a union', async () => {
    const word = { type: 'string', title: 'Word', enum: ['Yes', 'No'] }
    expect(await typeText(thing({ a: word }), 'Word')).toBe("export type Word = 'Yes' | 'No'")
  })

  test('tells what the description tells, and does not let it end the comment', async () => {
    const text = await typesOf([thing({ a: { type: 'string', description: 'A path such as */scale.' } })])
    expect(text).toContain('  /** A path such as *\\/scale. */\n  readonly a?: string\n')
  })

  test('drops what is meant for the API server', () => {
    expect(readFileSync('src/domain/kinds.ts', 'utf8')).not.toMatch(/x-kubernetes|oldSelf/)
  })

  test('knows one type in two places although they are described differently', async () => {
    const text = await typesOf([thing({ a: part('The first.'), b: part('The second.') })])
    expect(text.match(/export type Part /g)).toHaveLength(1)
    expect(text).toContain('\nexport type Part = {\n  readonly name?: string\n}')
  })

  test('refuses two different types of one name', async () => {
    const one = { type: 'string', title: 'Word', enum: ['Yes'] }
    const other = { type: 'string', title: 'Word', enum: ['No'] }
    await expect(typesOf([thing({ one, other })])).rejects.toThrow(
      'Thing.spec.other is another Word than the one before',
    )
  })
})
