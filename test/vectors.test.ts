import { describe, expect, test } from '@jest/globals'
import type { Action } from '../src/domain/action.ts'
import { isAsPromised } from './vectors/scenario.ts'
import { scenarios } from './vectors/scenarios.ts'
import { differences } from './vectors/varies.ts'
import type { Difference } from './vectors/varies.ts'
import { actionAt, groupDigests } from './vectors/vector-action.ts'
import { readVectorFile, recordedScenarios, vectorFolder } from './vectors/vector-file.ts'
import type { VectorFile } from './vectors/vector-file.ts'

/** Reviews recorded from a real API server, each command sent twice by unmodified kubectl and helm. */
const recorded = await recordedScenarios(vectorFolder)
const files = await Promise.all(recorded.map((name) => readVectorFile(vectorFolder, name)))
const fileOf = new Map(files.map((file) => [file.meta.scenario, file]))
const withReviews = files.filter(({ reviews }) => reviews.length > 0)

const knownDigests = new Map<VectorFile, ReturnType<typeof groupDigests>>()

/** Of each group of a recording, made once. */
function digestsOf(file: VectorFile): ReturnType<typeof groupDigests> {
  const digests = knownDigests.get(file) ?? groupDigests(file)
  knownDigests.set(file, digests)
  return digests
}

const rows = withReviews.map((file) => [file.meta.scenario, file] as const)

/** Every resource, with the operations on it that are recorded. A kind or operation that goes missing is missed here. */
const coverage: Readonly<Record<string, string>> = {
  'apiservices.apiregistration.k8s.io': 'Create',
  bindings: 'Create',
  'certificatesigningrequests.certificates.k8s.io': 'Create Delete',
  'certificatesigningrequests.certificates.k8s.io/approval': 'Update',
  'certificatesigningrequests.certificates.k8s.io/status': 'Update',
  'clusterrolebindings.rbac.authorization.k8s.io': 'Create Delete Update',
  'clusterroles.rbac.authorization.k8s.io': 'Create Delete Update',
  configmaps: 'Create Delete Update',
  'controllerrevisions.apps': 'Create',
  'cronjobs.batch': 'Create Delete Update',
  'customresourcedefinitions.apiextensions.k8s.io': 'Create Delete Update',
  'daemonsets.apps': 'Create Delete Update',
  'deployments.apps': 'Create Delete Update',
  'deployments.apps/scale': 'Update',
  'deployments.apps/status': 'Update',
  endpoints: 'Update',
  'endpointslices.discovery.k8s.io': 'Create',
  'flowschemas.flowcontrol.apiserver.k8s.io': 'Create',
  'gadgets.shop.example': 'Create Update',
  'horizontalpodautoscalers.autoscaling': 'Create Delete Update',
  'ingresses.networking.k8s.io': 'Create Delete Update',
  'jobs.batch': 'Create Delete Update',
  limitranges: 'Create',
  namespaces: 'Create Delete Update',
  'namespaces/finalize': 'Update',
  'namespaces/status': 'Update',
  'networkpolicies.networking.k8s.io': 'Create Delete Update',
  nodes: 'Create Delete Update',
  'nodes/proxy': 'Connect',
  'nodes/status': 'Update',
  persistentvolumeclaims: 'Create Delete Update',
  persistentvolumes: 'Create Delete Update',
  'poddisruptionbudgets.policy': 'Create Delete Update',
  pods: 'Create Delete Update',
  'pods/attach': 'Connect',
  'pods/binding': 'Create',
  'pods/ephemeralcontainers': 'Update',
  'pods/eviction': 'Create',
  'pods/exec': 'Connect',
  'pods/portforward': 'Connect',
  'pods/proxy': 'Connect',
  'pods/resize': 'Update',
  'pods/status': 'Update',
  podtemplates: 'Create',
  'priorityclasses.scheduling.k8s.io': 'Create Delete Update',
  'replicasets.apps': 'Create Delete Update',
  'replicasets.apps/scale': 'Update',
  replicationcontrollers: 'Create',
  resourcequotas: 'Create',
  'rolebindings.rbac.authorization.k8s.io': 'Create Delete Update',
  'roles.rbac.authorization.k8s.io': 'Create Delete Update',
  secrets: 'Create Delete Update',
  serviceaccounts: 'Create Delete Update',
  'serviceaccounts/token': 'Create',
  services: 'Create Delete Update',
  'services/proxy': 'Connect',
  'services/status': 'Update',
  'statefulsets.apps': 'Create Delete Update',
  'statefulsets.apps/scale': 'Update',
  'storageclasses.storage.k8s.io': 'Create Delete Update',
  'widgets.shop.example': 'Create Delete Update',
  'widgets.shop.example/scale': 'Update',
  'widgets.shop.example/status': 'Update',
}

