import { mergePatch } from '../admin.ts'
import { service, workload } from '../objects.ts'
import { core } from '../paths.ts'
import { kubectl } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const create = ['create', '-f', '-']
const http = { name: 'http', port: 80 }
const patch = (text: string) => kubectl(['patch', 'service', 'web', '-p', text])

/** Services of every type: the server hands out addresses, node ports and health check ports before it asks us. */
export const serviceCreation: readonly Scenario[] = [
  { name: 'service-create', commands: [kubectl(create, service())], groups: [2] },
  {
    name: 'service-create-nodeport',
    commands: [kubectl(create, service({}, { type: 'NodePort' }))],
    groups: [2],
  },
  {
    name: 'service-create-nodeport-chosen',
    commands: [kubectl(create, service({}, { type: 'NodePort', ports: [{ ...http, nodePort: 30080 }] }))],
    groups: [2],
  },
  {
    name: 'service-create-nodeport-one-of-two-chosen',
    commands: [
      kubectl(
        create,
        service(
          {},
          {
            type: 'NodePort',
            ports: [
              { ...http, nodePort: 30081 },
              { name: 'https', port: 443 },
            ],
          },
        ),
      ),
    ],
    groups: [2],
  },
  {
    name: 'service-create-loadbalancer',
    commands: [kubectl(create, service({}, { type: 'LoadBalancer' }))],
    groups: [2],
  },
  {
    name: 'service-create-loadbalancer-local',
    commands: [kubectl(create, service({}, { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }))],
    groups: [2],
  },
  {
    name: 'service-create-loadbalancer-local-health-port-chosen',
    commands: [
      kubectl(
        create,
        service({}, { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30082 }),
      ),
    ],
    groups: [2],
  },
  {
    name: 'service-create-externalname',
    commands: [kubectl(['create', 'service', 'externalname', 'web', '--external-name=web.example'])],
    groups: [2],
  },
  { name: 'service-create-headless', commands: [kubectl(create, service({}, { clusterIP: 'None' }))], groups: [2] },
  {
    name: 'service-create-clusterip-chosen',
    commands: [kubectl(create, service({}, { clusterIP: '10.96.77.77' }))],
    groups: [2],
  },
  {
    name: 'service-create-clusterips-chosen',
    commands: [kubectl(create, service({}, { clusterIP: '10.96.77.78', clusterIPs: ['10.96.77.78'] }))],
    groups: [2],
  },
  {
    name: 'service-create-tcp-and-udp',
    commands: [
      kubectl(
        create,
        service(
          {},
          {
            type: 'NodePort',
            ports: [
              { name: 'dns', port: 53, protocol: 'UDP' },
              { name: 'dns-tcp', port: 53, protocol: 'TCP' },
            ],
          },
        ),
      ),
    ],
    groups: [2],
  },
  ...[[30053, 30053] as const, [30054, undefined] as const].map(([udp, tcp]): Scenario => ({
    name: `service-create-tcp-and-udp-${tcp === undefined ? 'one' : 'both'}-chosen`,
    commands: [
      kubectl(
        create,
        service(
          {},
          {
            type: 'NodePort',
            ports: [
              { name: 'dns', port: 53, protocol: 'UDP', nodePort: udp },
              { name: 'dns-tcp', port: 53, protocol: 'TCP', nodePort: tcp },
            ],
          },
        ),
      ),
    ],
    groups: [2],
  })),
  {
    name: 'service-create-generate-name',
    commands: [kubectl(create, service({ name: undefined, generateName: 'web-' }))],
    groups: [2],
  },
  {
    name: 'service-create-generator',
    commands: [kubectl(['create', 'service', 'clusterip', 'web', '--tcp=80:8080'])],
    groups: [2],
  },
  {
    name: 'service-create-generator-nodeport',
    commands: [kubectl(['create', 'service', 'nodeport', 'web', '--tcp=80:8080'])],
    groups: [2],
  },
  { name: 'service-apply', commands: [kubectl(['apply', '-f', '-'], service())], groups: [2] },
  {
    name: 'service-apply-server-side',
    commands: [kubectl(['apply', '--server-side', '-f', '-'], service({}, { type: 'NodePort' }))],
    groups: [2],
  },
  {
    name: 'service-apply-server-side-clusterip-chosen',
    commands: [kubectl(['apply', '--server-side', '-f', '-'], service({}, { clusterIP: '10.96.77.79' }))],
    groups: [2],
  },
]

