import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ApprovalPolicySpec, PolicyApproval, RiskLevel, Stage } from '../../src/domain/kinds.ts'
import { assuranceFor, combined, excessOf, highestRisk } from '../../src/domain/requirements.ts'
import type { Demand } from '../../src/domain/requirements.ts'
import { policy, stageOf } from '../make-request.ts'
import type { PolicyChanges } from '../make-request.ts'
import { scaled } from '../scale.ts'

function together(...changes: readonly PolicyChanges[]): Demand {
  return combined(changes.map((change, number) => policy(`policy-${number}`, change)))
}

function approval(...changes: readonly Partial<PolicyApproval>[]): Demand {
  return together(...changes.map((change) => ({ approval: change })))
}

/** The policies in either order demand the same, but for the order of lists. */
function bothWays(first: PolicyChanges, second: PolicyChanges, found: (demand: Demand) => unknown): readonly unknown[] {
  return [found(together(first, second)), found(together(second, first))]
}

describe('of several policies, the strictest holds in every field', () => {
  type Case = readonly [
    field: string,
    first: PolicyChanges,
    second: PolicyChanges,
    found: (demand: Demand) => unknown,
    held: unknown,
  ]
  const comment = (rule: PolicyApproval['comment']): PolicyChanges => ({ approval: { comment: rule } })

  test.each<Case>([
    ['the highest risk', { risk: 'Low' }, { risk: 'High' }, ({ risk }) => risk, 'High'],
    ['comment Always before OnDeny', comment('OnDeny'), comment('Always'), (d) => d.requirements.comment, 'Always'],
    ['comment OnDeny before Optional', comment('Optional'), comment('OnDeny'), (d) => d.requirements.comment, 'OnDeny'],
    [
      'assurance SignedIn before Card',
      { approval: { assurance: 'Card' } },
      { approval: { assurance: 'SignedIn' } },
      (d) => d.requirements.assurance,
      'SignedIn',
    ],
    [
      'the shortest time to answer',
      { approval: { expirationSeconds: 900 } },
      { approval: { expirationSeconds: 60 } },
      (d) => d.expirationSeconds,
      60,
    ],
    ['the shortest grant', { grantSeconds: 1200 }, { grantSeconds: 300 }, (d) => d.grantSeconds, 300],
    [
      'a reason that one asks for',
      { approval: { justification: 'Optional' } },
      { approval: { justification: 'Required' } },
      (d) => d.justification,
      'Required',
    ],
    [
      'no terminal where one refuses it',
      { approval: { interactive: 'Allow' } },
      { approval: { interactive: 'Refuse' } },
      (d) => d.interactive,
      'Refuse',
    ],
    [
      'the answer at once where one wants it',
      { wait: { mode: 'Hold' } },
      { wait: { mode: 'Immediate' } },
      (d) => d.wait,
      { mode: 'Immediate' },
    ],
    [
      'the shortest patience',
      { wait: { patienceSeconds: 30 } },
      { wait: { patienceSeconds: 10 } },
      (d) => d.wait,
      { patienceSeconds: 10 },
    ],
    ['no patience shortened where none says so', {}, { wait: { mode: 'Hold' } }, (d) => d.wait, {}],
  ])('%s', (_field, first, second, found, held) => {
    expect(bothWays(first, second, found)).toEqual([held, held])
  })

  test.each<
    readonly [string, PolicyChanges, PolicyChanges, (demand: Demand) => readonly unknown[], readonly unknown[]]
  >([
    [
      'who is kept away',
      { approval: { separation: ['Owner'] } },
      { approval: { separation: ['OnBehalfOf', 'Owner'] } },
      (d) => d.requirements.separation ?? [],
      ['Owner', 'OnBehalfOf'],
    ],
    [
      'what is masked',
      { masking: { paths: ['spec.a', 'spec.b'] } },
      { masking: { paths: ['spec.b', 'spec.c'] } },
      (d) => d.maskedPaths,
      ['spec.a', 'spec.b', 'spec.c'],
    ],
    [
      'the channels',
      { approval: { channelRefs: [{ name: 'teams' }] } },
      { approval: { channelRefs: [{ name: 'slack' }, { name: 'teams' }] } },
      (d) => d.requirements.channelRefs ?? [],
      [{ name: 'teams' }, { name: 'slack' }],
    ],
    [
      'the steps of escalation',
      { approval: { escalation: [{ afterSeconds: 60 }] } },
      { approval: { escalation: [{ afterSeconds: 300 }, { afterSeconds: 60 }] } },
      (d) => d.requirements.escalation ?? [],
      [{ afterSeconds: 60 }, { afterSeconds: 300 }],
    ],
  ])('the union of %s', (_field, first, second, found, all) => {
    for (const list of [found(together(first, second)), found(together(second, first))]) {
      expect(list).toHaveLength(all.length)
      expect(list).toEqual(expect.arrayContaining([...all]))
    }
  })

  test('a policy that names no channel asks in every one, and that is the most', () => {
    const every = approval({ channelRefs: [{ name: 'teams' }] }, { channelRefs: [] }, {})
    expect(every.requirements.channelRefs).toEqual([])
  })
})

