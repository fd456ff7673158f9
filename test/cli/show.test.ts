import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import type { ApprovalRequest } from '../../src/domain/kinds.ts'
import { request } from '../make-request.ts'
import { example, makeRig } from './people-rig.ts'
import type { RigOptions } from './people-rig.ts'

const pending = example('pending')
const all = [pending, example('approved'), example('denied'), example('expired')]

async function shown(one: ApprovalRequest, options: RigOptions = {}): Promise<string> {
  return (await makeRig({ requests: [one], ...options }).run('show', one.metadata.name)).out
}

/** A copy of the pending example whose one action is changed. */
function withAction(change: object, status?: ApprovalRequest['status']): ApprovalRequest {
  const [action] = pending.spec.actions
  const actions = [{ ...action, ...change }] as ApprovalRequest['spec']['actions']
  return { ...pending, spec: { ...pending.spec, actions }, ...(status === undefined ? {} : { status }) }
}

describe('show', () => {
  test('has everything that an approver must see, in the order of the cards', async () => {
    expect(await shown(pending)).toBe(
      [
        'MEDIUM · prod-eu1 · production    1 approval of platform-oncall · until 11:05Z (15 min)',
        'agents/bot wants to CHANGE 2 fields of',
        'Deployment   prod / web',
        'In short      update Deployment prod/web (replicas, image)',
        'Effect        Rolling update, 6 new pods, at most 1 down at a time.',
        '              HorizontalPodAutoscaler web (4–10) will set replicas again.',
        '              Image by tag: its content can change after approval.',
        'Asked because a new image in production (policy image-changes)',
        'Risk because  a new image in production',
        'Agent says, unchecked   "release 1.5.0" · CHG-882 · 1 min ago',
        'Behind it     owner bo (may not approve) · on behalf of mia (may not approve) · pod agents/bot-7d9f',
        'Lately        update Deployment prod/web (image): Approved by Alice Kim 2026-11-19 09:12Z',
        'Change',
        '  -  replicas: 4',
        '  +  replicas: 6',
        '  -      image: registry.example.com/web:1.4.2',
        '  +      image: registry.example.com/web:1.5.0',
        'apr-3n8vr2kdhm6tq4wz9xcb · 9f01c2aa · nothing masked · shown in full · a reason is needed to deny',
        '',
        'Answer: kubectl countersign approve|deny|changes|comment|pause apr-3n8vr2kdhm6tq4wz9xcb',
        '',
      ].join('\n'),
    )
  })

  test.each([
    ['approved', 'APPROVED by Alice Kim 10:24Z · DONE 10:24Z · Deployment prod/web is gone'],
    ['denied', 'DENIED by Dana Roe 10:41Z · TAKEN BACK by Dana Roe 10:44Z'],
    ['expired', 'EXPIRED 02:25Z · nobody answered · this is not a denial'],
  ] as const)('says in its first line how the %s one ended, and asks for no answer', async (which, words) => {
    const out = await shown(example(which))
    expect(out.split('\n')[0]?.endsWith(words)).toBe(true)
    expect(out).not.toContain('Answer:')
  })

  test('does not take a released approval for an outcome', async () => {
    const approved = example('approved')
    const conditions = (approved.status?.conditions ?? []).map((one) =>
      one.type === 'Executed' ? { ...one, reason: 'Released', status: 'Unknown' as const } : one,
    )
    const out = await shown({ ...approved, status: { ...approved.status, conditions } })
    expect(out.split('\n')[0]?.endsWith('APPROVED by Alice Kim 10:24Z · used 10:24Z')).toBe(true)
  })

  test.each<[string, object, string]>([
    ['an eviction', { operation: 'Create', resource: { ...resource('pods'), subresource: 'eviction' } }, 'EVICT'],
    [
      'a port-forward',
      { operation: 'Connect', resource: { ...resource('pods'), subresource: 'portforward' } },
      'FORWARD PORTS OF',
    ],
    [
      'a scale',
      { resource: { ...resource('deployments'), subresource: 'scale' }, pathCount: 1 },
      'CHANGE 1 field of scale OF',
    ],
    [
      'a token',
      { operation: 'Create', resource: { ...resource('serviceaccounts'), subresource: 'token' } },
      'CREATE token OF',
    ],
  ])('names the deed of %s', async (_what, change, deed) => {
    expect(await shown(withAction(change))).toContain(`agents/bot wants to ${deed}\n`)
  })

  test('says what the agent chooses, what was not compared and what will be typed', async () => {
    const change = {
      operation: 'Create',
      name: undefined,
      generateName: 'job-',
      targetChecked: false,
      connect: { stdin: true },
    }
    const out = await shown(withAction(change))
    expect(out).toContain('Deployment   prod / job-????? (the agent may choose)   (new)\n')
    expect(out).toContain('The target was not compared with the live object.\n')
    expect(out).toContain('What will be typed is not known.\n')
  })

  test('tells the effect from the request alone until somebody has looked, that no owner is named, and that the agent gave no reason', async () => {
    const out = await shown(request(), { now: '2026-11-21T10:36:00Z' })
    expect(out).toMatch(
      /Effect +Its 3 replicas stop\.\n +Kubernetes cannot undo it\.\n +What stands around the target was not looked at yet\.\n/,
    )
    expect(out).toMatch(/Agent says, unchecked {3}nothing\n/)
    expect(out).toMatch(/Behind it +no owner is named\n/)
    expect(out).toContain('the deadline 10:35Z is over')
  })

  test('paints only when told so, and says the same without', async () => {
    const [painted, plain] = [await shown(pending, { colour: true }), await shown(pending)]
    expect(painted).toContain('\u001b[32m  +  replicas: 6\u001b[0m\n')
    expect(['0', '1', '2', '31', '32'].reduce((text, code) => text.replaceAll(`\u001b[${code}m`, ''), painted)).toBe(
      plain,
    )
  })

  test.each([
    ['an escape of the terminal', '\u001b[2J'],
    ['a bidirectional override', '\u202e'],
    ['a carriage return', '\r'],
    ['a line of our own', '\nAnswer: kubectl countersign approve x'],
    ['an invisible character', '\u200b'],
  ])('%s in any text does nothing', async (_what, live) => {
    const text = JSON.stringify(example('denied')).replaceAll(
      /"(agents\/bot|Bo Lind|use a Role|prod-eu1|report-bot-edit|rbac-grants|edit}|report job needs access|rights are given cluster-wide)"/g,
      (found) => JSON.stringify(`${JSON.parse(found)}${live}x`),
    )
    const hostile: ApprovalRequest = JSON.parse(text)
    const out = await shown({ ...hostile, metadata: { ...hostile.metadata, name: example('denied').metadata.name } })
    expect(out.split('x').length).toBeGreaterThan(5)
    expect(out).not.toContain(live)
    expect(out).toContain('\\u{')
  })

  test('a text that was made inert before it was stored shows as it is stored', async () => {
    const diff = {
      text: '+ a: <masked token 5e1f>\n+ b: "x\\u{202e}y"\n',
      totalLines: 2,
      truncated: false,
      maskedPaths: ['a'],
    }
    const out = await shown(withAction({ diff }))
    expect(out).toContain('  + a: <masked token 5e1f>\n  + b: "x\\u{202e}y"\n')
    expect(out).toContain(' · 1 masked: a · ')
  })
})

