import { describe, expect, test } from '@jest/globals'
import { canonical } from '../../src/domain/canonical.ts'
import { changesBetween } from '../../src/domain/change.ts'
import { decodedText } from '../../src/domain/encoded-text.ts'
import { inertLines } from '../../src/domain/inert.ts'
import { parseInstant } from '../../src/domain/instant.ts'
import { readJson } from '../../src/domain/json-reader.ts'
import { looksLikeText, mayCarryPayload } from '../../src/domain/mask-text.ts'
import { formatPath, parsePath } from '../../src/domain/path.ts'
import { variablesUsed } from '../../src/domain/runnable.ts'
import { isNoCredential, isSecretName } from '../../src/domain/secret-names.ts'
import { credentialSpans } from '../../src/domain/secrets.ts'
import { printYaml } from '../../src/text/yaml.ts'
import { asConfigMap, asWidget, bytes, digest, managed, object, view } from '../make.ts'

/** Milliseconds of processor time, which the load of the machine does not change. */
function cost(work: () => void): number {
  const { user } = process.cpuUsage()
  work()
  return (process.cpuUsage().user - user) / 1000
}

const negligibleMs = 40

/**
 * Four times the input may take four times as long, with slack up to ten; sixteen times would be a square. What looks
 * like one is measured again.
 */
function expectLinear(work: (size: number) => () => void, size: number): void {
  const large = work(4 * size)
  if (cost(large) <= negligibleMs) return
  const small = work(size)
  const growth = (): number => cost(large) / Math.max(cost(small), 1)
  const seen = growth()
  expect(seen < 10 ? seen : Math.min(growth(), growth(), growth())).toBeLessThan(10)
}

const pieces = [
  'a',
  'A1b',
  '0',
  '-',
  '--',
  '_',
  '.',
  '/',
  '=',
  '==',
  ':',
  '>',
  '<',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '\\',
  '\\"',
  '\\\\"',
  ' ',
  '\t',
  '\n',
  ' \n',
  'a=',
  'a:',
  '"a"',
  '<a>',
  '--a ',
  '-a -b ',
  'password',
  'password=',
  'password=x ',
  'password="',
  "password='",
  'password=\\"',
  'password: ',
  'password: |\n',
  '  password: |\n',
  '<password>',
  '--password ',
  '--password "',
  'token=>',
  'token {{ ',
  'token={{',
  'eyJ',
  'eyJaaaaaaaa.',
  'eyJaaaaaaaa-',
  '-eyJaaaaaaaa.',
  '-----BEGIN',
  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----',
  '-----BEGIN CERTIFICATE-----',
  '-----BEGIN CERTIFICATE-----\nAAAA',
  '://',
  '://a:',
  '://a:b',
  'Bearer ',
  'Bearer aaaaaaaa',
  'authorization',
  'authorization: ',
  'authorization: a ',
  '-u ',
  '-u a:',
  'login a password ',
  'requirepass ',
  'sk-',
  'sk-aaaa',
  'xoxb-',
  'SG.',
  'hooks.slack.com/services/',
  '\u202e',
  '<masked ',
  '\\u{',
  '$',
  '$(',
  '$(A',
  '${A}',
  '{{',
  'YQ==',
  'QUFB',
  '2026-03-01T',
  'a.b[0]',
  '["',
  '[a="',
  '😀',
  'é',
]

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  credentialSpans: (text) => [credentialSpans(text), credentialSpans(text, 'Words')],
  inertLines,
  'names and switches': (text) => [isSecretName(text), isNoCredential(text), parseInstant(text)],
  'mayCarryPayload, looksLikeText, decodedText': (text) => [
    mayCarryPayload(text),
    looksLikeText(text),
    decodedText(text),
  ],
  'formatPath, parsePath': (text) => [formatPath([text, [['name', text]]]), parsePath(text), parsePath(`["${text}`)],
  'readJson, canonical': (text) => {
    const read = readJson(bytes(JSON.stringify([text])))
    return [readJson(bytes(text)), 'fault' in read || canonical(read.value)]
  },
  variablesUsed: (text) => variablesUsed(object({ command: [text], env: [{ name: 'A', value: text }] })),
}

describe('no text makes a search slow', () => {
  const size = 16 * 1024

  test.each(Object.entries(readers))('%s', (_name, reader) => {
    for (const piece of pieces) {
      expectLinear((length) => {
        const text = piece.repeat(length / piece.length)
        return () => reader(text)
      }, size)
    }
  })

  test.each(Object.entries(readers))('%s, when the text ends otherwise', (_name, reader) => {
    for (const piece of pieces) {
      expectLinear((length) => {
        const text = `${piece.repeat(length / piece.length)}\u0000!`
        return () => reader(text)
      }, size)
    }
  })
})

