import { describe, expect, test } from '@jest/globals'
import { readReview } from '../../src/webhook/admission.ts'
import { agentUser, asPod, bytes, deployment, exact, jsonText, object, readText, reviewText } from '../make.ts'
import type { Request } from '../make.ts'

const read = (request: Request) => readReview(bytes(reviewText(request)))
const whole: Request = { object: deployment(), oldObject: deployment() }

describe('readReview reads', () => {
  test('who asks for what, on what, to the letter', () => {
    const text = reviewText({
      ...asPod,
      operation: 'CREATE',
      subResource: 'binding',
      object: { a: exact('1.0') },
      options: { kind: 'CreateOptions' },
    })
    expect(readText(text)).toEqual({
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      dryRun: false,
      action: {
        agent: agentUser,
        operation: 'Create',
        resource: { group: '', version: 'v1', resource: 'pods', subresource: 'binding' },
        kind: 'Pod',
        namespace: 'prod',
        name: 'web-0',
        object: object({ a: exact('1.0') }),
        oldObject: undefined,
        options: object({ kind: 'CreateOptions' }),
        parentUID: undefined,
      },
      caller: { groups: [], pod: undefined, credentialID: undefined },
    })
  })

  test.each([
    ['CREATE', 'Create'],
    ['UPDATE', 'Update'],
    ['DELETE', 'Delete'],
    ['CONNECT', 'Connect'],
  ])('%s as %s', (operation, expected) => {
    expect(readText(reviewText({ ...whole, operation })).action.operation).toBe(expected)
  })

  test.each<[string, unknown, boolean]>([
    ['true', true, true],
    ['false', false, false],
    ['absent', undefined, false],
    ['a text', 'true', false],
  ])('a dry run that is %s', (_what, dryRun, expected) => {
    expect(readText(reviewText({ ...whole, dryRun })).dryRun).toBe(expected)
  })

  test.each<[string, Request, string, unknown]>([
    [
      'a user without a uid, as impersonation makes it',
      { userInfo: { username: 'x' } },
      'agent',
      { username: 'x', uid: '' },
    ],
    ['an object without a namespace', { namespace: undefined }, 'namespace', ''],
    ['an object without a name yet', { name: undefined }, 'name', ''],
    [
      'the core group',
      { resource: { version: 'v1', resource: 'pods' } },
      'resource',
      { group: '', version: 'v1', resource: 'pods', subresource: '' },
    ],
    ['null for what is not there', { options: null }, 'options', undefined],
  ])('%s', (_what, request, field, expected) => {
    expect(readText(reviewText({ ...whole, ...request })).action).toHaveProperty(field, expected)
  })
})

describe('readReview refuses what carries too little: without it two actions could look the same', () => {
  test.each<[string, Request, boolean]>([
    ['a Create with its object', { operation: 'CREATE', object: {} }, true],
    ['a Create without', { operation: 'CREATE', oldObject: {} }, false],
    ['an Update with both objects', { operation: 'UPDATE', object: {}, oldObject: {} }, true],
    ['an Update without the object', { operation: 'UPDATE', oldObject: {} }, false],
    ['an Update without the old object', { operation: 'UPDATE', object: {} }, false],
    ['an Update with null for the old object', { operation: 'UPDATE', object: {}, oldObject: null }, false],
    ['a Delete with the old object', { operation: 'DELETE', oldObject: {} }, true],
    ['a Delete without', { operation: 'DELETE', object: {} }, false],
    ['a Connect with its options', { operation: 'CONNECT', object: {} }, true],
    ['a Connect without', { operation: 'CONNECT', oldObject: {}, options: {} }, false],
  ])('%s: read %s', (_what, request, isRead) => {
    expect('action' in read(request)).toBe(isRead)
  })
})

