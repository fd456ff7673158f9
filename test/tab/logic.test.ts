import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { align } from '../../src/tab/align.ts'
import { placesOf, wordsBetween } from '../../src/tab/diff.ts'
import type { Place } from '../../src/tab/diff.ts'
import { movedBy } from '../../src/tab/keys.ts'
import { hrefOf, hrefOfPage, routeOf, teamsLink } from '../../src/tab/route.ts'
import { ballotOf, commentFault, commentLabel, makeClicks, titleOf } from '../../src/tab/say.ts'
import { sinceLastTime } from '../../src/tab/since.ts'
import { ago, clock, isUrgent, left } from '../../src/tab/time.ts'
import { longestComment } from '../../src/domain/vote-comment.ts'
import * as say from '../../src/tab/say.ts'

/** A place as text: its title, and lines with their signs; `[…]` around what is marked, `⋯` in front of what is folded. */
function shown({ title, runs }: Place): readonly string[] {
  const signs = { added: '+', removed: '-', same: ' ' }
  const lines = runs.flatMap(({ folded, lines: own }) =>
    own.map(({ kind, pieces }) => {
      const text = pieces.map((piece) => (piece.marked ? `[${piece.text}]` : piece.text)).join('')
      return `${folded ? '⋯' : ''}${signs[kind]} ${text}`
    }),
  )
  return [`@ ${title}`, ...lines]
}

const shownAll = (places: readonly Place[]): readonly string[] => places.flatMap(shown)

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-', '.', 'é', '@', '+'), maxLength: 12 })

describe('the way from one list to another', () => {
  const lists = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 14 })

  test('leads there, and begins where it begins', () => {
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const steps = align(before, after)
        expect(steps.filter(({ kind }) => kind !== 'added').map(({ value }) => value)).toEqual(before)
        expect(steps.filter(({ kind }) => kind !== 'removed').map(({ value }) => value)).toEqual(after)
      }),
    )
  })

  test('is as short as it can be', () => {
    const common = (a: readonly string[], b: readonly string[]): number => {
      const [x, y] = [a[0], b[0]]
      if (x === undefined || y === undefined) return 0
      return x === y ? 1 + common(a.slice(1), b.slice(1)) : Math.max(common(a.slice(1), b), common(a, b.slice(1)))
    }
    const few = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 })
    fc.assert(
      fc.property(few, few, (before, after) => {
        expect(align(before, after).filter(({ kind }) => kind === 'same')).toHaveLength(common(before, after))
      }),
    )
  })

  test('takes everything for changed where looking would take too long, and is never slow', () => {
    const before = Array.from({ length: 9_000 }, (_, index) => `a${index}`)
    const after = Array.from({ length: 9_000 }, (_, index) => `b${index}`)
    const start = performance.now()
    expect(align(['same', ...before], ['same', ...after])).toHaveLength(18_001)
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})

describe('a change on the screen', () => {
  test('shows each place with its lines, and marks the words that differ', () => {
    const lines = ['@ spec.replicas', '- 4', '+ 6', '@ image', '- registry/web:1.4.2', '+ registry/web:1.5.0-rc1']
    expect(shownAll(placesOf(lines))).toEqual([
      '@ spec.replicas',
      '- 4',
      '+ 6',
      '@ image',
      '- registry/web:1.[4].[2]',
      '+ registry/web:1.[5].[0-rc1]',
    ])
    expect(placesOf(lines).map(({ added, removed }) => [added, removed])).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  test('folds what does not change, but for three lines around what does', () => {
    const same = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `  same ${index}`)
    const lines = ['@ a', ...same(5), '- x', ...same(8), '+ y', '  end']
    const [place] = placesOf(lines)
    expect(place?.runs.map(({ folded, lines: own }) => [folded, own.length])).toEqual([
      [true, 2],
      [false, 7],
      [true, 2],
      [false, 5],
    ])
  })

  test('folds nothing where nothing is marked as changing, such as a command', () => {
    const lines = ['  psql', '  -c', ...Array.from({ length: 40 }, () => '  select 1')]
    expect(placesOf(lines)[0]?.runs.map(({ folded }) => folded)).toEqual([false])
  })

  test('parts the object of a Delete from its options, and of nothing else', () => {
    const lines = ['@ options', '  kind: DeleteOptions', '- apiVersion: v1', '- kind: Pod']
    expect(placesOf(lines, 'Delete').map(({ title, removed }) => [title, removed])).toEqual([
      ['options', 0],
      ['', 2],
    ])
    expect(placesOf(lines, 'Update').map(({ title, removed }) => [title, removed])).toEqual([['options', 2]])
  })

  test('leaves no line out, changes none, and never folds one that changes', () => {
    const line = fc.tuple(fc.constantFrom('+ ', '- ', '  ', '@ ', ''), text).map(([sign, rest]) => sign + rest)
    const operations = fc.constantFrom('Create', 'Update', 'Delete', 'Connect' as const)
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), operations, (lines, operation) => {
        const places = placesOf(lines, operation)
        const back = places.flatMap(({ title, runs }) => [
          title,
          ...runs.flatMap((run) => run.lines.map(({ pieces }) => pieces.map((piece) => piece.text).join(''))),
        ])
        const plain = lines.map((one) => (/^[-+@ ] /.test(one) ? one.slice(2) : one))
        expect(back.filter((one) => one !== '')).toEqual(plain.filter((one) => one !== ''))
        const folded = places.flatMap(({ runs }) => runs).filter((run) => run.folded)
        expect(folded.flatMap((run) => run.lines).filter(({ kind }) => kind !== 'same')).toEqual([])
      }),
    )
  })

  test('marking words never changes a text, and marks nothing in two that have little in common', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const joined = wordsBetween(before, after).map((pieces) => pieces.map((piece) => piece.text).join(''))
        expect(joined).toEqual([before, after])
      }),
    )
    expect(wordsBetween('one two', 'three four')).toEqual([
      [{ text: 'one two', marked: false }],
      [{ text: 'three four', marked: false }],
    ])
  })
})

