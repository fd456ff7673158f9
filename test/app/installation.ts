import { makeKeyKeeper } from '../../src/app/keep-keys.ts'
import type { KeepKeysResult, KeyKeeper } from '../../src/app/keep-keys.ts'
import { ringNames, ringSecrets, trustSecret } from '../../src/app/key-ring.ts'
import type { Ring, RingName } from '../../src/app/key-ring.ts'
import type { KeyFacts, KeyReport, KeySettings } from '../../src/app/key-view.ts'
import { makeKeyCraft } from '../../src/tokens/key-craft.ts'
import { readRing } from '../../src/tokens/ring-secret.ts'
import { signRecord } from '../../src/tokens/sign.ts'
import { signingKey } from '../../src/tokens/signing-key.ts'
import type { SigningKey } from '../../src/tokens/signing-key.ts'
import { makeTrustFollower } from '../../src/tokens/trust-follower.ts'
import type { TrustFollower } from '../../src/tokens/trust-follower.ts'
import { verifyRecord } from '../../src/tokens/verify.ts'
import { makeFakeSecrets } from './fake-secrets.ts'
import type { FakeSecrets } from './fake-secrets.ts'

export const settings: KeySettings = { rotateMs: 10_000, publishMs: 60, dropMs: 1_000, compromised: new Set() }
const secretNames = [trustSecret, ...ringNames.map((name) => ringSecrets[name])]

/** The Secrets of an installation, its clock, what is known of its replicas, and keepers. */
export class Installation {
  readonly secrets: FakeSecrets = makeFakeSecrets(secretNames)
  now = 1_000_000
  facts: KeyFacts = { reports: [], inUse: new Set() }

  keeper(changes: Partial<KeySettings> = {}, pins: readonly string[] = []): KeyKeeper {
    const craft = makeKeyCraft(new Set(pins))
    const ports = { secrets: this.secrets, craft, now: () => this.now, facts: () => this.facts }
    return makeKeyKeeper(ports, { ...settings, ...changes })
  }

  ring(name: RingName): Ring {
    const ring = readRing(name, this.secrets.data(ringSecrets[name]))
    if ('fault' in ring) throw new Error(`${name}: ${ring.fault}`)
    return ring
  }

  signer(name: RingName = 'evidence'): SigningKey {
    const key = signingKey(this.ring(name))
    if (key === undefined) throw new Error(`no key in ${name}`)
    return key
  }

  trustData(): Readonly<Record<string, string>> {
    return this.secrets.data(trustSecret)
  }

  /** A process that has just read the published set. */
  async process(): Promise<TrustFollower> {
    const follower = makeTrustFollower(new Set())
    const alarms = await follower.read(this.trustData())
    if (alarms.length > 0) throw new Error(JSON.stringify(alarms))
    return follower
  }

  /** Passes time and keeps, until nothing is left to do by then. */
  async pass(keeper: KeyKeeper, ms: number): Promise<KeepKeysResult> {
    this.now += ms
    const result = await keeper.keep()
    if (!result.settled || result.alarms.length > 0) throw new Error(JSON.stringify(result))
    return result
  }
}

/** Does a process take what this key signs? */
export async function accepts(follower: TrustFollower, signer: SigningKey): Promise<boolean> {
  const read = await verifyRecord(follower.keys() ?? new Map(), await signRecord(signer, '{}'))
  return 'payload' in read
}

/** Operators, webhooks and gateways that read whenever they read, and report what they know when they do. */
export class Replica {
  readonly component: KeyReport['component']
  readonly follower: TrustFollower = makeTrustFollower(new Set())
  digestIDs: readonly string[] = []
  signer: SigningKey | undefined

  constructor(component: KeyReport['component']) {
    this.component = component
  }

  async read(place: Installation): Promise<readonly unknown[]> {
    this.signer = place.signer()
    this.digestIDs = place.ring('digest').keys.map(({ id }) => id)
    return this.follower.read(place.trustData())
  }

  report(): KeyReport {
    return { component: this.component, keyIDs: new Set([...this.follower.keyIDs(), ...this.digestIDs]) }
  }
}