describe('readReview refuses, by name', () => {
  const notAReview = {
    fault: 'NotAReview',
    refusal: { reason: 'Unreviewable', message: expect.stringContaining('it is not an AdmissionReview') },
  }

  test.each<[string, string]>([
    ['an empty object', '{}'],
    ['null', 'null'],
    ['a list', '[]'],
    ['another kind', reviewText(whole).replace('AdmissionReview', 'TokenReview')],
    ['another version', reviewText(whole).replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1')],
    ['no version', jsonText({ kind: 'AdmissionReview', request: {} })],
    ['no request', jsonText({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' })],
    ['a request that is a list', jsonText({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request: [] })],
  ])('%s', (_what, text) => {
    expect(readReview(bytes(text))).toEqual(notAReview)
  })

  test.each<[string, Request]>([
    ['no uid', { uid: undefined }],
    ['a uid that is a number', { uid: 1 }],
    ['no operation', { operation: undefined }],
    ['an unknown operation', { operation: 'PATCH' }],
    ['an operation in small letters', { operation: 'update' }],
    ['an inherited operation', { operation: 'constructor' }],
    ['no resource', { resource: undefined }],
    ['no version of the resource', { resource: { group: '', resource: 'pods' } }],
    ['a resource that is a text', { resource: 'pods' }],
    ['no user', { userInfo: undefined }],
    ['no username', { userInfo: { uid: 'x' } }],
    ['a username that is a list', { userInfo: { username: ['x'] } }],
    ['a uid of the user that is a number', { userInfo: { username: 'x', uid: 1 } }],
    ['a namespace that is a number', { namespace: 5 }],
    ['a namespace that is null', { namespace: null }],
    ['a name that is an object', { name: {} }],
    ['a group that is a number', { resource: { group: 1, version: 'v1', resource: 'pods' } }],
    ['a subresource that is a list', { subResource: ['scale'] }],
    ['a kind that is a number', { kind: { kind: 1 } }],
    ['an object that is a list', { object: [] }],
    ['an object that is a text', { object: '{}' }],
    ['an old object that is a number', { oldObject: 1 }],
    ['options that are a list', { options: [] }],
  ])('%s', (_what, request) => {
    expect(read({ ...whole, ...request })).toEqual(notAReview)
  })

  test.each<[string, string | Uint8Array, string, string]>([
    ['TooLarge', new Uint8Array(16 * 1024 * 1024 + 1), 'it is larger than 16 MiB', ''],
    ['TooDeep', '['.repeat(200), 'it is nested more than 128 deep', ''],
    ['TooManyValues', `[${'1,'.repeat(300_001)}1]`, 'it holds more than 300,000 values', ''],
    [
      'TooManyKeys',
      `{${Array.from({ length: 50_001 }, (_, index) => `"k${index}":1`).join(',')}}`,
      'an object in it has more than 50,000 keys',
      '',
    ],
    ['LongPaths', `{"${'k'.repeat(1 << 20)}":[${'1,'.repeat(40)}1]}`, 'its keys are too long', ''],
    ['NotUtf8', Uint8Array.of(0x22, 0xff, 0x22), 'it is not UTF-8 text', ''],
    ['NotJson', '', 'it is not JSON', ''],
    [
      'DuplicateKey',
      reviewText(whole).replace('"replicas":3', '"replicas":3,"replicas":0'),
      'an object in it has the same key twice',
      '',
    ],
    ['ForbiddenKey', reviewText(whole).replace('"replicas"', '"__proto__"'), 'the key __proto__', ''],
    ['LoneSurrogate', reviewText(whole).replace('"web"', '"\\ud83d"'), 'half a character', ''],
    ['ReplacementCharacter', reviewText(whole).replace('"web"', '"\ufffd"'), 'U+FFFD', ''],
  ])('%s', (fault, body, words) => {
    const refused = readReview(typeof body === 'string' ? bytes(body) : body)
    expect(refused).toEqual({ fault, refusal: { reason: 'Unreviewable', message: expect.stringContaining(words) } })
  })

  test('no refusal repeats anything of the body', () => {
    const refused = readReview(bytes(`{"password":"hunter2","password":"hunter2"}`))
    expect(JSON.stringify(refused)).not.toContain('hunter2')
  })
})
