import type { TrustSetFault } from '../app/key-craft.ts'
import type { SecretData } from '../app/secret-store.ts'
import { followTrust, pinTrust } from '../domain/trust.ts'
import type { PinFault, Trust, TrustReading } from '../domain/trust.ts'
import { readTrustSet, trustSetText } from './trust-set.ts'

/** The one entry of the Secret countersign-trust. */
const setEntry = 'jwks.json'

/** The Secret with a published set. */
export function trustData(trust: Trust): SecretData {
  return { [setEntry]: Buffer.from(trustSetText(trust)).toString('base64') }
}

/**
 * What a process that trusts `own` (undefined: nothing yet) trusts after reading the Secret. A fault leaves it with its
 * own, and is an alarm, except that before the first start there is nothing to read.
 */
export async function readPublished(
  own: Trust | undefined,
  data: SecretData,
  pins: ReadonlySet<string>,
): Promise<TrustReading | PinFault | TrustSetFault> {
  const offered = await readTrustSet(Buffer.from(data[setEntry] ?? '', 'base64').toString('utf8'))
  if ('fault' in offered) return offered
  return own === undefined ? pinTrust(offered, pins) : followTrust(own, offered)
}