describe('since last time', () => {
  test('tells only what is different, as it was to be and as it is to be', () => {
    const before = ['@ replicas', '- 4', '+ 12', '@ image', '- web:1', '+ web:2', '@ paused', '+ true']
    const now = ['@ replicas', '- 4', '+ 6', '@ image', '- web:1', '+ web:2', '@ strategy', '- a', '+ b']
    expect(shownAll(sinceLastTime(before, now))).toEqual([
      '@ replicas',
      '- 12',
      '+ 6',
      '@ strategy (was not asked for)',
      '+ a',
      '+ b',
      '@ paused (is no longer asked for)',
      '- true',
    ])
  })

  test('tells too when the same is asked of another beginning', () => {
    expect(shownAll(sinceLastTime(['@ a', '- 1', '+ 3'], ['@ a', '- 2', '+ 3']))).toEqual(['@ a', '- 1', '+ 2', '  3'])
  })

  test('tells nothing of two that are the same, and something of what came or went whole', () => {
    const lines = fc.array(
      fc.tuple(fc.constantFrom('+ ', '- ', '@ '), fc.constantFrom('a', 'b', 'c')).map((parts) => parts.join('')),
      { maxLength: 8 },
    )
    fc.assert(fc.property(lines, (one) => expect(sinceLastTime(one, one)).toEqual([])))
    expect(sinceLastTime([], ['+ a'])).not.toEqual([])
    expect(sinceLastTime(['- a'], [])).not.toEqual([])
  })
})

describe('keys in the list', () => {
  test.each<[string, number, number, number | undefined]>([
    ['ArrowDown', -1, 3, 0],
    ['ArrowDown', 1, 3, 2],
    ['ArrowDown', 2, 3, 2],
    ['ArrowUp', 1, 3, 0],
    ['ArrowUp', 0, 3, 0],
    ['ArrowUp', -1, 3, 0],
    ['Home', 2, 3, 0],
    ['End', 0, 3, 2],
    ['Enter', 0, 3, undefined],
    ['toString', 0, 3, undefined],
    ['ArrowDown', -1, 0, undefined],
  ])('%s at row %i of %i leads to %s', (key, index, count, to) => {
    expect(movedBy(key, index, count)).toBe(to)
  })
})

describe('addresses', () => {
  test.each([
    ['#/requests/apr-1', 'apr-1'],
    ['', undefined],
    ['#/', undefined],
    ['#/requests/', undefined],
    ['#/requests/apr-1/votes', undefined],
    ['#/requests/../../evil', undefined],
    [`#/requests/apr-${'a'.repeat(61)}`, undefined],
  ])('%s shows %s', (hash, name) => {
    expect(routeOf(hash)).toEqual({ name })
  })

  test.each([
    ['apr-1', '#/requests/apr-1'],
    [undefined, '#/'],
    ['', '#/'],
    ['javascript:alert(1)', '#/'],
    ['apr-1?x=1', '#/'],
  ])('a link of Teams to %s leads to %s', (page, href) => {
    expect(hrefOfPage(page)).toBe(href)
  })

  test('the address of a request is one that is understood', () => {
    expect(routeOf(hrefOf('apr-7k2m9q4xqz3wd8hf6tnc-2'))).toEqual({ name: 'apr-7k2m9q4xqz3wd8hf6tnc-2' })
  })

  const teams = 'https://teams.microsoft.com/'
  test.each([
    ['?app=2d9e3b51-4c68-4d7f-9a0b-1e2f3a4b5c6d', `${teams}l/entity/2d9e3b51-4c68-4d7f-9a0b-1e2f3a4b5c6d/requests`],
    ['', teams],
    ['?app=../../evil', teams],
    ['?app=//evil.example', teams],
  ])('outside of Teams, %j links to %s', (search, link) => {
    expect(teamsLink(search)).toBe(link)
  })
})

