import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Voter } from '../../src/domain/kinds.ts'
import { identityKind, identityOf } from '../../src/domain/person.ts'
import { scaled } from '../scale.ts'

describe('the identity that a vote is cast under', () => {
  test.each<readonly [string, Voter, string | undefined]>([
    ['tenant and object of Entra', { kind: 'EntraUser', tenantID: 't', objectID: 'o' }, 'entra:t/o'],
    [
      'in lower case, since ids of Entra have none',
      { kind: 'EntraUser', tenantID: 'AB', objectID: 'cD' },
      'entra:ab/cd',
    ],
    ['team and user of Slack, in their own case', { kind: 'SlackUser', teamID: 'T1', userID: 'U1' }, 'slack:T1/U1'],
    [
      'the username in Kubernetes, whatever is in it',
      { kind: 'KubernetesUser', username: 'a/B:c' },
      'kubernetes:a/B:c',
    ],
    ['none without an object id', { kind: 'EntraUser', tenantID: 't' }, undefined],
    ['none without a tenant', { kind: 'EntraUser', objectID: 'o' }, undefined],
    ['none with an empty id', { kind: 'SlackUser', teamID: '', userID: 'U1' }, undefined],
    ['none with a slash in an id', { kind: 'SlackUser', teamID: 'T1/U1', userID: 'x' }, undefined],
    ['none without a username', { kind: 'KubernetesUser' }, undefined],
    ['none with an empty username', { kind: 'KubernetesUser', username: '' }, undefined],
    ['nothing of another kind', { kind: 'EntraUser', teamID: 'T1', userID: 'U1', username: 'x' }, undefined],
  ])('%s', (_sentence, voter, identity) => {
    expect(identityOf(voter)).toBe(identity)
  })

  test('is not the name that is shown', () => {
    const voter: Voter = { kind: 'SlackUser', teamID: 'T1', userID: 'U1', displayName: 'Alice Kim' }
    expect(identityOf({ ...voter, displayName: 'Bo Lind' })).toBe(identityOf(voter))
  })

  test('two voters who differ in an id never come out as one', () => {
    const id = fc.stringMatching(/^[a-c/:]{0,3}$/)
    const voters: fc.Arbitrary<Voter> = fc.oneof(
      fc.record({ kind: fc.constant('EntraUser' as const), tenantID: id, objectID: id }),
      fc.record({ kind: fc.constant('SlackUser' as const), teamID: id, userID: id }),
      fc.record({ kind: fc.constant('KubernetesUser' as const), username: id }),
    )
    fc.assert(
      fc.property(voters, voters, (a, b) => {
        const one = identityOf(a)
        fc.pre(one !== undefined)
        expect(one === identityOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: scaled(500, 50_000) },
    )
  })

  test.each([
    ['entra:t/o', 'entra'],
    ['kubernetes:system:admin', 'kubernetes'],
  ])('%s is of the kind %s', (identity, kind) => {
    expect(identityKind(identity)).toBe(kind)
  })
})