/** Every verb of kubectl and helm that writes, with a scenario of it. */
const verbs: readonly (readonly [words: string, scenario: string])[] = [
  ['kubectl run', 'pod-run'],
  ['kubectl create -f', 'deployment-create'],
  ['kubectl create deployment', 'deployment-create-generator'],
  ['kubectl create job', 'job-create-generator'],
  ['--from=cronjob', 'job-create-from-cronjob'],
  ['kubectl create cronjob', 'cronjob-create-generator'],
  ['kubectl create configmap', 'configmap-create-generator'],
  ['kubectl create secret generic', 'secret-create-generator'],
  ['kubectl create service clusterip', 'service-create-generator'],
  ['kubectl create service nodeport', 'service-create-generator-nodeport'],
  ['kubectl create service externalname', 'service-create-externalname'],
  ['kubectl create role', 'role-create-generator'],
  ['kubectl create rolebinding', 'rolebinding-create-generator'],
  ['kubectl create serviceaccount', 'serviceaccount-create'],
  ['kubectl create token', 'serviceaccount-token'],
  ['kubectl create namespace', 'namespace-create'],
  ['kubectl create ingress', 'ingress-create-generator'],
  ['kubectl create pdb', 'poddisruptionbudget-create'],
  ['kubectl create quota', 'resourcequota-create'],
  ['kubectl create priorityclass', 'priorityclass-create'],
  ['kubectl create --raw', 'eviction-raw'],
  ['--dry-run=server', 'configmap-create-dry-run'],
  ['--dry-run=server', 'pod-delete-dry-run'],
  ['kubectl apply -f', 'configmap-apply-create'],
  ['kubectl apply -f', 'configmap-apply-update'],
  ['--prune', 'deployment-apply-prune'],
  ['kubectl apply --server-side', 'configmap-apply-server-side-create'],
  ['kubectl apply --server-side', 'configmap-apply-server-side-update'],
  ['kubectl apply --server-side', 'configmap-apply-server-side-same'],
  ['--force-conflicts', 'configmap-apply-server-side-force'],
  ['kubectl replace -f', 'configmap-replace'],
  ['kubectl replace --force', 'service-replace-force'],
  ['--type=json', 'configmap-json-patch'],
  ['--type=merge', 'configmap-merge-patch'],
  ['--type=strategic', 'configmap-strategic-patch'],
  ['--subresource=status', 'pod-status-patch'],
  ['--subresource=resize', 'pod-resize'],
  ['kubectl label', 'deployment-label'],
  ['kubectl annotate', 'deployment-annotate'],
  ['last-applied-configuration', 'configmap-apply-last-applied-only'],
  ['kubectl scale', 'deployment-scale'],
  ['kubectl scale', 'statefulset-scale'],
  ['kubectl autoscale', 'deployment-autoscale'],
  ['kubectl expose', 'deployment-expose'],
  ['kubectl set image', 'deployment-set-image'],
  ['kubectl set env', 'deployment-set-env'],
  ['kubectl set resources', 'deployment-set-resources'],
  ['kubectl set serviceaccount', 'deployment-set-serviceaccount'],
  ['kubectl set subject', 'rolebinding-set-subject'],
  ['kubectl auth reconcile', 'clusterrole-reconcile'],
  ['kubectl rollout restart', 'deployment-rollout-restart'],
  ['kubectl rollout undo', 'deployment-rollout-undo'],
  ['kubectl rollout pause', 'deployment-rollout-pause'],
  ['kubectl delete pod', 'pod-delete-scheduled'],
  ['--force --grace-period=0', 'pod-delete-force'],
  ['--now', 'pod-delete-now'],
  ['--cascade=orphan', 'deployment-delete-orphan'],
  ['--cascade=foreground', 'deployment-delete-foreground'],
  ['kubectl delete pods -l', 'pods-delete-by-label'],
  ['kubectl delete pods --all', 'pods-delete-all'],
  ['kubectl delete --raw', 'pods-deletecollection'],
  ['finalizers', 'pod-remove-finalizer'],
  ['ownerReferences', 'pod-own'],
  ['managedFields', 'client-managed-fields-json-patch'],
  ['kubectl exec web', 'exec'],
  ['kubectl exec -it', 'exec-interactive'],
  ['kubectl cp web:', 'cp-from'],
  ['kubectl cp', 'cp-to'],
  ['kubectl attach', 'attach'],
  ['kubectl port-forward', 'port-forward'],
  ['kubectl get --raw', 'proxy-pod-raw'],
  ['kubectl proxy', 'proxy-service'],
  ['kubectl proxy', 'proxy-node'],
  ['kubectl debug web', 'pod-debug'],
  ['kubectl debug node/n1', 'pod-debug-node'],
  ['kubectl cordon', 'node-cordon'],
  ['kubectl uncordon', 'node-uncordon'],
  ['kubectl taint', 'node-taint'],
  ['kubectl drain', 'node-drain'],
  ['--disable-eviction', 'node-drain-by-delete'],
  ['/eviction', 'eviction-with-options'],
  ['/binding', 'pod-binding'],
  ['/finalize', 'namespace-finalize'],
  ['kubectl certificate approve', 'csr-approve'],
  ['kubectl certificate deny', 'csr-deny'],
  ['helm install', 'helm-install'],
  ['helm upgrade', 'helm-upgrade'],
  ['helm uninstall', 'helm-uninstall'],
]

