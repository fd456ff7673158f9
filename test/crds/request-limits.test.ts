import { expect, test } from '@jest/globals'
import { readDefinitions } from '../../crds/schema.ts'
import type { Schema } from '../../crds/schema.ts'
import { mostInRequest } from '../../src/domain/requirements.ts'

const requests = readDefinitions('crds').find(({ spec }) => spec.names.kind === 'ApprovalRequest')
const schema = requests?.spec.versions[0].schema.openAPIV3Schema

function at(...keys: readonly string[]): Schema | undefined {
  return keys.reduce<Schema | undefined>((found, key) => found?.properties?.[key], schema)
}

test.each([
  ['policies', at('spec', 'policies'), mostInRequest.policies],
  ['stages', at('spec', 'requirements', 'stages'), mostInRequest.stages],
  ['progress of stages', at('status', 'stages'), mostInRequest.stages],
  ['channels', at('spec', 'requirements', 'channelRefs'), mostInRequest.channelRefs],
  ['escalations', at('spec', 'requirements', 'escalation'), mostInRequest.escalation],
])('a request holds as many %s as policies may ask for together', (_what, list, most) => {
  expect(list?.maxItems).toBe(most)
})
