import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { approversOf, identitiesOf } from '../../src/domain/approvers.ts'
import type { Approvers } from '../../src/domain/approvers.ts'
import type { ApproverGroup, Voter } from '../../src/domain/kinds.ts'
import { identityOf } from '../../src/domain/person.ts'
import { entra, group, kubernetes, member, slack } from '../make-request.ts'
import { scaled } from '../scale.ts'

function directory(
  groups: readonly ApproverGroup[],
  memberships: Readonly<Record<string, readonly string[]>> = {},
): Approvers {
  return approversOf(groups, (voter) => new Set(memberships[voter.displayName ?? ''] ?? []))
}

describe('who is in a group', () => {
  const tenantID = 'AAAA-tenant'
  const groups = [
    group('people', { people: [member('alice', ['entra', 'kubernetes']), member('bo')] }),
    group('sre', { kubernetesGroups: ['sre'] }),
    group('directory', { entraGroups: [{ tenantID, groupID: 'BBBB-group' }] }),
    group('mixed', { people: [member('cy', ['slack'])], kubernetesGroups: ['ops'] }),
    group('nobody', {}),
  ]
  const approvers = directory(groups, { dana: ['aaaa-tenant/bbbb-GROUP'] })

  test.each<readonly [string, Voter, string, boolean]>([
    ['a person by one of the listed identities', entra('alice'), 'people', true],
    ['the same person by another one', kubernetes('alice'), 'people', true],
    ['nobody by an identity that is not listed', kubernetes('bo'), 'people', false],
    ['nobody else', entra('eve'), 'people', false],
    ['who has the Kubernetes group', kubernetes('eve', ['sre', 'x']), 'sre', true],
    ['nobody without it', kubernetes('eve', ['x']), 'sre', false],
    ['nobody from a chat, whatever groups the vote names', { ...entra('eve'), groups: ['sre'] }, 'sre', false],
    ['who is in the Entra group, in whichever case it is written', entra('dana'), 'directory', true],
    ['nobody who is not', entra('eve'), 'directory', false],
    ['a listed person of a mixed group', slack('cy'), 'mixed', true],
    ['a member by Kubernetes group of a mixed group', kubernetes('eve', ['ops']), 'mixed', true],
    ['nobody in an empty group', entra('alice'), 'nobody', false],
    ['nobody in a group that does not exist', entra('alice'), 'people2', false],
    ['nobody without an identity', { kind: 'EntraUser' }, 'people', false],
  ])('%s', (_sentence, voter, name, isIn) => {
    expect(approvers.isIn(voter, name)).toBe(isIn)
  })

  test('an entry without identities stands for the person of that name in another group', () => {
    const named = directory([group('a', { people: [{ name: 'alice' }] }), group('b', { people: [member('alice')] })])
    expect(named.isIn(entra('alice'), 'a')).toBe(true)
  })

  test.each([
    ['people', ['alice', 'bo']],
    ['nobody', []],
    ['sre', undefined],
    ['directory', undefined],
    ['mixed', undefined],
    ['people2', undefined],
  ])('everybody in %s is listed: %j', (name, names) => {
    expect(approvers.listed(name)?.map((one) => one.name)).toEqual(names)
  })
})

describe('who is one person', () => {
  const identity = (voter: Voter): string => identityOf(voter) ?? ''

  test('all identities of an entry', () => {
    const { personOf } = directory([group('g', { people: [member('alice', ['entra', 'slack', 'kubernetes'])] })])
    const persons = [entra('alice'), slack('alice'), kubernetes('alice')].map((voter) => personOf(identity(voter)))
    expect(new Set(persons).size).toBe(1)
  })

  test('entries that share an identity, through any number of steps', () => {
    const { personOf } = directory([
      group('a', { people: [{ ...member('a1', ['entra']), kubernetesUser: 'x' }] }),
      group('b', { people: [{ ...member('b1', ['slack']), kubernetesUser: 'y' }] }),
      group('c', { people: [{ name: 'c1', kubernetesUser: 'y', entraUser: member('a1').entraUser ?? never() }] }),
    ])
    expect(personOf(identity(slack('b1')))).toBe(personOf('kubernetes:x'))
  })

  test('entries of the same name in two groups: a name stands for the same person everywhere', () => {
    const { personOf } = directory([
      group('a', { people: [member('alice', ['entra'])] }),
      group('b', { people: [member('alice', ['kubernetes'])] }),
    ])
    expect(personOf(identity(entra('alice')))).toBe(personOf(identity(kubernetes('alice'))))
  })

  test('nobody else: two entries that share nothing are two persons', () => {
    const { personOf } = directory([group('g', { people: [member('alice'), member('bo')] })])
    expect(personOf(identity(entra('alice')))).not.toBe(personOf(identity(entra('bo'))))
  })

  test('whoever is not listed is known by the identity alone', () => {
    const { personOf, isTied } = directory([group('g', { people: [member('alice')] })])
    expect(personOf('entra:t/eve')).toBe('entra:t/eve')
    expect([isTied('entra:t/eve'), isTied(identity(entra('alice')))]).toEqual([false, true])
  })

  test('the order of groups and entries changes nothing', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd')
    const users = fc.option(fc.constantFrom('u', 'v', 'w', 'x', 'y'), { nil: undefined })
    const entries = fc.array(fc.tuple(names, users, users), { minLength: 1, maxLength: 8 })
    const voters = ['u', 'v', 'w', 'x', 'y'].flatMap((user) => [entra(user), kubernetes(user)])
    fc.assert(
      fc.property(
        entries.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const partition = (list: typeof all): readonly (readonly boolean[])[] => {
            const { personOf } = directory([group('g', { people: list.map(entryOf) })])
            return voters.map((a) => voters.map((b) => personOf(identity(a)) === personOf(identity(b))))
          }
          expect(partition(shuffled)).toEqual(partition(all))
        },
      ),
      { numRuns: scaled(200, 10_000) },
    )
  })
})

