type Fields = Readonly<Record<string, unknown>>

const manager = { manager: 'kubectl-client-side-apply', operation: 'Update', apiVersion: 'apps/v1' }

/**
 * A Deployment as the API server sends it to a webhook, with status and managedFields: of as many containers as it takes
 * to be about `bytes` long as JSON, at least 3 KB.
 */
export function deployment(bytes: number): Fields {
  const one = sizeOf(deploymentOf(1))
  const each = sizeOf(deploymentOf(2)) - one
  return deploymentOf(1 + Math.max(0, Math.ceil((bytes - one) / each)))
}

/** The same after another image was set, some seconds later. */
export function withNewImage(before: Fields): Fields {
  const text = JSON.stringify(before)
    .replace('"generation":7', '"generation":8')
    .replace('app-0:1.40.2', 'app-0:1.41.0')
    .replace('"time":"2026-03-02T10:11:12Z"', '"time":"2026-03-09T08:00:01Z"')
  const after: Fields = JSON.parse(text)
  return after
}

function sizeOf(object: Fields): number {
  return JSON.stringify(object).length
}

function deploymentOf(containers: number): Fields {
  const labels = { app: 'shop', 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/managed-by': 'kubectl' }
  const indexes = Array.from({ length: containers }, (_, index) => index)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'shop',
      namespace: 'prod',
      uid: '2f1c3b52-7a53-4c8e-9a55-0d5d3b1f6a10',
      resourceVersion: '184467440',
      generation: 7,
      creationTimestamp: '2026-01-05T09:30:00Z',
      labels,
      annotations: { 'deployment.kubernetes.io/revision': '7', 'countersign.dev/ticket': 'SHOP-1234' },
      managedFields: [{ ...manager, time: '2026-03-02T10:11:12Z', fieldsType: 'FieldsV1', fieldsV1: owned(indexes) }],
    },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'shop' } },
      template: { metadata: { creationTimestamp: null, labels }, spec: podSpec(indexes) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: { observedGeneration: 7, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 },
  }
}

function podSpec(indexes: readonly number[]): Fields {
  return {
    volumes: [
      { name: 'config', configMap: { name: 'shop-config', defaultMode: 420 } },
      { name: 'scratch', emptyDir: { sizeLimit: '64Mi' } },
    ],
    containers: indexes.map(container),
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'shop',
    serviceAccount: 'shop',
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    schedulerName: 'default-scheduler',
  }
}

function container(index: number): Fields {
  const probe = { httpGet: { path: '/healthz', port: 8080 + index, scheme: 'HTTP' }, timeoutSeconds: 1 }
  return {
    name: `app-${index}`,
    image: `registry.example.com/shop/app-${index}:1.40.2`,
    args: ['--listen=:8080', '--log-format=json', `--shard=${index}`],
    ports: [{ name: `http-${index}`, containerPort: 8080 + index, protocol: 'TCP' }],
    env: [
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'DATABASE_HOST', value: 'postgres.prod.svc.cluster.local' },
      { name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'shop-db', key: 'password' } } },
      { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    ],
    resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    volumeMounts: [{ name: 'config', readOnly: true, mountPath: '/etc/shop' }],
    livenessProbe: { ...probe, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }
}

/** What managedFields say of these containers: about as many fields again. */
function owned(indexes: readonly number[]): Fields {
  const field = { '.': {}, 'f:name': {}, 'f:image': {}, 'f:args': {}, 'f:imagePullPolicy': {} }
  const env = { 'k:{"name":"LOG_LEVEL"}': { '.': {}, 'f:name': {}, 'f:value': {} } }
  const containers = indexes.map((index) => [`k:{"name":"app-${index}"}`, { ...field, 'f:env': env }])
  const template = { 'f:spec': { 'f:containers': Object.fromEntries(containers), 'f:serviceAccountName': {} } }
  return { 'f:spec': { 'f:replicas': {}, 'f:selector': {}, 'f:template': template } }
}