/** Commands of which no webhook hears: nothing is sent, refused before, or exempt. */
const silent: readonly (readonly [words: string, scenario: string])[] = [
  ['a client-side apply of what is there', 'configmap-apply-same'],
  ['a client-side apply of a Deployment that is there', 'deployment-apply-same'],
  ['a replace of an old version', 'configmap-replace-old-version'],
  ['a delete of a pod that is terminating', 'pod-delete-terminating'],
  ['a delete whose precondition fails', 'pod-delete-preconditions'],
  ['a ValidatingWebhookConfiguration', 'exempt-validatingwebhookconfiguration'],
  ['a MutatingWebhookConfiguration', 'exempt-mutatingwebhookconfiguration'],
  ['a ValidatingAdmissionPolicy with its binding', 'exempt-validatingadmissionpolicy'],
  ['an Event, which the registration leaves out,', 'exempt-event'],
  ['a Lease, which the registration leaves out,', 'exempt-lease'],
  ['a question about oneself', 'exempt-self-subject-review'],
]

/**
 * Scenarios that ask for the very same: what their clients wrote differently is discarded or filled in by the server.
 * In alike-suffixes-chosen the agent chose five characters of the server's alphabet, which nobody can tell from generated ones.
 */
const sameActions: readonly (readonly string[])[] = [
  ['alike-automount', 'client-status-job', 'job-create'],
  ['alike-suffixes-chosen', 'configmap-create-generate-name'],
  ['alike-token-volumes', 'client-metadata-pod', 'client-status-pod', 'pod-create'],
  ['alike-token-volumes', 'pod-create-no-token'],
  [
    'client-managed-fields',
    'client-managed-fields-empty-entry',
    'configmap-create-dry-run',
    'configmap-create-generator',
    'configmap-create-twice-meanwhile',
  ],
  ['client-metadata-deployment', 'client-status-deployment', 'deployment-create'],
  ['client-status-daemonset', 'daemonset-create'],
  ['client-status-horizontalpodautoscaler', 'horizontalpodautoscaler-create'],
  ['client-status-ingress', 'ingress-create'],
  ['client-status-namespace', 'namespace-create'],
  ['client-status-persistentvolume', 'persistentvolume-create'],
  ['client-status-persistentvolumeclaim', 'persistentvolumeclaim-create'],
  ['client-status-replicationcontroller', 'replicationcontroller-create'],
  ['client-status-resourcequota', 'resourcequota-create'],
  ['client-status-service', 'service-create'],
  ['csr-create', 'csr-create-new-token'],
  ['rolebinding-create', 'rolebinding-create-generator'],
  ['secret-create', 'secret-create-generator'],
  ['widget-create', 'widget-create-with-status'],
]

