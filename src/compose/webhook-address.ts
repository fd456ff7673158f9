import type { WebhookConfiguration } from '../app/gate-objects.ts'
import type { Config } from '../config.ts'
import type { ClientConfig } from '../domain/gate.ts'
import { admissionPath } from '../webhook/server.ts'

type Address = Pick<Config, 'webhook'>

/** Where the API server calls the webhook, and whom it trusts there. */
export function clientConfigFor({ webhook }: Address, caBundle: string): ClientConfig {
  if (webhook.url !== undefined) return { caBundle, url: new URL(webhook.url).origin + admissionPath }
  const { namespace, name, port } = webhook.service
  return { caBundle, service: { namespace, name, path: admissionPath, port } }
}

/** Names that the webhook's certificate is to have. The API server calls a service by `<name>.<namespace>.svc`. */
export function certificateNames({
  webhook,
  certificates,
}: Pick<Config, 'webhook' | 'certificates'>): readonly string[] {
  return [...new Set([...namesOf({ webhook }), ...certificates.extraNames])]
}

function namesOf({ webhook }: Address): readonly string[] {
  if (webhook.url !== undefined) return [new URL(webhook.url).hostname.replace(/^\[(.*)\]$/, '$1')]
  const { namespace, name } = webhook.service
  return [`${name}.${namespace}.svc`, `${name}.${namespace}`, name]
}

/** `clientConfig.caBundle` of the configuration; undefined while nobody is told to call. */
export function bundleIn(live: WebhookConfiguration | undefined): string | undefined {
  const bundle: unknown = Object(Object(live?.webhooks?.[0]).clientConfig).caBundle
  return typeof bundle === 'string' && bundle !== '' ? bundle : undefined
}