describe('stages', () => {
  test('a policy without stages asks one person of the group approvers', () => {
    const one = [{ name: 'approvers', approverGroupRefs: [{ name: 'approvers' }], quorum: 1 }]
    expect(approval({}).requirements.stages).toEqual(one)
    expect(approval({ stages: [] }, {}).requirements.stages).toEqual(one)
  })

  test('the stages of all policies are needed', () => {
    const demand = approval({ stages: [stageOf('oncall')] }, { stages: [stageOf('security', 2)] })
    expect(demand.requirements.stages).toEqual([stageOf('oncall'), stageOf('security', 2)])
  })

  test('equal stages are asked once, whatever their names and the order of their groups', () => {
    const a: Stage = { name: 'a', approverGroupRefs: [{ name: 'x' }, { name: 'y' }], quorum: 1 }
    const b: Stage = { name: 'b', approverGroupRefs: [{ name: 'y' }, { name: 'x' }], quorum: 1 }
    expect(approval({ stages: [a] }, { stages: [b] }).requirements.stages).toEqual([a])
  })

  test('a higher quorum of the same group is another stage', () => {
    const stages = [stageOf('oncall', 1), stageOf('oncall', 2, 'two')]
    expect(approval({ stages }).requirements.stages).toEqual(stages)
  })

  test('two stages that differ and share a name keep apart by the name of their policy', () => {
    const demand = combined([
      policy('first', { approval: { stages: [stageOf('oncall', 1, 'people')] } }),
      policy('second.rule', { approval: { stages: [stageOf('security', 1, 'people')] } }),
    ])
    expect(demand.requirements.stages.map(({ name }) => name)).toEqual(['people', 'second-rule-people'])
  })

  const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

  test('names are unique and such as the schema takes them, whatever the policies call their stages', () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    const short = fc.constantFrom('people', 'a', 'a-people', 'b-people', 'b-a-people')
    const stages = fc.uniqueArray(
      fc.record({
        name: fc.oneof(short, label),
        group: fc.constantFrom('x', 'y', 'z'),
        quorum: fc.integer({ min: 1, max: 3 }),
      }),
      { selector: ({ name }) => name, maxLength: 3 },
    )
    const policyName = fc.oneof(
      fc.constantFrom('a', 'b', 'b.a', 'b-a'),
      fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,90}[a-z0-9])?$/),
    )
    const policies = fc.uniqueArray(fc.tuple(policyName, stages), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(policies, (all) => {
        const { requirements } = combined(
          all.map(([name, asked]) =>
            policy(name, { approval: { stages: asked.map((one) => stageOf(one.group, one.quorum, one.name)) } }),
          ),
        )
        const names = requirements.stages.map(({ name }) => name)
        expect(new Set(names).size).toBe(names.length)
        for (const name of names) {
          expect(name).toMatch(namePattern)
          expect(name.length).toBeLessThanOrEqual(63)
        }
      }),
      { numRuns: scaled(300, 20_000) },
    )
  })
})

describe('the risk', () => {
  test.each<readonly [readonly RiskLevel[], RiskLevel]>([
    [[], 'Low'],
    [['Low'], 'Low'],
    [['Medium', 'Low'], 'Medium'],
    [['High', 'Medium'], 'High'],
    [['High', 'Critical', 'Low'], 'Critical'],
  ])('of %j is %s', (levels, highest) => {
    expect(highestRisk(levels)).toBe(highest)
  })

  test.each<readonly [RiskLevel, 'Card' | 'SignedIn']>([
    ['Low', 'Card'],
    ['Medium', 'Card'],
    ['High', 'Card'],
    ['Critical', 'SignedIn'],
  ])('%s asks for %s, even when the policy does not', (risk, assurance) => {
    expect(together({ risk }).requirements.assurance).toBe(assurance)
    expect(assuranceFor(risk)).toBe(assurance)
  })
})

