import { secureURL } from '../clouds.ts'
import type { Cloud } from '../clouds.ts'

/**
 * The service URL without a slash at its end, when the bot's token may be sent there; undefined when not. A token that
 * goes to another host could be used by whoever runs it, so the host must be on the cloud's list, whatever was signed.
 */
export function allowedServiceURL(cloud: Pick<Cloud, 'serviceHosts'>, text: string): string | undefined {
  const url = secureURL(text)
  if (url === undefined || !cloud.serviceHosts.includes(url.host)) return undefined
  return withoutSlash(url.href)
}

/** Are two service URLs the same? One slash at the end makes no difference; everything else does. */
export function sameServiceURL(a: string, b: string): boolean {
  return withoutSlash(a) === withoutSlash(b)
}

function withoutSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url
}
