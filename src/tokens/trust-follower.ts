import type { TrustSetFault } from '../app/key-craft.ts'
import type { SecretData } from '../app/secret-store.ts'
import type { PinFault, Trust, TrustAlarm } from '../domain/trust.ts'
import { readPublished } from './published-trust.ts'
import { verifyingKeys } from './verify.ts'
import type { VerifyingKeys } from './verify.ts'

/** What a person has to look at: somebody wrote into the published set who may not, or it cannot be begun with. */
type FollowAlarm = TrustAlarm | { readonly alarm: 'TrustUnusable'; readonly fault: (PinFault | TrustSetFault)['fault'] }

/** What a process trusts, from the first published set that it reads on. */
export type TrustFollower = {
  /** Takes over what the Secret says, as far as it is chained. Returns alarms that the reading before had not. */
  readonly read: (data: SecretData) => Promise<readonly FollowAlarm[]>
  /** The keys whose signatures count; undefined before the first good reading: then the process is not ready. */
  readonly keys: () => VerifyingKeys | undefined
  /** What this replica reports that it knows. */
  readonly keyIDs: () => readonly string[]
}

/** `pins`: kids of evidence keys with which alone the first reading may begin; without any, it begins with the first key. */
export function makeTrustFollower(pins: ReadonlySet<string>): TrustFollower {
  let own: Trust | undefined
  let keys: VerifyingKeys | undefined
  let told = new Set<string>()
  let reading: Promise<unknown> = Promise.resolve()

  async function readNow(data: SecretData): Promise<readonly FollowAlarm[]> {
    const found = await readPublished(own, data, pins)
    if ('trust' in found) {
      own = found.trust
      keys = verifyingKeys(own)
    }
    const alarms = 'trust' in found ? found.alarms : faultAlarm(found, own)
    const fresh = alarms.filter((alarm) => !told.has(JSON.stringify(alarm)))
    told = new Set(alarms.map((alarm) => JSON.stringify(alarm)))
    return fresh
  }

  /** One after the other, in the order of the calls: an older set must not come out on top of a newer one. */
  function read(data: SecretData): Promise<readonly FollowAlarm[]> {
    const mine = reading.then(() => readNow(data))
    reading = mine.catch(() => undefined)
    return mine
  }

  return { read, keys: () => keys, keyIDs: () => [...(keys?.keys() ?? [])] }
}

/** That nothing is published yet is no alarm for a process that has not begun. */
function faultAlarm({ fault }: PinFault | TrustSetFault, own: Trust | undefined): readonly FollowAlarm[] {
  return fault === 'Empty' && own === undefined ? [] : [{ alarm: 'TrustUnusable', fault }]
}
