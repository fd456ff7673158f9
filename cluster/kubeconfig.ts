export type KubeconfigOptions = {
  readonly server: string
  /** PEM of the certificate authority. */
  readonly ca: string
  readonly user: { readonly name: string; readonly token: string }
  readonly namespace?: string | undefined
}

/** A kubeconfig for one user, as JSON, which is YAML too and needs no escaping of its own. */
export function kubeconfig({ server, ca, user, namespace = 'default' }: KubeconfigOptions): string {
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'local', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name: user.name, user: { token: user.token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: user.name, namespace } }],
    'current-context': 'local',
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}