/** Changing a Service's type makes the server hand out or take back what goes with it. */
export const serviceChange: readonly Scenario[] = [
  {
    name: 'service-to-nodeport',
    given: [service()],
    commands: [patch('{"spec":{"type":"NodePort"}}')],
    groups: [2],
  },
  {
    name: 'service-to-loadbalancer-local',
    given: [service()],
    commands: [patch('{"spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local"}}')],
    groups: [2],
  },
  {
    name: 'service-to-clusterip',
    given: [service({}, { type: 'NodePort' })],
    commands: [patch('{"spec":{"type":"ClusterIP"}}')],
    groups: [2],
  },
  {
    name: 'service-to-externalname',
    given: [service()],
    commands: [patch('{"spec":{"type":"ExternalName","externalName":"web.example"}}')],
    groups: [2],
  },
  {
    name: 'service-from-externalname',
    given: [service({}, { type: 'ExternalName', externalName: 'web.example' })],
    commands: [patch('{"spec":{"type":"ClusterIP","externalName":null}}')],
    groups: [2],
  },
  {
    name: 'service-add-nodeport',
    given: [service({}, { type: 'NodePort' })],
    commands: [patch('{"spec":{"ports":[{"name":"https","port":443}]}}')],
    groups: [2],
  },
  {
    name: 'service-choose-nodeport',
    given: [service({}, { type: 'NodePort' })],
    commands: [patch('{"spec":{"ports":[{"port":80,"nodePort":30083}]}}')],
    groups: [2],
  },
  {
    name: 'service-change-selector',
    given: [service({}, { type: 'NodePort' })],
    commands: [patch('{"spec":{"selector":{"app":"other"}}}')],
    groups: [2],
  },
  {
    name: 'service-replace',
    given: [service({}, { type: 'NodePort' })],
    commands: [kubectl(['replace', '-f', '-'], service({}, { type: 'NodePort', ports: [{ name: 'http', port: 81 }] }))],
    groups: [2],
  },
  {
    name: 'service-replace-force',
    given: [service()],
    commands: [kubectl(['replace', '--force', '-f', '-'], service())],
    groups: [2, 2],
  },
  {
    name: 'service-to-nodeport-by-apply',
    before: [kubectl(['apply', '-f', '-'], service())],
    commands: [kubectl(['apply', '-f', '-'], service({}, { type: 'NodePort' }))],
    groups: [2],
  },
  {
    name: 'service-status-patch',
    given: [service({}, { type: 'LoadBalancer' })],
    commands: [
      kubectl([
        'patch',
        'service',
        'web',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'service-delete',
    given: [service({}, { type: 'NodePort' })],
    commands: [kubectl(['delete', 'service', 'web', '--wait=false'])],
    groups: [2],
  },
  {
    name: 'service-delete-changed-status-meanwhile',
    given: [service({}, { type: 'LoadBalancer' })],
    commands: [kubectl(['delete', 'service', 'web', '--wait=false'])],
    meanwhile: {
      moment: 'BetweenSendings',
      write: async (admin) => {
        const body = { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }
        await admin.must('PATCH', `${core('services', 'web')}/status`, { body, type: mergePatch })
      },
    },
    groups: [2],
  },
  {
    name: 'endpoints-patch',
    given: [
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 'hand' },
        subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }],
      },
    ],
    commands: [
      kubectl([
        'patch',
        'endpoints',
        'hand',
        '-p',
        '{"subsets":[{"addresses":[{"ip":"192.0.2.2"}],"ports":[{"port":80}]}]}',
      ]),
    ],
    groups: [2],
  },
  {
    name: 'statefulset-create-beside-service',
    given: [service({}, { clusterIP: 'None' })],
    commands: [kubectl(create, workload('StatefulSet', {}, { serviceName: 'web', replicas: 0 }))],
    groups: [2],
  },
]