const counted = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const keyed = (count: number, value: (index: number) => unknown): Record<string, unknown> =>
  Object.fromEntries(counted(count, (index) => [`k${index}`, value(index)]))

describe('no document makes the work grow faster than itself', () => {
  const widget = (spec: unknown, metadata = {}): unknown => ({
    kind: 'Widget',
    metadata: { uid: 'u', ...metadata },
    spec,
  })
  const change = (before: unknown, after: unknown) => ({ ...asWidget, oldObject: before, object: after })

  test.each<[string, (size: number) => () => unknown]>([
    [
      'many changed keys',
      (size) => () => changesBetween(object(keyed(size, String)), object(keyed(size, (index) => index))),
    ],
    [
      'many changed elements',
      (size) => () =>
        changesBetween(
          object({ env: counted(size, (index) => ({ name: `n${index}`, value: 1 })) }),
          object({ env: counted(size, (index) => ({ name: `n${index}`, value: 2 })) }),
        ),
    ],
    [
      'many elements in another order',
      (size) => () =>
        changesBetween(
          object({ env: counted(size, (index) => ({ name: `n${index}` })) }),
          object({ env: counted(size, (index) => ({ name: `n${size - index}` })) }),
        ),
    ],
    [
      'many lists in lists',
      (size) => () =>
        changesBetween(object({ a: counted(size, (index) => [[index]]) }), object({ a: counted(size, () => [[]]) })),
    ],
    [
      'a long name over many values',
      (size) => () => digest(change(widget({}), widget({ ['k'.repeat(1000)]: keyed(size, String) }))),
    ],
    [
      'many fields of many changed values',
      (size) => {
        const fieldsV1 = { 'f:spec': Object.fromEntries(counted(size, (index) => [`f:k${index}`, {}])) }
        const request = change(
          widget(keyed(size, String)),
          widget(
            keyed(size, (index) => index),
            { managedFields: [managed('a', fieldsV1)] },
          ),
        )
        return () => view(request)
      },
    ],
    [
      'many fields of elements',
      (size) => {
        const elements = counted(size, (index) => ({ name: `n${index}`, value: 1 }))
        const fieldsV1 = {
          'f:spec': {
            'f:env': Object.fromEntries(counted(size, (index) => [`k:{"name":"n${index}"}`, { 'f:value': {} }])),
          },
        }
        const request = change(
          widget({ env: elements }),
          widget({ env: elements }, { managedFields: [managed('a', fieldsV1)] }),
        )
        return () => view(request)
      },
    ],
    [
      'many ways to name elements',
      (size) => {
        const elements = counted(200, (index) => ({ name: `n${index}` }))
        const fieldsV1 = {
          'f:spec': { 'f:env': Object.fromEntries(counted(size, (index) => [`k:{"f${index}":"x"}`, {}])) },
        }
        const request = change(
          widget({ env: elements }),
          widget({ env: elements }, { managedFields: [managed('a', fieldsV1)] }),
        )
        return () => view(request)
      },
    ],
    [
      'many owners of one field',
      (size) => {
        const managedFields = counted(size, (index) => managed(`m${index}`, { 'f:spec': {} }))
        const request = change(widget(keyed(200, String)), widget(keyed(200, String), { managedFields }))
        return () => view(request)
      },
    ],
    [
      'many variables and a command that uses them',
      (size) => {
        const env = counted(size, (index) => ({ name: `TOKEN_${index}`, value: 'x' }))
        const request = change(widget({}), widget({ env, command: counted(size, (index) => `$TOKEN_${index}`) }))
        return () => view(request)
      },
    ],
    [
      'many flags',
      (size) => {
        const request = change(
          widget({}),
          widget({ args: counted(size, (index) => (index % 2 === 0 ? '--token' : 'x')) }),
        )
        return () => view(request)
      },
    ],
    [
      'many lines',
      (size) => {
        const text = (word: string): string => counted(size, (index) => `${word} ${index}`).join('\n')
        const request = {
          ...asConfigMap,
          oldObject: { kind: 'ConfigMap', data: { a: text('x') } },
          object: { kind: 'ConfigMap', data: { a: text('y') } },
        }
        return () => view(request)
      },
    ],
    [
      'a long list in YAML',
      (size) => {
        const list = object({ a: counted(size, (index) => ({ b: index })) })
        return () => printYaml(list)
      },
    ],
  ])('%s', (_what, work) => {
    expectLinear((size) => {
      const run = work(size)
      return () => void run()
    }, 1500)
  })
})
