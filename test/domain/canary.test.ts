import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { summaryOf } from '../../src/domain/summary.ts'
import { printView } from '../../src/text/diff.ts'
import { action, asConfigMap, configMap, content, deployment, jsonText, managed, view } from '../make.ts'
import type { Request } from '../make.ts'
import { scaled } from '../scale.ts'
import { hostileText } from './arbitrary.ts'

type Plain = Record<string, unknown>

/** A review with a secret planted in every place that masking knows, and agents' text around it. */
type Planted = { readonly name: string; readonly request: (canary: string, noise: string) => Request }

const base64 = (text: string): string => btoa(text)

const created = (made: Plain, as: Request = {}): Request => ({ operation: 'CREATE', ...as, object: made })
const pods = (container: Plain): Plain =>
  deployment({ template: { spec: { containers: [{ name: 'web', image: 'x', ...container }] } } })
const asSecret: Request = { resource: { group: '', version: 'v1', resource: 'secrets' }, kind: { kind: 'Secret' } }
const asWidget: Request = {
  resource: { group: 'example.com', version: 'v1', resource: 'widgets' },
  kind: { kind: 'Widget' },
}
const widget = (spec: Plain): Plain => ({ kind: 'Widget', metadata: { name: 'w', uid: 'u' }, spec })
const jwtOf = (canary: string): string =>
  [`eyJ${base64(`hbGciOi${canary}`)}`, base64(canary.repeat(2)), canary]
    .map((part) => part.replaceAll('=', ''))
    .join('.')
const pemOf = (canary: string): string =>
  `-----BEGIN RSA PRIVATE KEY-----\n${base64(canary.repeat(3))}\n${canary}\n-----END RSA PRIVATE KEY-----`

/** The forms of a token that its issuer documents. */
const shapesOf = (canary: string): readonly string[] => [
  `ghp_${canary}`,
  `github_pat_${canary}`,
  `glpat-${canary}`,
  `xoxb-${canary}`,
  `sk-${canary}`,
  `sk_live_${canary}`,
  `npm_${canary}`,
  `hvs.${canary}`,
  `ya29.${canary}`,
  `Bearer ${canary}`,
  `Basic ${base64(`u:${canary}`)}`,
  `https://user:${canary}@host/x`,
  `redis://:${canary}@host`,
  jwtOf(canary),
  pemOf(canary),
]

/** The forms of a value behind the name of a credential. */
const namedOf = (canary: string): readonly string[] => [
  `password=${canary}`,
  `db.password = ${canary}`,
  `a: 1\npassword: ${canary}\nb: 2`,
  `token: |\n  ${canary}\n  ${canary}\nb: 2`,
  `{"user":"u","apiKey":"${canary}"}`,
  jsonText({ nested: jsonText({ deeper: jsonText({ client_secret: `a"b\\${canary}` }) }) }),
  `<token>${canary}</token>`,
  `log: secret=${canary} x`,
  `DB_PASSWORD="${canary}`,
  `tool --access-token ${canary} --x`,
  `tool --access-token='${canary}'`,
  `tool --set=auth.password=${canary}`,
  `sh -c "tool --password ${canary}"`,
  `curl -u u:${canary} https://x`,
  `requirepass ${canary}`,
]

