import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { inert } from '../../src/domain/inert.ts'
import {
  longestWarning,
  warnApproved,
  warnComment,
  warnDryRun,
  warnDryRunRefused,
  warnLapsed,
  warnOtherPolicies,
  warnPending,
  warnPolicy,
  warnUsed,
} from '../../src/domain/warning.ts'
import { reasons } from '../../src/domain/reasons.ts'
import { at } from '../make-request.ts'
import { scaled } from '../scale.ts'

const name = 'apr-7k2m9q4xqz'
const alice = { by: 'Alice Kim', time: at('10:24'), comment: undefined }

test.each([
  [
    'pending',
    warnPending({ namespace: 'countersign-system', name }),
    'countersign: waiting for a person; request apr-7k2m9q4xqz in namespace countersign-system',
  ],
  [
    'allowed by approval',
    warnApproved(alice, name),
    'countersign: approved by Alice Kim at 10:24Z, used up by this command (apr-7k2m9q4xqz)',
  ],
  [
    'its comment',
    warnComment('Alice Kim', 'ok, watch the error rate for 10 minutes'),
    'countersign: Alice Kim wrote: "ok, watch the error rate for 10 minutes"',
  ],
  [
    'Warn policy',
    warnPolicy('image-changes'),
    'countersign: allowed; recorded by policy image-changes (Warn); no approval was needed',
  ],
  [
    'dry-run',
    warnDryRun({ approvals: 1, groups: 'platform-oncall', policy: 'workload-deletes' }),
    'countersign: DRY RUN; the real command waits for 1 approval from platform-oncall (workload-deletes)',
  ],
  [
    'dry-run of what needs several',
    warnDryRun({ approvals: 2, groups: 'platform-oncall', policy: 'workload-deletes' }),
    'countersign: DRY RUN; the real command waits for 2 approvals from platform-oncall (workload-deletes)',
  ],
  [
    'dry-run, hopeless',
    warnDryRunRefused('NoEligibleApprover', 'workload-deletes'),
    'countersign: DRY RUN; the real command would be refused: NoEligibleApprover (workload-deletes)',
  ],
  [
    'lapsed',
    warnLapsed(name, 'Alice Kim', at('10:44')),
    'countersign: approval apr-7k2m9q4xqz by Alice Kim lapsed unused at 10:44Z; asking again',
  ],
  [
    'used up',
    warnUsed(name, at('10:31')),
    'countersign: approval apr-7k2m9q4xqz was used at 10:31Z; this repeat is a new request',
  ],
  [
    'other policies',
    warnOtherPolicies(name, 'Alice Kim'),
    'countersign: approval apr-7k2m9q4xqz by Alice Kim was for other policies; asking again',
  ],
])('the warning "%s" reads word for word', (_which, warning, text) => {
  expect(warning).toBe(text)
})

describe('at its longest, a warning', () => {
  const long = 'x'.repeat(253)
  const request = `apr-${'7'.repeat(20)}-12`
  const longest: readonly (readonly [string, string, kept: readonly string[]])[] = [
    [
      'pending',
      warnPending({ namespace: 'countersign-system', name: request }),
      [request, 'in namespace countersign-system'],
    ],
    [
      'approved',
      warnApproved({ ...alice, by: long }, request),
      [`used up by this command (${request})`, 'countersign: approved by xxx'],
    ],
    ['comment', warnComment(long, 'y'.repeat(1024)), ['xxx wrote: "yyy', 'yyy"']],
    ['policy', warnPolicy(long), ['countersign: allowed; recorded by policy xxx', '(Warn); no approval was needed']],
    [
      'dry run',
      warnDryRun({ approvals: 32, groups: long, policy: long }),
      ['countersign: DRY RUN; the real command waits for 32 approvals from xxx', 'xxx)'],
    ],
    ...Object.keys(reasons).map((reason): readonly [string, string, readonly string[]] => [
      `dry run refused: ${reason}`,
      warnDryRunRefused(reason, long),
      [`countersign: DRY RUN; the real command would be refused: ${reason} (xxx`, 'xxx)'],
    ]),
    [
      'lapsed',
      warnLapsed(request, long, at('10:44')),
      [`approval ${request} by xxx`, 'xxx lapsed unused at 10:44Z; asking again'],
    ],
    [
      'other policies',
      warnOtherPolicies(request, long),
      [`approval ${request} by xxx`, 'was for other policies; asking again'],
    ],
    ['used', warnUsed(request, at('10:31')), [`approval ${request} was used at 10:31Z; this repeat is a new request`]],
  ]

  test.each(longest)('(%s) keeps to 120 characters and keeps our own words', (_which, warning, kept) => {
    expect(Array.from(warning).length).toBeLessThanOrEqual(longestWarning)
    for (const part of kept) expect(warning).toContain(part)
  })
})

test('no warning holds anything that does something where it is shown, whatever people and policies are called', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\u202egpj.exe', '\nWarning: denied', '\u0000\u001b[31m', '"', '\u{e0041}', 'a\u200bb'),
  )
  fc.assert(
    fc.property(hostile, hostile, (one, other) => {
      const warnings = [
        warnApproved({ ...alice, by: one }, name),
        warnComment(one, other),
        warnPolicy(one),
        warnDryRun({ approvals: 1, groups: one, policy: other }),
        warnDryRunRefused('NoEligibleApprover', one),
        warnLapsed(name, one, at('10:44')),
        warnOtherPolicies(name, one),
      ]
      for (const warning of warnings) {
        expect(inert(warning.replaceAll('\\', '')).escaped).toBe(false)
        expect(warning.startsWith('countersign: ')).toBe(true)
        expect(Array.from(warning).length).toBeLessThanOrEqual(longestWarning)
      }
      expect(warnComment(one, other)).toMatch(/^[^"]* wrote: "[^"]*"$/)
    }),
    { numRuns: scaled(200, 5_000) },
  )
})