describe('what one policy asks for, another cannot take away', () => {
  const levels = {
    risk: ['Low', 'Medium', 'High', 'Critical'],
    comment: ['Optional', 'OnDeny', 'Always'],
    assurance: ['Card', 'SignedIn'],
    justification: ['Optional', 'Required'],
    interactive: ['Allow', 'Refuse'],
  } as const

  const specs = fc
    .record({
      risk: fc.constantFrom(...levels.risk),
      grantSeconds: fc.integer({ min: 60, max: 3600 }),
      expirationSeconds: fc.integer({ min: 60, max: 3600 }),
      comment: fc.constantFrom(...levels.comment),
      assurance: fc.constantFrom(...levels.assurance),
      justification: fc.constantFrom(...levels.justification),
      interactive: fc.constantFrom(...levels.interactive),
      separation: fc.subarray(['Owner', 'OnBehalfOf'] as const),
      stages: fc.constantFrom([stageOf('x')], [stageOf('y', 2)], [stageOf('x'), stageOf('z')]),
    })
    .map(({ risk, grantSeconds, ...rest }) => policy('p', { risk, grantSeconds, approval: rest }))

  const rank = <Level>(order: readonly Level[], level: Level): number => order.indexOf(level)

  function isAtLeast(demand: Demand, spec: ApprovalPolicySpec): boolean {
    const { requirements } = demand
    const { approval: asked } = spec
    return (
      rank(levels.risk, demand.risk) >= rank(levels.risk, spec.risk) &&
      demand.grantSeconds <= spec.grantSeconds &&
      demand.expirationSeconds <= asked.expirationSeconds &&
      rank(levels.comment, requirements.comment) >= rank(levels.comment, asked.comment) &&
      rank(levels.assurance, requirements.assurance) >= rank(levels.assurance, asked.assurance) &&
      rank(levels.justification, demand.justification) >= rank(levels.justification, asked.justification) &&
      rank(levels.interactive, demand.interactive) >= rank(levels.interactive, asked.interactive) &&
      asked.separation.every((kind) => (requirements.separation ?? []).includes(kind)) &&
      (asked.stages ?? []).every((wanted) =>
        requirements.stages.some(
          ({ quorum, approverGroupRefs }) =>
            quorum === wanted.quorum && JSON.stringify(approverGroupRefs) === JSON.stringify(wanted.approverGroupRefs),
        ),
      )
    )
  }

  test('every policy finds its own demand in that of all', () => {
    fc.assert(
      fc.property(fc.array(specs, { minLength: 1, maxLength: 5 }), (all) => {
        const named = all.map((one, number) => ({ ...one, snapshot: { ...one.snapshot, name: `p${number}` } }))
        const demand = combined(named)
        for (const { spec } of named) expect(isAtLeast(demand, spec)).toBe(true)
      }),
      { numRuns: scaled(200, 20_000) },
    )
  })
})

describe('what one request cannot hold', () => {
  const refs = (count: number, of = 'x') => Array.from({ length: count }, (_one, index) => ({ name: `${of}-${index}` }))
  const split = (key: 'channelRefs', count: number): readonly PolicyChanges[] => [
    { approval: { [key]: refs(8, 'a') } },
    { approval: { [key]: refs(8, 'b') } },
    { approval: { [key]: refs(count - 16, 'c') } },
  ]
  const steps = (count: number): readonly PolicyChanges[] =>
    Array.from({ length: count }, (_one, index) => ({ approval: { escalation: [{ afterSeconds: index + 1 }] } }))
  const stages = (count: number): readonly PolicyChanges[] =>
    Array.from({ length: count }, (_one, index) => ({ approval: { stages: [stageOf(`g-${index}`)] } }))

  test.each<readonly [string, readonly PolicyChanges[], RegExp | undefined]>([
    ['16 stages', stages(16), undefined],
    ['17 stages', stages(17), /^17 stages of policy-0, .*policy-16 together; at most 16$/],
    ['17 channels', split('channelRefs', 17), /^17 channels of policy-0, policy-1, policy-2 together; at most 16$/],
    ['every channel, whatever others name', [...split('channelRefs', 17), {}], undefined],
    ['16 escalations', steps(16), undefined],
    ['17 escalations', steps(17), /^17 escalations of /],
    ['32 policies that ask for the same', Array.from({ length: 32 }, () => ({})), undefined],
    ['33 policies', Array.from({ length: 33 }, () => ({})), /^33 policies of /],
  ])('%s', (_what, changes, excess) => {
    const policies = changes.map((change, number) => policy(`policy-${number}`, change))
    const found = excessOf(combined(policies), policies)
    if (excess === undefined) expect(found).toBeUndefined()
    else expect(found).toMatch(excess)
  })
})
