import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { effectsOf } from '../../src/domain/effects.ts'
import type { Told } from '../../src/domain/effects.ts'
import { printView } from '../../src/text/diff.ts'
import { asBinding, executing, stored } from '../teams/card-samples.ts'
import { asConfigMap, asPod, configMap, deployment, imageA, imageB, pod, view } from '../make.ts'
import type { Request } from '../make.ts'
import { hostileText } from './arbitrary.ts'

function told(review: Request): Told {
  return effectsOf(stored(review).spec, { text: printView(view(review)).text })
}

const deleting = (changes: Request = {}): Request => ({ operation: 'DELETE', oldObject: deployment(), ...changes })
const options = (fields: object): Request => ({ options: { kind: 'DeleteOptions', ...fields } })
const updating = (before: unknown, after: unknown): Request => ({ oldObject: before, object: after })
const containers = (...list: readonly object[]) => deployment({ template: { spec: { containers: list } } })
const restarted = (time: string) => {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': time }
  return deployment({ template: { metadata: { annotations } } })
}
const binding = (subjects: readonly object[] | undefined, name = 'edit') => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'x' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  subjects,
})
const bot = { kind: 'ServiceAccount', name: 'report-bot', namespace: 'agents' }
const all = { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }
const inProd: Request = {
  ...asBinding,
  resource: { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'rolebindings' },
  kind: { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding' },
  namespace: 'prod',
}
const scale = (from: number | undefined, to: number | undefined): Request => ({
  subResource: 'scale',
  kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  oldObject: { kind: 'Scale', metadata: { uid: 'u' }, spec: { replicas: from } },
  object: { kind: 'Scale', metadata: { uid: 'u' }, spec: { replicas: to } },
})
const subresource = (subResource: string, kind: string, object: object): Request => ({
  ...asPod,
  name: 'psql-0',
  subResource,
  kind: { group: '', version: 'v1', kind },
  object: { kind, apiVersion: 'v1', ...object },
})

describe('effectsOf says in words', () => {
  test.each<[string, Request, readonly string[]]>([
    ['a delete of a workload', deleting(), ['Its 3 replicas stop.', 'Kubernetes cannot undo it.']],
    [
      'a delete of a workload with one replica',
      deleting({ oldObject: deployment({ spec: { replicas: 1 } }) }),
      ['Its 1 replica stops.', 'Kubernetes cannot undo it.'],
    ],
    [
      'a delete of a workload that is scaled to zero',
      deleting({ oldObject: deployment({ spec: { replicas: 0 } }) }),
      ['It has 0 replicas: no pod of it runs.', 'Kubernetes cannot undo it.'],
    ],
    [
      'a delete that leaves what belongs to it',
      deleting(options({ propagationPolicy: 'Orphan' })),
      ['What belongs to it stays behind without an owner (propagation policy Orphan).', 'Kubernetes cannot undo it.'],
    ],
    [
      'a delete of a pod at once',
      { operation: 'DELETE', ...asPod, name: 'web-0', oldObject: pod(), ...options({ gracePeriodSeconds: 0 }) },
      [
        'The pod stops. If a controller owns it, another one is started.',
        'It is killed at once, without time to end its work.',
        'Kubernetes cannot undo it.',
      ],
    ],
    [
      'a delete by selector of a kind that nobody knows, and that something holds',
      {
        operation: 'DELETE',
        ...asConfigMap,
        name: '',
        oldObject: configMap({ a: 'b' }, { metadata: { finalizers: ['example.com/hold'] } }),
      },
      [
        'One of all that a selector picks, each asked on its own.',
        'Objects that belong to it are deleted as well; which ones was not looked at.',
        'It stays until its finalizers are done.',
        'Kubernetes cannot undo it.',
      ],
    ],
    ['a scaling up', scale(4, 6), ['2 pods more, 6 in all.']],
    ['a scaling down', scale(4, 3), ['1 pod of 4 stop.']],
    ['a scaling to zero', scale(3, 0), ['Scaled to zero: all 3 pods stop, and nothing of it runs any more.']],
    [
      'a scaling to zero as kubectl sends it, without the field',
      scale(3, undefined),
      ['Scaled to zero: all 3 pods stop, and nothing of it runs any more.'],
    ],
    ['a scaling up from zero', scale(undefined, 2), ['2 pods more, 2 in all.']],
    ['a scaling to zero of one', scale(1, 0), ['Scaled to zero: its 1 pod stops, and nothing of it runs any more.']],
    [
      'another image by digest',
      updating(deployment(), deployment({ image: imageB })),
      ['Its pods are replaced by new ones: as its update strategy says.'],
    ],
    [
      'another image by tag',
      updating(deployment({ image: 'web:1' }), deployment({ image: 'web:2' })),
      [
        'Its pods are replaced by new ones: as its update strategy says.',
        'Image by tag: its content can change after approval.',
      ],
    ],
    [
      'an image and something else',
      updating(
        deployment({ image: imageA }),
        deployment({ image: imageB, spec: { minReadySeconds: 9, strategy: { type: 'Recreate' } } }),
      ),
      [
        'Its pods are replaced by new ones: as its update strategy says.',
        'What the 2 other changes do is not computed.',
      ],
    ],
    [
      'a container more',
      updating(
        containers({ name: 'web', image: imageA }),
        containers({ name: 'web', image: imageA }, { name: 'x', image: 'x' }),
      ),
      [
        'Its pods are replaced by new ones: as its update strategy says.',
        'Image by tag: its content can change after approval.',
      ],
    ],
    [
      'a change of another kind',
      { ...asConfigMap, oldObject: configMap({ a: 'b' }), object: configMap({ a: 'c' }) },
      ['Effect not computed.'],
    ],
    ['a new object of another kind', { operation: 'CREATE', ...asPod, object: pod() }, ['Effect not computed.']],
    [
      'an exec',
      executing,
      [
        'Runs once. No typing afterwards (no stdin, no terminal).',
        'Output goes to the agent; Countersign neither sees nor limits it.',
        'Whether the command only reads cannot be checked.',
      ],
    ],
    [
      'an exec with a terminal and without a command',
      { operation: 'CONNECT', ...subresource('exec', 'PodExecOptions', { stdin: true, tty: true }) },
      [
        'Runs once. The agent can type into it.',
        'Output goes to the agent; Countersign neither sees nor limits it.',
        'The command is not known.',
      ],
    ],
    [
      'an attach',
      { operation: 'CONNECT', ...subresource('attach', 'PodAttachOptions', {}) },
      [
        'Joins what runs in the container already.',
        'No typing afterwards (no stdin, no terminal).',
        'Output goes to the agent; Countersign neither sees nor limits it.',
      ],
    ],
    [
      'a port-forward',
      { operation: 'CONNECT', ...subresource('portforward', 'PodPortForwardOptions', { ports: [80, 443] }) },
      ['The agent reaches ports 80, 443 of the pod.', 'What it sends there is not seen and not limited.'],
    ],
    [
      'an eviction',
      { operation: 'CREATE', ...subresource('eviction', 'Eviction', { metadata: { name: 'psql-0' } }) },
      [
        'The pod stops. If a controller owns it, another one is started, perhaps on another node.',
        'A PodDisruptionBudget may still refuse it.',
      ],
    ],
    [
      'a new binding',
      { operation: 'CREATE', ...asBinding, object: binding([bot]) },
      [
        'Lasts until someone removes it. No expiry is set.',
        'What the role holds was not looked at; it can change after approval.',
      ],
    ],
    [
      'a binding that names nobody',
      { operation: 'CREATE', ...asBinding, object: binding(undefined) },
      ['What the role holds was not looked at; it can change after approval.'],
    ],
    [
      'a binding that is deleted',
      { operation: 'DELETE', ...asBinding, oldObject: binding([bot]) },
      [
        'They lose these rights at once, unless another binding gives them as well.',
        'What the role holds was not looked at; it can change after approval.',
      ],
    ],
    [
      'one more in a binding',
      { ...asBinding, oldObject: binding([bot]), object: binding([bot, all]) },
      ['They get, or lose, the rights that this binding gives; the role is not in the change.'],
    ],
    [
      'a binding whose labels change',
      {
        ...asBinding,
        oldObject: binding([bot]),
        object: { ...binding([bot]), metadata: { name: 'x', labels: { a: 'b' } } },
      },
      ['Effect not computed.'],
    ],
  ])('%s', (_what, review, effects) => {
    expect(told(review).effects).toEqual(effects)
  })

  test.each<[string, Request, Told['details'], boolean]>([
    ['a scaling', scale(4, 6), [{ label: 'replicas', text: '4  →  6' }], true],
    [
      'an image',
      updating(deployment({ image: 'web:1' }), deployment({ image: 'web:2' })),
      [{ label: 'image (web)', text: 'web:1  →  web:2' }],
      true,
    ],
    [
      'a container that comes, which is more than its image',
      updating(
        containers({ name: 'web', image: imageA }),
        containers({ name: 'web', image: imageA }, { name: 'x', image: 'x' }),
      ),
      [{ label: 'container x', text: 'added, image x' }],
      false,
    ],
    [
      'a number, but not the object beside it',
      updating(deployment(), deployment({ spec: { minReadySeconds: 9, strategy: { type: 'Recreate' } } })),
      [{ label: 'minReadySeconds', text: 'not set  →  9' }],
      false,
    ],
    [
      'nothing of a text that the agent chooses',
      { ...asConfigMap, oldObject: configMap({ Effect: 'b' }), object: configMap({ Effect: 'none, APPROVED' }) },
      [],
      false,
    ],
    [
      'the options of a delete',
      deleting(options({ propagationPolicy: 'Orphan', preconditions: { uid: 'u-1' } })),
      [
        { label: 'propagationPolicy', text: 'Orphan' },
        { label: 'preconditions.uid', text: 'u-1' },
      ],
      true,
    ],
    [
      'the usual options of a delete, which the effect tells',
      deleting(options({ propagationPolicy: 'Background' })),
      [],
      true,
    ],
    [
      'a binding with more than who and what, and shows the rest',
      {
        operation: 'CREATE',
        ...inProd,
        object: { ...binding([bot], 'reader'), metadata: { name: 'x', labels: { a: 'b' } } },
      },
      [
        { label: 'To', text: 'ServiceAccount agents/report-bot' },
        { label: 'Gets', text: 'ClusterRole reader' },
      ],
      false,
    ],
    [
      'an image of several lines, and shows it',
      updating(deployment({ image: 'web:1' }), deployment({ image: 'web:1\nweb:2' })),
      [],
      false,
    ],
    ['a restart that is asked for by no time, and shows it', updating(deployment(), restarted('rm -rf /')), [], false],
    [
      'a restart of another time',
      updating(restarted('2020-01-01T10:00:00Z'), restarted('2021-01-01T10:00:00+01:00')),
      [{ label: 'restart', text: 'asked for' }],
      true,
    ],
    [
      'a restart',
      updating(restarted('2020-01-01T10:00:00Z'), restarted('2026-03-01T10:20:00Z')),
      [{ label: 'restart', text: 'asked for' }],
      true,
    ],
    [
      'who gets what',
      { operation: 'CREATE', ...inProd, object: binding([{ kind: 'ServiceAccount', name: 'x' }, all], 'reader') },
      [
        { label: 'To', text: 'ServiceAccount prod/x' },
        {
          label: '',
          text: 'Group system:authenticated: everybody who can log in, every service account too',
        },
        { label: 'Gets', text: 'ClusterRole reader' },
      ],
      true,
    ],
    [
      'what a built-in role holds',
      { operation: 'CREATE', ...asBinding, object: binding([bot], 'cluster-admin') },
      [
        { label: 'To', text: 'ServiceAccount agents/report-bot' },
        { label: 'Gets', text: 'ClusterRole cluster-admin (as Kubernetes ships it: everything)' },
      ],
      true,
    ],
  ])('tells of %s', (_what, review, details, detailed) => {
    const found = told(review)
    expect(found.details).toEqual(details)
    expect(found.detailed ?? false).toBe(detailed)
  })

  test('tells the whole command of an exec, an argument a line, whatever it holds', () => {
    const command = ['sh', '-c', 'a\nb', '', ' x', "it's", '- y', '4', 'key: v', '#', '"', '[a]']
    const review = { ...executing, object: { kind: 'PodExecOptions', apiVersion: 'v1', command } }
    expect(told(review).details.map(({ text }) => text)).toEqual([
      'sh',
      '-c',
      '"a\\nb"',
      '""',
      '" x"',
      "it's",
      '- y',
      '4',
      'key: v',
      '#',
      String.raw`"\""`,
      '[a]',
    ])
  })

  test('leaves out no argument of any command', () => {
    fc.assert(
      fc.property(fc.array(hostileText, { minLength: 1, maxLength: 5 }), (command) => {
        const review = { ...executing, object: { kind: 'PodExecOptions', apiVersion: 'v1', command } }
        const { details, detailed } = told(review)
        // Either every argument is told, or the change is shown as it is.
        expect(detailed === true ? details.length : command.length).toBe(command.length)
      }),
    )
  })
})

describe('what is not all there', () => {
  const review = updating(
    deployment({ image: imageA, spec: { replicas: 3 } }),
    deployment({ image: imageB, spec: { replicas: 0 } }),
  )
  const text = printView(view(review)).text

  test('is told as far as it is sure, and never as the whole', () => {
    const { details, detailed, effects } = effectsOf(stored(review).spec, { text, missing: 'too long' })
    expect(details).toEqual([{ label: 'replicas', text: '3  →  0' }])
    expect(detailed).toBe(false)
    expect(effects.at(-1)).toBe('What the change does that is not shown here is not computed.')
  })

  test('is not guessed at from a text of another form', () => {
    const { details, effects } = effectsOf(stored(review).spec, { text: 'replicas: 0' })
    expect([details, effects]).toEqual([[], ['Effect not computed.']])
  })

  test('of a binding is not told at all', () => {
    const create: Request = { operation: 'CREATE', ...asBinding, object: binding([bot, all]) }
    const cut = printView(view(create)).text.split('\n').slice(0, -5).join('\n')
    expect(effectsOf(stored(create).spec, { text: cut, missing: 'too long' }).effects).toEqual([
      'Effect not computed: who gets what could not be read.',
    ])
  })
})
