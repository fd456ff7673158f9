import { mergePatch } from '../admin.ts'
import type { Admin } from '../admin.ts'
import { node, pod, service } from '../objects.ts'
import { core, shop } from '../paths.ts'
import { failingKubectl, kubectl } from '../scenario.ts'
import type { Command, ProxiedRequest, Scenario } from '../scenario.ts'

const given = [node(), pod({}, { nodeName: 'n1' })]

// kubectl forwards ports of and attaches to running pods only.
async function running(admin: Admin): Promise<void> {
  await admin.must('PATCH', `${core('pods', 'web')}/status`, {
    body: { status: { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] } },
    type: mergePatch,
  })
}

const twice = (args: readonly string[]): readonly Command[] => [failingKubectl(args), failingKubectl(args)]
const through = (...requests: readonly ProxiedRequest[]): readonly Command[] =>
  [1, 2].map(() => ({ tool: 'kubectl proxy', requests }))

/**
 * Connects are never sent again by the client: each command is typed twice, the first time everything is refused. What
 * is allowed then fails at the dial, since there is no kubelet.
 */
const connect = (name: string, commands: readonly Command[], groups: readonly number[]): Scenario => ({
  name,
  given,
  prepare: running,
  refuse: 'FirstRun',
  commands,
  groups,
})

export const connectScenarios: readonly Scenario[] = [
  connect('exec', twice(['exec', 'web', '--', 'rm', '-rf', '/data/a b', 'ünï']), [4]),
  connect('exec-container', twice(['exec', 'web', '-c', 'web', '--', 'ls']), [4]),
  connect('exec-interactive', twice(['exec', '-it', 'web', '--', 'sh']), [4]),
  connect('exec-stdin', twice(['exec', '-i', 'web', '--', 'sh']), [4]),
  connect(
    'exec-new-token',
    [failingKubectl(['exec', 'web', '--', 'id']), { tool: 'new token' }, failingKubectl(['exec', 'web', '--', 'id'])],
    [4],
  ),
  connect('cp-from', twice(['cp', 'web:/etc/hosts', '/tmp/countersign-never-written']), [4]),
  connect('cp-to', twice(['cp', 'objects.ts', 'web:/tmp/objects.ts']), [4, 4]),
  connect('attach', twice(['attach', 'web']), [4]),
  connect('attach-interactive', twice(['attach', '-it', 'web']), [4]),
  connect('port-forward', twice(['port-forward', 'pod/web', ':80']), [4]),
  {
    // A GET is sent again like any other call of kubectl.
    name: 'proxy-pod-raw',
    given,
    prepare: running,
    commands: [failingKubectl(['get', '--raw', `${core('pods', 'web')}:8080/proxy/admin/drop?table=users`])],
    groups: [2],
  },
  connect(
    'proxy-pod',
    through({ method: 'POST', path: `${core('pods', 'web')}/proxy/admin/drop`, body: { table: 'users' } }),
    [2],
  ),
  {
    ...connect(
      'proxy-service',
      through({ method: 'DELETE', path: `${core('services', 'https:web:http')}/proxy/items/1` }),
      [2],
    ),
    given: [...given, service()],
  },
  connect('proxy-node', through({ method: 'GET', path: '/api/v1/nodes/n1/proxy/runningpods/' }), [2]),
]

const evict = (name: string, deleteOptions?: object): Scenario => ({
  name,
  given,
  refuse: 'FirstRun',
  commands: through({
    method: 'POST',
    path: `${core('pods', 'web')}/eviction`,
    body: {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'web', namespace: shop },
      ...(deleteOptions === undefined ? {} : { deleteOptions }),
    },
  }),
  groups: [2],
})

/** Creates on a subresource of something that is there. */
export const subresourceCreates: readonly Scenario[] = [
  evict('eviction'),
  evict('eviction-with-options', { gracePeriodSeconds: 0, propagationPolicy: 'Background' }),
  evict('eviction-dry-run', { dryRun: ['All'] }),
  {
    name: 'eviction-raw',
    given,
    refuse: 'FirstRun',
    commands: [1, 2].map((time): Command => {
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web' } }
      const args = ['create', '--raw', `${core('pods', 'web')}/eviction`, '-f', '-']
      return time === 1 ? failingKubectl(args, eviction) : kubectl(args, eviction)
    }),
    groups: [2],
  },
  {
    name: 'pod-binding',
    given: [node(), pod()],
    refuse: 'FirstRun',
    commands: through({
      method: 'POST',
      path: `${core('pods', 'web')}/binding`,
      body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'web' }, target: { kind: 'Node', name: 'n1' } },
    }),
    groups: [2],
  },
  {
    name: 'binding',
    given: [node(), pod()],
    refuse: 'FirstRun',
    commands: through({
      method: 'POST',
      path: `/api/v1/namespaces/${shop}/bindings`,
      body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'web' }, target: { kind: 'Node', name: 'n1' } },
    }),
    groups: [2],
  },
]
