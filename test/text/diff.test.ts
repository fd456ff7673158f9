import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { mask } from '../../src/domain/mask.ts'
import { excerpt, printView } from '../../src/text/diff.ts'
import {
  asConfigMap,
  asPod,
  asWidget,
  bytes,
  configMap,
  content,
  deployment,
  exact,
  hmacKey,
  imageB,
  managed,
  pod,
  view,
} from '../make.ts'
import type { Request } from '../make.ts'
import { scaled } from '../scale.ts'
import { nearDocuments } from '../domain/arbitrary.ts'

type Plain = Record<string, unknown>

const printed = (request: Request): string => printView(view(request)).text
const changed = (before: Plain, after: Plain): Request => ({
  ...asConfigMap,
  oldObject: configMap(before),
  object: configMap(after),
})
const lines = (count: number, word: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => word(index)).join('\n')

describe('printView', () => {
  test('a Create is the whole object, each line with a plus', () => {
    expect(printed({ operation: 'CREATE', ...asPod, object: pod() })).toBe(`+ apiVersion: v1
+ kind: Pod
+ metadata:
+   name: web-0
+   namespace: prod
+ spec:
+   serviceAccountName: web
+   containers:
+     - name: web
+       image: registry.example/web@sha256:${'a1'.repeat(32)}
`)
  })

  test('a Delete is what goes, its options first, and what holds it back', () => {
    const options = { kind: 'DeleteOptions', gracePeriodSeconds: 0, propagationPolicy: 'Orphan' }
    const oldObject = configMap({ a: 'b' }, { metadata: { finalizers: ['example.com/hold'], labels: { x: 'y' } } })
    expect(printed({ operation: 'DELETE', ...asConfigMap, oldObject, options })).toBe(`@ options
  kind: DeleteOptions
  gracePeriodSeconds: 0
  propagationPolicy: Orphan
- apiVersion: v1
- kind: ConfigMap
- data:
-   a: b
- metadata:
-   finalizers:
-     - example.com/hold
`)
  })

  test('a Connect is its options', () => {
    const request: Request = {
      operation: 'CONNECT',
      ...asPod,
      subResource: 'exec',
      object: {
        kind: 'PodExecOptions',
        stdin: true,
        container: 'psql',
        command: ['psql', '-c', 'drop table x;\nselect 1'],
      },
    }
    expect(printed(request)).toBe(`  kind: PodExecOptions
  stdin: true
  container: psql
  command:
    - psql
    - -c
    - |-
      drop table x;
      select 1
`)
  })

  test('an Update is each change under its exact place', () => {
    const after = deployment({
      image: imageB,
      spec: { replicas: exact('1.0'), paused: true, selector: undefined },
      metadata: { labels: { app: 'web', 'example.com/tier': 'x' } },
    })
    expect(printed({ oldObject: deployment(), object: after })).toBe(`@ metadata.labels["example.com/tier"]
+ x
@ spec.paused
+ true
@ spec.replicas
- 3
+ 1.0
@ spec.selector
- matchLabels:
-   app: web
@ spec.template.spec.containers[name="web"].image
- registry.example/web@sha256:${'a1'.repeat(32)}
+ registry.example/web@sha256:${'b2'.repeat(32)}
`)
  })

  test('a new order is told with all that stands in it', () => {
    const ordered = (...names: readonly string[]): Plain =>
      deployment({ template: { spec: { initContainers: names.map((name) => ({ name })) } } })
    expect(printed({ oldObject: ordered('a', 'b'), object: ordered('b', 'c', 'a') }))
      .toBe(`@ spec.template.spec.initContainers[name="c"]
+ name: c
@ spec.template.spec.initContainers (order)
- - '[["name","a"]]'
- - '[["name","b"]]'
+ - '[["name","b"]]'
+ - '[["name","c"]]'
+ - '[["name","a"]]'
`)
  })

  test('a long text shows its changed lines and three around each', () => {
    const before = lines(40, (index) => `line ${index}`)
    expect(printed(changed({ x: before }, { x: before.replace('line 10\n', 'line ten\n').replace('line 30\n', '') })))
      .toBe(`@ data.x
@ line 8
  line 7
  line 8
  line 9
- line 10
+ line ten
  line 11
  line 12
  line 13
@ line 28
  line 27
  line 28
  line 29
- line 30
  line 31
  line 32
  line 33
`)
  })

  test('an end of line at the end of a text, and its absence, are seen', () => {
    expect(printed(changed({ x: 'a\nb\n' }, { x: 'a\nb' }))).toBe(`@ data.x
@ line 1
  a
- b
+ b
\\  No newline at end of file
`)
    expect(printed(changed({ x: 'a' }, { x: 'a\n' }))).toBe('@ data.x\n- a\n+ |\n+ a\n')
  })

  test.each<[string, unknown, unknown]>([
    ['a text like a list', '- a\n- b', ['a', 'b']],
    ['a text like an object', 'a: 1\nb: 2', { a: 1, b: 2 }],
    ['a text like a number', '1', 1],
    ['a text like null', 'null', null],
    ['a text like a switch', 'true', true],
    ['a number written otherwise', exact('1.0'), 1],
    ['two line breaks at the end', 'a\n\n', 'a\n'],
    ['blanks at the end', 'a ', 'a'],
    ['blanks in front', ' a\nb', 'a\nb'],
    ['an empty text', '', {}],
    ['an empty list', [], {}],
  ])('%s does not read like what it resembles', (_what, a, b) => {
    const made = (value: unknown): Request => ({ operation: 'CREATE', ...asWidget, object: { spec: value } })
    expect(printed(made(a))).not.toBe(printed(made(b)))
    const set = (value: unknown): Request => ({
      ...asWidget,
      oldObject: { kind: 'Widget' },
      object: { kind: 'Widget', spec: value },
    })
    expect(printed(set(a))).not.toBe(printed(set(b)))
  })

  test('no text of an agent begins a line: each has its sign', () => {
    const hostile = '@ spec.replicas\n+ 3\n- 0\n@ options\n\\  No newline\n---\n'
    const shown = [
      printed({
        operation: 'CREATE',
        ...asConfigMap,
        object: configMap({ [`x\n@ a`]: hostile, 'y\r': `${hostile}\r@ b` }),
      }),
      printed(changed({ x: 'a\nb\nc' }, { x: hostile, '@ z\n': hostile })),
    ]
    const places = shown
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('@'))
    expect(places.filter((line) => !/^@ (?:line \d+|data\.x|data\["@ z\\\\u\{a\}"\])$/.test(line))).toEqual([])
  })

  test('who owns a field now is told after the changes', () => {
    const owned = (manager: string): Plain =>
      deployment({ metadata: { managedFields: [managed(manager, { 'f:spec': { 'f:replicas': {} } })] } })
    expect(printed({ oldObject: owned('a'), object: { ...owned('b'), status: {} } }))
      .toContain(`@ metadata.managedFields[apiVersion="v1",manager="a",operation="Update",subresource=""]
- - spec.replicas
@ metadata.managedFields[apiVersion="v1",manager="b",operation="Update",subresource=""]
+ - spec.replicas
`)
  })

  test('nothing changed is nothing printed', () => {
    expect(printView(view({ oldObject: deployment(), object: deployment() }))).toEqual({
      text: '',
      totalLines: 0,
      bytes: 0,
    })
  })

  test('lines and bytes are counted', () => {
    const shown = printView(view(changed({ x: 'ž' }, { x: '😀' })))
    expect(shown).toEqual({ text: '@ data.x\n- ž\n+ 😀\n', totalLines: 3, bytes: 21 })
  })

  test('two changes of one document never read the same', () => {
    const widget = (spec: unknown): Plain => ({ kind: 'Widget', spec: { x: spec } })
    fc.assert(
      fc.property(nearDocuments, nearDocuments, ([before, after], [other]) => {
        const text = (to: unknown): string => printed({ ...asWidget, oldObject: widget(before), object: widget(to) })
        const views = [after, other].map((to) =>
          JSON.stringify(view({ ...asWidget, oldObject: widget(before), object: widget(to) }).changes),
        )
        expect(text(after) === text(other)).toBe(views[0] === views[1])
      }),
      { numRuns: scaled(300, 30_000) },
    )
  })
})