describe('the recordings', () => {
  test('are those of the scenarios, none missing, none left over', () => {
    expect(recorded).toEqual(scenarios.map(({ name }) => name).toSorted())
  })

  test('are as many as there were: one that goes away is missed', () => {
    expect(recorded.length).toBeGreaterThanOrEqual(380)
  })

  test.each(scenarios)('$name shows each action as often as it promises', ({ name, groups }) => {
    const file = fileOf.get(name)
    const same = file?.meta.same ?? []
    expect(
      isAsPromised(
        same.map((lines) => lines.length),
        groups,
      ),
    ).toBe(true)
    expect(same.flat().toSorted((a, b) => a - b)).toEqual(file?.reviews.map((_, index) => index + 1))
  })

  test('come from the Kubernetes version that the design was checked against', () => {
    expect(new Set(files.map(({ meta }) => meta.kubernetes))).toEqual(new Set(['v1.36.3']))
  })

  test('hold no two calls of one uid', () => {
    const uids = files.flatMap(({ reviews }) =>
      reviews.map((review) => /"request":\{"uid":"([^"]+)"/.exec(review)?.[1]),
    )
    expect(uids).not.toContain(undefined)
    expect(new Set(uids).size).toBe(uids.length)
  })
})

describe('the digest', () => {
  test.each(rows)('of %s is one for all presentations of an action', (_, file) => {
    expect(digestsOf(file).map((digests) => digests.length)).toEqual(file.meta.same.map(() => 1))
  })

  test.each(rows)('of %s differs between its actions', (_, file) => {
    const digests = digestsOf(file).map(([digest]) => digest)
    expect(new Set(digests).size).toBe(file.meta.same.length)
  })

  test('is shared by scenarios only where what the client wrote differently is discarded by the server', () => {
    const byDigest = new Map<string, string[]>()
    for (const file of withReviews) {
      for (const digest of new Set(digestsOf(file).flat())) {
        byDigest.set(digest, [...(byDigest.get(digest) ?? []), file.meta.scenario])
      }
    }
    const shared = [...byDigest.values()].filter((names) => names.length > 1)
    expect(shared.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual(sameActions)
  })
})

/** What differs between two presentations of one action when nobody else writes: path, and the form of both values. */
type Row = { readonly what: string; readonly path: RegExp; readonly form: RegExp }

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const second = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const generated = /^[a-z-]+-[bcdfghjklmnpqrstvwxz2456789]{5}$/
const nodePort = /^3[0-2]\d{3}$/
const address = /^10\.96\.\d+\.\d+$/
const controllerUid = String.raw`(batch\.kubernetes\.io/)?controller-uid$`
const credential = /^JTI=/

const varying: readonly Row[] = [
  { what: 'uid of the call', path: /^uid$/, form: uuid },
  { what: 'uid of a new object', path: /^object\.metadata\.uid$/, form: uuid },
  { what: 'creation time', path: /^object\.metadata\.creationTimestamp$/, form: second },
  {
    what: 'time of a manager',
    path: /^object\.metadata\.managedFields\.[^|]*\|[^|]*\|[^|]*\|[a-z]*\.time$/,
    form: second,
  },
  { what: 'generated name', path: /^(name|object\.metadata\.name)$/, form: generated },
  { what: 'label of a namespace', path: /^object\.metadata\.labels\.kubernetes\.io\/metadata\.name$/, form: generated },
  {
    what: 'token volume',
    path: /^object\.spec\.(volumes|(containers|initContainers)\[\d+\]\.volumeMounts)\[\d+\]\.name$/,
    form: /^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
  },
  {
    what: 'selector of a job',
    path: new RegExp(`^object\\.spec\\.selector\\.matchLabels\\.${controllerUid}`),
    form: uuid,
  },
  {
    what: 'template of a job',
    path: new RegExp(`^object\\.spec\\.template\\.metadata\\.labels\\.${controllerUid}`),
    form: uuid,
  },
  { what: 'labels of a job', path: new RegExp(`^object\\.metadata\\.labels\\.${controllerUid}`), form: uuid },
  {
    what: 'name in labels of a job',
    path: /^object\.(spec\.template\.)?metadata\.labels\.(batch\.kubernetes\.io\/)?job-name$/,
    form: generated,
  },
  { what: 'address of a service', path: /^object\.spec\.(clusterIP|clusterIPs\[0\])$/, form: address },
  { what: 'node port', path: /^object\.spec\.(ports\[\d+\]\.nodePort|healthCheckNodePort)$/, form: nodePort },
  { what: 'phase of a volume', path: /^object\.status\.lastPhaseTransitionTime$/, form: second },
  {
    what: 'condition of a certificate request',
    path: /^object\.status\.conditions\[\d+\]\.last(Update|Transition)Time$/,
    form: second,
  },
  {
    what: 'token of the agent',
    path: /^userInfo\.extra\.authentication\.kubernetes\.io\/credential-id\[0\]$/,
    form: credential,
  },
  {
    what: 'token in a certificate request',
    path: /^object\.spec\.extra\.authentication\.kubernetes\.io\/credential-id\[0\]$/,
    form: credential,
  },
  { what: 'version, marked for deletion', path: /^oldObject\.metadata\.(resourceVersion|generation)$/, form: /^\d+$/ },
  {
    what: 'deletion mark',
    path: /^oldObject\.metadata\.(deletionTimestamp|deletionGracePeriodSeconds)$/,
    form: /^(undefined|\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/,
  },
  {
    what: 'finalizer of the garbage collector',
    path: /^oldObject\.metadata\.finalizers$/,
    form: /^(undefined|foregroundDeletion|orphan)$/,
  },
  {
    what: 'restart',
    path: /^object\.spec\.template\.metadata\.annotations\.kubectl\.kubernetes\.io\/restartedAt$/,
    form: second,
  },
]

describe('between two sendings of one command nothing varies', () => {
  const seen = undisturbed().flatMap(differencesOf)

  test('beyond a closed list', () => {
    const strange = seen.filter(({ difference }) => rowOf(difference) === undefined)
    expect(strange).toEqual([])
  })

  test.each(varying)('and $what is really seen to', (row) => {
    expect(seen.some(({ difference }) => rowOf(difference) === row)).toBe(true)
  })
})

/** The scenarios in which nobody else writes meanwhile. */
function undisturbed(): readonly VectorFile[] {
  const names = new Set(scenarios.filter(({ meanwhile }) => meanwhile === undefined).map(({ name }) => name))
  return files.filter(({ meta }) => names.has(meta.scenario))
}

function differencesOf({
  meta,
  reviews,
}: VectorFile): readonly { readonly of: string; readonly difference: Difference }[] {
  const requests = reviews.map((review): unknown => JSON.parse(review)?.request)
  return meta.same.flatMap(([first = 1, ...others]) =>
    others.flatMap((other) =>
      differences(requests[first - 1], requests[other - 1]).map((difference) => ({ of: meta.scenario, difference })),
    ),
  )
}

function rowOf({ path, first, second: other }: Difference): Row | undefined {
  return varying.find((row) => row.path.test(path) && row.form.test(String(first)) && row.form.test(String(other)))
}

describe('the recordings cover', () => {
  test('these kinds and operations', () => {
    const seen = new Map<string, Set<string>>()
    for (const file of withReviews) {
      for (const [line = 1] of file.meta.same) {
        const { operation, resource } = actionAt(file, line)
        const place = placeOf(resource)
        seen.set(place, (seen.get(place) ?? new Set()).add(operation))
      }
    }
    const covered = [...seen].map(([place, operations]) => [place, [...operations].toSorted().join(' ')] as const)
    expect(Object.fromEntries(covered)).toEqual(coverage)
  })

  test.each(verbs)('%s, in scenario %s', (words, scenario) => {
    expect(fileOf.get(scenario)?.meta.command).toContain(words)
    expect(fileOf.get(scenario)?.reviews.length).toBeGreaterThan(1)
  })

  test.each(silent)('that %s brings no review', (_, scenario) => {
    expect(fileOf.get(scenario)?.reviews).toEqual([])
  })

  test('no other silent command', () => {
    const none = files.filter(({ reviews }) => reviews.length === 0).map(({ meta }) => meta.scenario)
    expect(none.toSorted()).toEqual(silent.map(([, scenario]) => scenario).toSorted())
  })
})

/** `deployments.apps/scale`. */
function placeOf({ group, resource, subresource }: Action['resource']): string {
  return `${group === '' ? resource : `${resource}.${group}`}${subresource === '' ? '' : `/${subresource}`}`
}