type Entry = readonly [name: string, entraUser: string | undefined, kubernetesUser: string | undefined]

function entryOf([name, inEntra, inKubernetes]: Entry): ReturnType<typeof member> {
  return {
    name,
    ...(inEntra === undefined ? {} : { entraUser: member(inEntra).entraUser ?? never() }),
    ...(inKubernetes === undefined ? {} : { kubernetesUser: kubernetes(inKubernetes).username ?? never() }),
  }
}

function never(): never {
  throw new Error('a builder of the tests is broken')
}

describe('whether somebody is who an agent names as its owner', () => {
  const approvers = directory([
    group('people', { people: [member('bo', ['entra']), member('alice', ['kubernetes']), { name: 'carl' }] }),
    group('sre', { kubernetesGroups: ['sre'] }),
    group('staff', { entraGroups: [{ tenantID: 't', groupID: 'g' }] }),
  ])

  const foreign = (name: string): Voter => ({ ...entra(name), tenantID: 'ABROAD' })
  const tiedTo = (name: string, abroad: string): ReturnType<typeof member>[] => [
    member(name),
    { name, entraUser: { tenantID: 'abroad', objectID: `${abroad}-oid` } },
  ]
  const home = entra('x').tenantID ?? never()
  const inEntra = (tenantID: string) => ({ tenantID, groupID: 'g' })

  /** Whether somebody is the owner, a group of Entra, when these of our tenant are in it and nobody can say it of those. */
  function ownsAs(voter: Voter, spec: ApproverGroup['spec'], { ins = ['ida'], open = ['una'] } = {}) {
    const people = [...tiedTo('bo', 'bo'), ...tiedTo('ida', 'ivy'), ...tiedTo('una', 'ulf'), member('cy')]
    const all = [group('owners', spec), group('others', { people })]
    const names = (list: readonly string[]) => list.map((name) => identityOf(entra(name)))
    return approversOf(
      all,
      () => new Set(),
      (one) => {
        if (names(open).includes(identityOf(one))) return undefined
        return new Set(names(ins).includes(identityOf(one)) ? [`${home}/g`] : [])
      },
    ).isNamed(voter, 'owners')
  }

  test.each<readonly [sentence: string, voter: Voter, spec: ApproverGroup['spec'], isNamed: boolean | undefined]>([
    ['in it, he is', entra('ida'), { entraGroups: [inEntra(home)] }, true],
    ['of its tenant and not in it, he is not', entra('eve'), { entraGroups: [inEntra(home)] }, false],
    ['of another tenant, it cannot be told', foreign('eve'), { entraGroups: [inEntra(home)] }, undefined],
    [
      'nor when only one of its groups is of his tenant',
      entra('eve'),
      { entraGroups: [inEntra(home), inEntra('abroad')] },
      undefined,
    ],
    [
      'tied to an account of its tenant that is not in it, he is not',
      foreign('bo'),
      { entraGroups: [inEntra(home)] },
      false,
    ],
    ['tied to one that is in it, he is', foreign('ivy'), { entraGroups: [inEntra(home)] }, true],
    [
      'tied to one of which nobody can say, it cannot be told',
      foreign('ulf'),
      { entraGroups: [inEntra(home)] },
      undefined,
    ],
    [
      'listed without an account in its tenant, it cannot be told',
      entra('cy'),
      { entraGroups: [inEntra('abroad')] },
      undefined,
    ],
    [
      'listed in it by whatever account, he is',
      foreign('bo'),
      { people: [member('bo')], entraGroups: [inEntra(home)] },
      true,
    ],
    [
      'where Kubernetes has it too, it cannot be told',
      foreign('bo'),
      { kubernetesGroups: ['x'], entraGroups: [inEntra(home)] },
      undefined,
    ],
  ])('of a group in Entra: %s', (_sentence, voter, spec, isNamed) => {
    expect(ownsAs(voter, spec)).toBe(isNamed)
  })

  test.each<readonly [sentence: string, voter: Voter, name: string, isNamed: boolean | undefined]>([
    ['the person is', entra('bo'), 'bo', true],
    ['another listed person is not', kubernetes('alice'), 'bo', false],
    ['another one with the same kind of identity is not', entra('eve'), 'bo', false],
    ['of one who is not listed, with another kind of identity, it cannot be told', kubernetes('eve'), 'bo', undefined],
    ['a listed person is not the one who has no identity', kubernetes('alice'), 'carl', false],
    ['of one who is not listed, that cannot be told either', entra('eve'), 'carl', undefined],
    ['nobody can be told from a name that nobody has', entra('bo'), 'nobody', undefined],
    ['a vote without an identity is nobody known', { kind: 'EntraUser' }, 'bo', undefined],
    ['a member is in the group', kubernetes('eve', ['sre']), 'sre', true],
    ['others are not', kubernetes('alice', ['x']), 'sre', false],
    ['whether one who came from Teams is in a group of Kubernetes cannot be told', entra('bo'), 'sre', undefined],
    ['nor whether a user of Kubernetes is in a group of Entra', kubernetes('alice'), 'staff', undefined],
  ])('%s', (_sentence, voter, name, isNamed) => {
    expect(approvers.isNamed(voter, name)).toBe(isNamed)
  })
})

test('the identities of an entry are those of the votes that the person casts', () => {
  const voters = [entra('alice'), slack('alice'), kubernetes('alice')]
  expect(identitiesOf(member('alice', ['entra', 'slack', 'kubernetes']))).toEqual(voters.map(identityOf))
  expect(identitiesOf({ name: 'alice', kubernetesUser: '' })).toEqual([])
})