const planted: readonly Planted[] = [
  {
    name: 'Secret',
    request: (canary, noise) =>
      created(
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 's' },
          data: { [noise || 'k']: base64(canary), n: canary },
          stringData: { b: canary, c: { d: [canary] } },
        },
        asSecret,
      ),
  },
  {
    name: 'change of a Secret',
    request: (canary, noise) => ({
      ...asSecret,
      oldObject: { kind: 'Secret', metadata: { name: 's', uid: 'u' }, data: { a: base64(canary), b: 'eA==' } },
      object: {
        kind: 'Secret',
        metadata: { name: 's', uid: 'u' },
        data: { a: base64(`${canary}${noise.length}`), b: canary },
      },
    }),
  },
  {
    name: 'variables',
    request: (canary, noise) =>
      created(
        pods({
          env: [
            'DB_PASSWORD',
            'PGPASSWORD',
            'apiToken',
            'CLIENT_SECRET',
            'AWS_SECRET_ACCESS_KEY',
            'SENTRY_DSN',
            'AUTH',
          ].map((name) => ({ name, value: canary })),
          args: ['$(PGPASSWORD)', '$AUTH', noise],
        }),
      ),
  },
  {
    name: 'arguments',
    request: (canary, noise) =>
      created(
        pods({
          args: [
            noise,
            '--password',
            canary,
            '-token',
            canary,
            ...namedOf(canary).filter((text) => !text.includes('\n')),
          ],
        }),
      ),
  },
  { name: 'commands', request: (canary) => created(pods({ command: ['sh', '-c', ...shapesOf(canary)] })) },
  {
    name: 'probes',
    request: (canary) => created(pods({ livenessProbe: { exec: { command: [`x --token ${canary}`] } } })),
  },
  {
    name: 'texts',
    request: (canary, noise) =>
      created(
        widget({ list: [...shapesOf(canary), ...namedOf(canary)].map((text) => `${text}\n${noise}`), noise }),
        asWidget,
      ),
  },
  {
    name: 'files',
    request: (canary, noise) =>
      created(
        configMap(
          Object.fromEntries(
            [...shapesOf(canary), ...namedOf(canary), noise].map((text, index) => [`f${index}`, text]),
          ),
        ),
        asConfigMap,
      ),
  },
  {
    name: 'encoded texts',
    request: (canary) => created(widget({ list: [...shapesOf(canary), ...namedOf(canary)].map(base64) }), asWidget),
  },
  {
    name: 'fields',
    request: (canary, noise) =>
      created(
        widget({
          password: canary,
          deep: { apiKey: canary, note: noise },
          tokens: [canary, noise],
          env: [{ name: 'X_TOKEN', value: canary }],
        }),
        asWidget,
      ),
  },
  {
    name: 'what was last applied',
    request: (canary, noise) => ({
      oldObject: deployment({
        metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': noise } },
      }),
      object: deployment({
        metadata: {
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': jsonText({ a: canary, b: base64(canary) }),
          },
        },
      }),
    }),
  },
  {
    name: 'what a policy hides',
    request: (canary, noise) =>
      created(widget({ hidden: { a: canary, b: [{ c: canary }], [noise]: canary } }), asWidget),
  },
  {
    name: 'owned values of what a policy hides',
    request: (canary) => ({
      ...asWidget,
      oldObject: { ...widget({}), metadata: { uid: 'u', managedFields: [managed('a', {})] } },
      object: {
        ...widget({}),
        metadata: {
          uid: 'u',
          managedFields: [
            managed('a', {
              'f:spec': {
                'f:hidden': { [`v:"${canary}"`]: {} },
                'f:tokens': { [`k:{"id":"${canary}"}`]: { '.': {} } },
              },
            }),
          ],
        },
      },
    }),
  },
  {
    name: 'a Delete',
    request: (canary) => ({
      operation: 'DELETE',
      ...asSecret,
      oldObject: { kind: 'Secret', metadata: { name: 's', uid: 'u' }, data: { a: base64(canary) } },
      options: { kind: 'DeleteOptions' },
    }),
  },
  {
    name: 'an exec',
    request: (canary) => ({
      operation: 'CONNECT',
      resource: { group: '', version: 'v1', resource: 'pods' },
      subResource: 'exec',
      kind: { kind: 'PodExecOptions' },
      object: { kind: 'PodExecOptions', command: ['mysql', `--password=${canary}`, '--token', canary] },
    }),
  },
]

/** All that leaves: the text, the summary, the lists of places, the whole view. */
function everything(request: Request): string {
  const shown = view(request, ['spec.hidden'])
  const summary = summaryOf(action(request), content(request))
  return [printView(shown).text, summary, JSON.stringify(shown)].join('\n')
}

/** The text in the forms in which it may look out: as it is, and as base64 wherever it begins in a block of three. */
function formsOf(canary: string): readonly string[] {
  const shifted = [0, 1, 2].map((shift) => base64('x'.repeat(shift) + canary).slice(shift === 0 ? 0 : 4, -4))
  return [canary, canary.slice(2, -2), ...shifted]
}

/** Some look like noise, which is hidden anywhere; some like a word, which is hidden for its place or its shape alone. */
const noiseLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'.split('')
const wordLetters = 'abcdefghijklmnopqrstuvwxyz'.split('')
const lengths = { minLength: 32, maxLength: 60 }
const canaries = fc.oneof(
  fc.array(fc.constantFrom(...noiseLetters), lengths).map((letters) => `Zq9${letters.join('')}`),
  fc.array(fc.constantFrom(...wordLetters), lengths).map((letters) => `zqx${letters.join('')}`),
)
const noises = fc.oneof(hostileText, fc.constantFrom('password', '=', 'a=b', '"', '\n', 'token: ', "'", '\\'))

describe('a secret does not leave', () => {
  test.each(planted)('by $name', ({ request }) => {
    fc.assert(
      fc.property(canaries, noises, (canary, noise) => {
        const left = everything(request(canary, noise))
        expect(formsOf(canary).filter((form) => left.includes(form))).toEqual([])
        expect(left).toMatch(/<masked |\[hidden=/)
      }),
      { numRuns: scaled(60, 5000) },
    )
  })

  test.each(planted)('nor does its length, by $name', ({ request }) => {
    const untagged = (canary: string): string => everything(request(canary, 'x')).replaceAll(/tag \w{8}/g, 'tag')
    for (const canary of ['Zq9mT4vKx7Bn2WpLr8YcHs5DgJf3QaEu', 'zqxmtdvkxsbnwpslrycyhsrdgjfqacen']) {
      expect(untagged(canary.repeat(4))).toBe(untagged(canary))
    }
  })
})
