import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { contentOf } from '../../src/domain/content.ts'
import { digestOf } from '../../src/domain/digest.ts'
import { mask } from '../../src/domain/mask.ts'
import { summaryOf } from '../../src/domain/summary.ts'
import { excerpt, printView } from '../../src/text/diff.ts'
import { readReview } from '../../src/webhook/admission.ts'
import { corpusMutator } from '../corpus-mutator.ts'
import { bytes, deployment, digestContext, hmacKey, now, reviewText } from '../make.ts'
import { seededRandom } from '../random.ts'
import { shortestRecordedReviews } from '../recorded-reviews.ts'
import { scaled } from '../scale.ts'
import { documents } from '../domain/arbitrary.ts'

/** The whole way of a review, as it goes when an approval is asked for. Returns the fault's name, or `Read`. */
function walk(body: Uint8Array): string {
  const read = readReview(body)
  if ('fault' in read) return read.fault
  const content = contentOf(read.action, now)
  const digest = digestOf(read.action, content, digestContext)
  const shown = printView(mask(content, { paths: ['spec.*.password', 'data'] }, hmacKey))
  const summary = summaryOf(read.action, content)
  const { text } = excerpt(shown, 4096)
  const isSound = /^sha256:[0-9a-f]{64}$/.test(digest) && Array.from(summary).length <= 120 && text.length <= 4096
  return isSound ? 'Read' : 'Unsound'
}

const corpus = [
  reviewText({ operation: 'CREATE', object: deployment() }),
  reviewText({ oldObject: deployment(), object: deployment({ spec: { replicas: 0 } }) }),
  reviewText({ operation: 'DELETE', oldObject: deployment(), options: { kind: 'DeleteOptions' } }),
  ...shortestRecordedReviews().map(({ body }) => body),
].map(bytes)

describe('no body makes the webhook crash', () => {
  const count = scaled(12_000, 1_000_000)

  test(`${count} mutated reviews are read or refused by name`, () => {
    const mutate = corpusMutator(seededRandom(705))
    const seen = new Map<string, number>()
    const crashes: string[] = []
    for (let index = 0; index < count; index += 1) {
      const body = mutate(corpus[index % corpus.length] ?? bytes(''))
      const outcome = tried(body)
      if (outcome.startsWith('Crash') || outcome === 'Unsound')
        crashes.push(`${outcome}: ${Buffer.from(body).toString('base64')}`)
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
    }
    expect(crashes.slice(0, 3)).toEqual([])
    expect(seen.get('Read') ?? 0).toBeGreaterThan(count / 10)
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining(['NotJson', 'NotUtf8', 'NotAReview', 'DuplicateKey', 'ReplacementCharacter', 'TooDeep']),
    )
  })

  test('the same seed makes the same bodies', () => {
    const [a, b] = [corpusMutator(seededRandom(1)), corpusMutator(seededRandom(1))]
    for (const body of corpus.slice(0, 20)) expect(a(body)).toEqual(b(body))
  })

  test('any document in the place of an object is read, whatever it holds', () => {
    const operations = fc.constantFrom('CREATE', 'UPDATE', 'DELETE', 'CONNECT')
    const resources = fc.constantFrom(
      'pods',
      'deployments',
      'services',
      'jobs',
      'secrets',
      'configmaps',
      'certificatesigningrequests',
      'namespaces',
    )
    const groups = fc.constantFrom('', 'apps', 'batch', 'certificates.k8s.io')
    const fields = fc.constantFrom(
      'metadata',
      'spec',
      'data',
      'status',
      'kind',
      'spec.template',
      'metadata.managedFields',
      'spec.ports',
      'spec.volumes',
      'status.conditions',
      'spec.template.metadata.annotations',
    )
    fc.assert(
      fc.property(
        fc.tuple(operations, groups, resources),
        fc.array(fc.tuple(fields, documents), { maxLength: 4 }),
        documents,
        ([operation, group, resource], parts, other) => {
          const object = Object.fromEntries(parts.filter(([path]) => !path.includes('.')))
          for (const [path, value] of parts) put(object, path.split('.'), value)
          const request = {
            operation,
            resource: { group, version: 'v1', resource },
            object,
            oldObject: { ...object, spec: other },
            options: { x: other },
          }
          expect(walk(bytes(reviewText(request)))).toBe('Read')
        },
      ),
      { numRuns: scaled(1000, 100_000) },
    )
  })
})

function tried(body: Uint8Array): string {
  try {
    return walk(body)
  } catch (error) {
    return `Crash ${error instanceof Error ? error.stack : String(error)}`
  }
}

function put(object: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    object[key] = value
    return
  }
  const inner: Record<string, unknown> = { ...(typeof object[key] === 'object' ? object[key] : {}) }
  object[key] = inner
  put(inner, rest, value)
}