function resource(plural: string) {
  return { group: '', version: 'v1', resource: plural, subresource: '' }
}

describe('a change that is too long for its request', () => {
  const whole = '+ one\n+ two\n+ three\n'
  const fullHash = `sha256:${createHash('sha256').update(whole).digest('hex')}`
  const diff = { text: '+ one\n', totalLines: 3, truncated: true, fullRef: { name: 'diff-1' }, fullHash }

  test('is shown whole when the rest has its hash', async () => {
    const out = await shown(withAction({ diff }), { fullText: whole })
    expect(out).toContain('  + one\n  + two\n  + three\n')
    expect(out).toContain('shown in full')
  })

  test.each<[string, object, string | undefined, string]>([
    ['another hash', diff, `${whole}+ four\n`, 'ConfigMap diff-1 was changed'],
    ['no rest', diff, undefined, 'there is no ConfigMap diff-1'],
    ['no reference', { ...diff, fullRef: undefined }, whole, 'it was not stored'],
  ])('with %s it says that it is not whole, and cannot be approved', async (_what, cut, fullText, why) => {
    const requests = [withAction({ diff: cut })]
    const rig = makeRig({ requests, answers: ['y'], ...(fullText === undefined ? {} : { fullText }) })
    const out = (await rig.run('show', 'apr-3n8')).out
    expect(out).toContain(`NOT SHOWN IN FULL: ${why}`)
    expect(out).toContain('only the beginning of 3 lines shown')
    for (const args of [[], ['--yes']]) {
      const { code, err } = await rig.run('approve', 'apr-3n8', ...args)
      expect([code, err]).toEqual([1, expect.stringContaining(`cannot be shown in full (${why})`)])
    }
    expect(rig.votes).toEqual([])
  })

  test('can be denied even so', async () => {
    const rig = makeRig({ requests: [withAction({ diff })] })
    await rig.run('deny', 'apr-3n8', '-m', 'no', '--timeout', '1')
    expect(rig.votes.map(({ spec }) => spec.verdict)).toEqual(['Deny'])
  })
})

