type Fields = Readonly<Record<string, unknown>>

/** A ConfigMap of files, settings, scripts and dashboards in turn, of some 8 KB each, about `bytes` long as JSON. */
export function configMap(bytes: number): Fields {
  const data: Record<string, string> = {}
  for (let index = 0, length = 0; length < bytes; index += 1) {
    const text = file(index)
    data[`file-${index}${['.yaml', '.sh', '.json'][index % 3] ?? ''}`] = text
    length += JSON.stringify(text).length
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'shop-config',
      namespace: 'prod',
      uid: '6d3f3c59-0f5d-4f3a-8f44-3f8e5b0f7c21',
      resourceVersion: '184467441',
      creationTimestamp: '2026-01-05T09:30:00Z',
      labels: { app: 'shop' },
    },
    data,
  }
}

/** The same with another value on one line of its first file. */
export function withNewLine(before: Fields): Fields {
  const after: Fields = JSON.parse(JSON.stringify(before).replace('timeout-100: 30s', 'timeout-100: 45s'))
  return after
}

function file(index: number): string {
  if (index % 3 === 0) return lines(220, (line) => `  timeout-${line}: 30s # of upstream ${index}-${line}`)
  if (index % 3 === 1) return lines(160, (line) => `test -f "/etc/shop/${line}" || echo "no file ${line}" >&2`)
  const panels = Array.from({ length: 60 }, (_, panel) => ({
    id: panel,
    title: `Requests of shop ${panel}`,
    targets: [{ expr: `sum(rate(http_requests_total{shard="${panel}"}[5m]))`, legendFormat: '{{code}}' }],
  }))
  return JSON.stringify({ title: `Shop ${index}`, panels })
}

function lines(count: number, make: (line: number) => string): string {
  return Array.from({ length: count }, (_, line) => `${make(line)}\n`).join('')
}