describe('what is said', () => {
  const needWords = ['Deny', 'RequestChanges', 'Comment'] as const
  test.each<[Parameters<typeof commentFault>[0], string, string | undefined]>([
    ['Approve', '', undefined],
    ['Deny', 'no', undefined],
    ['Deny', '', 'Please say why: the agent reads it.'],
    ['RequestChanges', ' \n ', 'Please say why: the agent reads it.'],
    ['Approve', 'é'.repeat(1025), 'The comment has 1025 characters; at most 1024 can be sent.'],
    ['Approve', `${'😀'.repeat(1024)}\n`, undefined],
  ])('%s with a comment: %j → %s', (verdict, comment, fault) => {
    expect(commentFault(verdict, comment, { needWords })).toBe(fault)
  })

  test('as many characters as a vote holds', () => {
    expect(say.longestComment).toBe(longestComment)
  })

  test('the label says who needs a comment, in the words of the card', () => {
    expect(commentLabel({ needWords })).toBe('Comment (needed to deny)')
    expect(commentLabel({ needWords: ['Approve', 'Deny'] })).toBe('Comment (needed)')
    expect(commentLabel({ needWords: [] })).toBe('Comment')
  })

  test('the button that approves names the deed, the others what they do', () => {
    const asked = { approveTitle: 'Approve delete' }
    expect((['Approve', 'Deny', 'Pause'] as const).map((verdict) => titleOf(verdict, asked))).toEqual([
      'Approve delete',
      'Deny',
      'Deny and pause agent',
    ])
  })

  test('a vote is bound to what was shown', () => {
    const briefing = { digest: 'sha256:1', request: { name: 'apr-1', uid: 'uid-1' } }
    const ballot = ballotOf('Deny', { comment: ' no ', click: 'c' }, { briefing } as Parameters<typeof ballotOf>[2])
    expect(ballot).toEqual({ verdict: 'Deny', comment: 'no', click: 'c', digest: 'sha256:1', uid: 'uid-1' })
  })

  test('the same words after a failure are the same click; after an answer, or with other words, another', () => {
    let count = 0
    const clicks = makeClicks(() => `click-${(count += 1)}`)
    expect(clicks.nameOf('Deny', 'no')).toBe('click-1')
    expect(clicks.nameOf('Deny', 'no ')).toBe('click-1')
    expect(clicks.nameOf('Deny', 'no!')).toBe('click-2')
    expect(clicks.nameOf('Approve', 'no!')).toBe('click-3')
    clicks.answered()
    expect(clicks.nameOf('Approve', 'no!')).toBe('click-4')
  })
})

describe('times', () => {
  const now = Date.parse('2026-11-21T10:25:00Z')
  test.each([
    ['2026-11-21T10:24:15Z', '45 s ago'],
    ['2026-11-21T10:20:30Z', '4 min ago'],
    ['2026-11-21T07:20:00Z', '3 h ago'],
    ['2026-11-01T07:20:00Z', '20 d ago'],
    ['2026-11-21T10:25:10Z', '0 s ago'],
    ['no time', ''],
  ])('%s was %s', (time, words) => expect(ago(time, now)).toBe(words))

  test.each([
    ['2026-11-21T10:35:00Z', '10 min left', false],
    ['2026-11-21T10:26:30Z', '90 s left', true],
    ['2026-11-21T10:25:00Z', 'over', true],
    ['no time', '', false],
  ])('until %s there is: %s', (time, words, urgent) => {
    expect(left(time, now)).toBe(words)
    expect(isUrgent(time, now)).toBe(urgent)
  })

  test('the day is told when it is another one', () => {
    expect(clock('2026-11-21T10:20:00Z', now)).toMatch(/^\d\d:\d\d$/)
    expect(clock('2026-11-18T10:20:00Z', now)).toMatch(/^18 Nov \d\d:\d\d$/)
    expect(clock('no time', now)).toBe('')
  })
})