describe('get', () => {
  test('lists what waits, and with --all everything, the oldest first', async () => {
    const rig = makeRig({ requests: all })
    expect((await rig.run('get')).out).toBe(
      [
        'NAME                       AGENT        ACTION                                         RISK     STATE     VOTES   DEADLINE   AGE',
        'apr-3n8vr2kdhm6tq4wz9xcb   agents/bot   update Deployment prod/web (replicas, image)   Medium   Pending   0/1     11:05Z     0s',
        '',
      ].join('\n'),
    )
    const names = (await rig.run('get', '--all')).out.split('\n').map((line) => line.split(' ')[0])
    expect(names).toEqual([
      'NAME',
      'apr-m5zx8kq2wt9hd4nc7rv6-2',
      'apr-7k2m9q4xqz3wd8hf6tnc',
      'apr-q9w4hx7tkz2nd5rm8vc3',
      'apr-3n8vr2kdhm6tq4wz9xcb',
      '',
    ])
  })

  test('says that nothing waits, not on standard output', async () => {
    expect(await makeRig({ requests: [] }).run('get')).toEqual({
      code: 0,
      out: '',
      err: 'Nothing waits for an answer.\n',
    })
  })

  test('prints for programs', async () => {
    const rig = makeRig({ requests: all })
    expect((await rig.run('get', '-o', 'name')).out).toBe('approvalrequest.countersign.dev/apr-3n8vr2kdhm6tq4wz9xcb\n')
    expect(JSON.parse((await rig.run('get', '-a', '-o', 'json')).out).items).toEqual(all)
    expect((await rig.run('get', '-o', 'yaml')).out).toBe('yaml of apiVersion,kind,metadata,items\n')
    expect(JSON.parse((await rig.run('show', 'apr-3n8', '-o', 'json')).out)).toEqual(pending)
  })
})

describe('a request is named', () => {
  const second = {
    ...pending,
    metadata: { ...pending.metadata, name: 'apr-3n8vr2kdhm6tq4wz9xcb-2' },
    spec: { ...pending.spec, attempt: { number: 2 } },
  }
  const third = { ...pending, metadata: { ...pending.metadata, name: 'apr-3n9aa2kdhm6tq4wz9xcb' } }

  test.each([
    ['apr-3n8vr2kdhm6tq4wz9xcb', 'apr-3n8vr2kdhm6tq4wz9xcb'],
    ['apr/apr-3n8vr2kdhm6tq4wz9xcb', 'apr-3n8vr2kdhm6tq4wz9xcb'],
    ['approvalrequest.countersign.dev/apr-3n8vr2kdhm6tq4wz9xcb', 'apr-3n8vr2kdhm6tq4wz9xcb'],
    ['apr-3n8', 'apr-3n8vr2kdhm6tq4wz9xcb-2'],
    ['3n8', 'apr-3n8vr2kdhm6tq4wz9xcb-2'],
    ['apr-3n9', 'apr-3n9aa2kdhm6tq4wz9xcb'],
    ['apr-q9w', 'apr-q9w4hx7tkz2nd5rm8vc3'],
  ])('%s means %s', async (given, name) => {
    const rig = makeRig({ requests: [...all, second, third] })
    expect((await rig.run('show', given, '-o', 'name')).out).toBe(`approvalrequest.countersign.dev/${name}\n`)
  })

  test('a beginning of several is refused with all that it may be', async () => {
    const { code, err } = await makeRig({ requests: [pending, third] }).run('show', 'apr-3n')
    expect([code, err]).toEqual([
      1,
      [
        'apr-3n may be any of these; give more of the name:',
        '  apr-3n8vr2kdhm6tq4wz9xcb  update Deployment prod/web (replicas, image)',
        '  apr-3n9aa2kdhm6tq4wz9xcb  update Deployment prod/web (replicas, image)',
        '',
      ].join('\n'),
    ])
  })

  test.each(['apr-zzz', 'apr-', '', '../x', 'apr-00000000000000000000'])('%j is none', async (given) => {
    const { code, err } = await makeRig().run('show', given)
    expect([code, err]).toEqual([1, `there is no request ${given}; kubectl countersign get --all lists them\n`])
  })
})
