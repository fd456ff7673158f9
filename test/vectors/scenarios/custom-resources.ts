import { mergePatch } from '../admin.ts'
import type { Admin } from '../admin.ts'
import { until } from '../../until.ts'
import { plain } from '../objects.ts'
import { shop } from '../paths.ts'
import { kubectl } from '../scenario.ts'
import type { Manifest, Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']
const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: {
        count: { type: 'integer', format: 'int64' },
        ratio: { type: 'number' },
        replicas: { type: 'integer' },
      },
    },
    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
}

// Widgets have the status and scale subresources, gadgets have none.
const definition = (kind: 'Widget' | 'Gadget'): Manifest => {
  const singular = kind.toLowerCase()
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
  return plain('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
    metadata: { name: `${singular}s.shop.example` },
    spec: {
      group: 'shop.example',
      scope: 'Namespaced',
      names: { kind, plural: `${singular}s`, singular, listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          ...(kind === 'Widget' ? { subresources: { status: {}, scale } } : {}),
        },
      ],
    },
  })
}

const made = (kind: 'Widget' | 'Gadget', spec: unknown = { count: 1 }, rest: object = {}): Manifest =>
  plain('shop.example/v1', kind, { metadata: { name: 'one' }, spec, ...rest })

const path = (plural: string): string => `/apis/shop.example/v1/namespaces/${shop}/${plural}`

async function define(admin: Admin): Promise<void> {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  for (const kind of ['Widget', 'Gadget'] as const) await admin.must('POST', definitions, { body: definition(kind) })
  for (const plural of ['widgets', 'gadgets']) {
    await until(`${plural} are served`, async () => (await admin.call('GET', path(plural))).code === 200, 15_000)
  }
}

function defined(...objects: readonly Manifest[]): (admin: Admin) => Promise<void> {
  return async (admin) => {
    await define(admin)
    for (const object of objects) await admin.must('POST', path(`${object.kind.toLowerCase()}s`), { body: object })
  }
}

// JSON.stringify would round these: the text goes to kubectl as it stands.
const exactNumbers =
  '{"apiVersion":"shop.example/v1","kind":"Widget","metadata":{"name":"exact"},"spec":{"count":9007199254740993,"ratio":0.1,"whole":1.0,"free":1e3,"big":12345678901234567890}}'

/** Definitions and their objects. */
export const customResourceScenarios: readonly Scenario[] = [
  {
    name: 'customresourcedefinition-create',
    commands: [kubectl(create, definition('Widget'))],
    groups: [2],
  },
  {
    name: 'customresourcedefinition-patch',
    prepare: define,
    commands: [
      kubectl([
        'patch',
        'crd',
        'widgets.shop.example',
        '--type=merge',
        '-p',
        '{"spec":{"names":{"shortNames":["wd"]}}}',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'customresourcedefinition-delete',
    prepare: define,
    commands: [kubectl(['delete', 'crd', 'widgets.shop.example', '--wait=false'])],
    groups: [2],
  },
  { name: 'widget-create', prepare: define, commands: [kubectl(create, made('Widget'))], groups: [2] },
  {
    name: 'widget-create-with-status',
    prepare: define,
    commands: [kubectl(create, made('Widget', { count: 1 }, { status: { ready: true } }))],
    groups: [2],
  },
  {
    name: 'gadget-create-with-status',
    prepare: define,
    commands: [kubectl(create, made('Gadget', { count: 1 }, { status: { ready: true } }))],
    groups: [2],
  },
  {
    name: 'widget-create-exact-numbers',
    prepare: define,
    commands: [{ tool: 'kubectl', args: create, input: exactNumbers }],
    groups: [2],
  },
  {
    name: 'widget-create-generate-name',
    prepare: define,
    commands: [kubectl(create, { ...made('Widget'), metadata: { generateName: 'one-' } })],
    groups: [2],
  },
  { name: 'widget-apply', prepare: define, commands: [kubectl(['apply', '-f', '-'], made('Widget'))], groups: [2] },
  {
    name: 'widget-apply-server-side',
    prepare: define,
    commands: [kubectl(['apply', '--server-side', '-f', '-'], made('Widget'))],
    groups: [2],
  },
  {
    name: 'widget-patch',
    prepare: defined(made('Widget')),
    commands: [kubectl(['patch', 'widget', 'one', '--type=merge', '-p', '{"spec":{"count":2}}'])],
    groups: [2],
  },
  {
    name: 'widget-patch-exact-number',
    prepare: defined(made('Widget')),
    commands: [kubectl(['patch', 'widget', 'one', '--type=merge', '-p', '{"spec":{"count":9007199254740993}}'])],
    groups: [2],
  },
  {
    name: 'widget-replace',
    prepare: defined(made('Widget', { count: 1 }, { status: { ready: true } })),
    commands: [kubectl(['replace', '-f', '-'], made('Widget', { count: 2 }, { status: { ready: false } }))],
    groups: [2],
  },
  {
    name: 'gadget-replace',
    prepare: defined(made('Gadget', { count: 1 }, { status: { ready: true } })),
    commands: [kubectl(['replace', '-f', '-'], made('Gadget', { count: 1 }, { status: { ready: false } }))],
    groups: [2],
  },
  {
    name: 'gadget-patch-status-written-meanwhile',
    prepare: defined(made('Gadget', { count: 1 }, { status: { ready: true } })),
    commands: [kubectl(['patch', 'gadget', 'one', '--type=merge', '-p', '{"spec":{"count":2}}'])],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        await admin.must('PATCH', `${path('gadgets')}/one`, { body: { status: { ready: false } }, type: mergePatch })
      },
    },
    groups: [2],
  },
  {
    name: 'widget-status-patch',
    prepare: defined(made('Widget')),
    commands: [
      kubectl(['patch', 'widget', 'one', '--subresource=status', '--type=merge', '-p', '{"status":{"ready":true}}']),
    ],
    groups: [2],
  },
  {
    name: 'widget-scale',
    prepare: defined(made('Widget', { replicas: 1 })),
    commands: [kubectl(['scale', 'widget', 'one', '--replicas=3'])],
    groups: [2],
  },
  {
    // Nothing in a review tells that a custom kind has a scale subresource.
    name: 'widget-patch-scaled-meanwhile',
    prepare: defined(made('Widget', { count: 1, replicas: 1 })),
    commands: [kubectl(['patch', 'widget', 'one', '--type=merge', '-p', '{"spec":{"count":2}}'])],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        await admin.must('PATCH', `${path('widgets')}/one/scale`, { body: { spec: { replicas: 2 } }, type: mergePatch })
      },
    },
    action: 'Presentation',
    groups: [1, 1],
  },
  {
    name: 'widget-delete',
    prepare: defined(made('Widget')),
    commands: [kubectl(['delete', 'widget', 'one'])],
    groups: [2],
  },
]
