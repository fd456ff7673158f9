import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { neededRevisions, revisionAnnotation, schemaProblems } from '../../src/kubernetes/schema-revision.ts'
import { failureOf, startRig } from './objects-rig.ts'
import type { Rig } from './objects-rig.ts'

const name = 'things.countersign.dev'
const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

let rig: Rig

beforeEach(async () => {
  rig = await startRig()
})

afterEach(() => rig.stop())

type Crd = { readonly revision?: string; readonly served?: boolean; readonly established?: string }

function install({ revision, served = true, established = 'True' }: Crd): void {
  const annotations = revision === undefined ? {} : { [revisionAnnotation]: revision }
  const versions = [{ name: 'v1alpha1', served }]
  const kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
  rig.api.objects.create(
    { collection, namespace: '' },
    { ...kind, metadata: { name, annotations }, spec: { versions } },
  )
  const status = { conditions: [{ type: 'Established', status: established }] }
  rig.api.objects.replace({ collection, namespace: '', name }, { status }, { part: 'status' })
}

describe('a component looks at the CRDs before it starts', () => {
  test.each(['3', '4', '12'])('revision %s is good enough where 3 is needed', async (revision) => {
    install({ revision })
    expect(await schemaProblems(rig.objects, {}, { things: 3 })).toEqual([])
  })

  test.each<[string, Crd, string]>([
    ['an older revision', { revision: '2' }, 'TooOld'],
    ['no revision', {}, 'TooOld'],
    ['a revision that is no number', { revision: '3a' }, 'TooOld'],
    ['a negative revision', { revision: '-9' }, 'TooOld'],
    ['a version that is not served', { revision: '3', served: false }, 'NotServed'],
    ['a CRD that is not established', { revision: '3', established: 'False' }, 'NotServed'],
  ])('%s is a problem', async (_what, crd, reason) => {
    install(crd)
    expect(await schemaProblems(rig.objects, {}, { things: 3 })).toMatchObject([{ crd: name, reason }])
  })

  test('a CRD that is not there is a problem, and the others are looked at all the same', async () => {
    install({ revision: '2' })
    const problems = await schemaProblems(rig.objects, {}, { others: 1, things: 3 })
    expect(problems.map((problem) => problem.message)).toEqual([
      'the CRD others.countersign.dev is not installed: apply the CRDs of this version',
      'the CRD things.countersign.dev has schema revision 2, and 3 is needed: apply the CRDs of this version',
    ])
  })

  test('not being allowed to look is an error and not a good sign', async () => {
    rig.api.faults.next({ do: 'refuse', status: 403, reason: 'Forbidden' })
    expect(await failureOf(schemaProblems(rig.objects, {}, { things: 1 }))).toMatchObject({ status: 403 })
  })
})

test('what is needed is what the CRDs of this version say', () => {
  const files = readdirSync('crds').filter((file) => file.endsWith('.yaml'))
  const revisions = files.map((file): readonly [string, number] => {
    const crd: unknown = parse(readFileSync(`crds/${file}`, 'utf8'))
    expect(crd).toMatchObject({ metadata: { annotations: { [revisionAnnotation]: expect.any(String) } } })
    const annotations: unknown = Reflect.get(Object(Reflect.get(Object(crd), 'metadata')), 'annotations')
    return [file.replace('.yaml', ''), Number(Reflect.get(Object(annotations), revisionAnnotation))]
  })
  expect(Object.fromEntries(revisions)).toEqual(neededRevisions)
})
