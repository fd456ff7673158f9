/** A Deployment of namespace prod, with one container named main; `container` adds to it or takes its place. */
export function deployment(name: string, { replicas = 0, container = {} }: Shape = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'prod' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'registry.example/main:0', ...container }] },
      },
    },
  }
}

type Shape = { readonly replicas?: number; readonly container?: object }