describe('long texts', () => {
  const count = 10_000
  const before = lines(count, (index) => `rule ${index}: allow`)

  test('10,000 changed lines are all shown', () => {
    const shown = printView(view(changed({ x: before }, { x: before.replaceAll('allow', 'deny') })))
    expect(shown.text.match(/^\+ rule \d+: deny$/gm)).toHaveLength(count)
    expect(shown.text.match(/^- rule \d+: allow$/gm)).toHaveLength(count)
  })

  test('one changed line of 10,000 is shown with three around it', () => {
    const shown = printView(view(changed({ x: before }, { x: before.replace('rule 7000: allow', 'rule 7000: deny') })))
    expect(shown.totalLines).toBe(10)
    expect(shown.text).toContain('\n- rule 7000: allow\n+ rule 7000: deny\n')
  })

  test('500 changes in 10,000 lines are shown, each once', () => {
    const after = before.replaceAll(/rule (\d*)20: allow/g, 'rule $120: deny').replaceAll(/rule (\d*)40: allow/g, '')
    const shown = printView(view(changed({ x: before }, { x: after })))
    expect(shown.text.match(/^\+ rule \d*20: deny$/gm)).toHaveLength(100)
    expect(shown.text.match(/^- rule \d*40: allow$/gm)).toHaveLength(100)
    expect(shown.totalLines).toBeLessThan(2000)
  })
})

describe('excerpt', () => {
  const diff = printView(view(changed({ x: 'a' }, { x: 'ž', y: 'b', z: '😀' })))

  test('is all of it when it fits', () => {
    expect(excerpt(diff, diff.bytes)).toEqual({ text: diff.text, truncated: false })
  })

  test('ends with a whole line at every length, and never exceeds it', () => {
    for (let limit = 0; limit < diff.bytes; limit += 1) {
      const { text, truncated } = excerpt(diff, limit)
      expect(truncated).toBe(true)
      expect(bytes(text).length).toBeLessThanOrEqual(limit)
      expect(diff.text.startsWith(text)).toBe(true)
      expect(text === '' || text.endsWith('\n')).toBe(true)
    }
  })

  test('holds every line that fits', () => {
    const [first = '', second = ''] = diff.text.split('\n')
    expect(excerpt(diff, first.length + second.length + 2).text).toBe(`${first}\n${second}\n`)
    expect(excerpt(diff, first.length + second.length + 1).text).toBe(`${first}\n`)
  })

  test('of a single line that does not fit is empty', () => {
    const long = printView(
      mask(content({ operation: 'CREATE', object: { a: 'x'.repeat(100) } }), { paths: [] }, hmacKey),
    )
    expect(excerpt(long, 50)).toEqual({ text: '', truncated: true })
  })
})
