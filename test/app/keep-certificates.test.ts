import { afterEach, describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { createServer, request } from 'node:https'
import type { Server } from 'node:https'
import { once } from 'node:events'
import { inspect } from 'node:util'
import { makeCertificateKeeper } from '../../src/app/keep-certificates.ts'
import type { CertificateKeeper, KeepCertificatesResult, ServingFacts } from '../../src/app/keep-certificates.ts'
import { tlsSecret } from '../../src/app/certificates.ts'
import type { ServingPair } from '../../src/app/certificates.ts'
import type { CertificateSettings } from '../../src/app/certificate-plan.ts'
import { certificateCraft } from '../../src/certificates/certificate-craft.ts'
import { servingIn } from '../../src/certificates/tls-secret.ts'
import { seededRandom } from '../random.ts'
import { scaled } from '../scale.ts'
import { Lost, makeFakeSecrets } from './fake-secrets.ts'
import type { FakeSecrets } from './fake-secrets.ts'

const second = 1000
const day = 86_400 * second

/** Certificates begin to be valid long before they are issued, so that they are valid now as well as in the test's future. */
const settings: CertificateSettings = {
  lifeMs: 90 * day,
  backdateMs: 2_000 * day,
  renewAt: 2 / 3,
  renewSpread: 0.05,
  overlapMs: 60 * second,
  dropMs: day,
}

const address = '127.0.0.1'

/** The Secret, the configuration that says whom to trust, and a clock. */
class Site {
  readonly secrets: FakeSecrets = makeFakeSecrets([tlsSecret])
  now = Date.now()
  facts: ServingFacts = { names: [address], served: [], caBundle: undefined }

  keeper(): CertificateKeeper {
    const ports = { secrets: this.secrets, craft: certificateCraft, now: () => this.now, facts: () => this.facts }
    return makeCertificateKeeper(ports, settings)
  }

  text(entry: string): string {
    return Buffer.from(this.secrets.data(tlsSecret)[entry] ?? '', 'base64').toString()
  }

  fingerprint(): string {
    const read = certificateCraft.read(this.secrets.data(tlsSecret), [address])
    return ('leaf' in read && read.leaf?.fingerprint) || 'none'
  }

  /** Callers are told to trust what the keeper says. */
  publish({ caBundle }: KeepCertificatesResult): void {
    this.facts = { ...this.facts, caBundle }
  }

  serve(...served: readonly string[]): void {
    this.facts = { ...this.facts, served }
  }
}

const did = ({ steps }: KeepCertificatesResult): readonly string[] =>
  steps.map((step) => ('as' in step ? `${step.do} ${step.as}` : step.do))

describe('the first start', () => {
  test('issues a certificate, and says what callers are to trust', async () => {
    const site = new Site()
    const result = await site.keeper().keep()
    expect(did(result)).toEqual(['Issue Leaf'])
    expect(result).toMatchObject({ alarms: [], settled: true, caBundle: site.secrets.data(tlsSecret)['ca.crt'] })
    expect(result.wakeTime).toBeGreaterThanOrEqual(site.now + 60 * day - second)
    expect(result.wakeTime).toBeLessThanOrEqual(site.now + 65 * day)
  })

  test('is done once', async () => {
    const site = new Site()
    const first = await site.keeper().keep()
    site.publish(first)
    const again = await site.keeper().keep()
    expect(did(again)).toEqual([])
    expect(again.caBundle).toBe(first.caBundle)
    expect(site.secrets.writes).toHaveLength(1)
  })

  test.each(['LostBefore', 'LostAfter'] as const)('can be cut off (%s): the next one ends it', async (fault) => {
    const site = new Site()
    site.secrets.faults.push(fault)
    await expect(site.keeper().keep()).rejects.toThrow(Lost)
    expect(await site.keeper().keep()).toMatchObject({ alarms: [], settled: true })
    expect(site.secrets.writes).toHaveLength(1)
  })

  test('by two operators at once gives one certificate, and both say so', async () => {
    const site = new Site()
    const [one, two] = await Promise.all([site.keeper().keep(), site.keeper().keep()])
    expect(one.caBundle).toBe(two.caBundle)
    expect(site.secrets.writes).toHaveLength(1)
  })

  test('without a Secret to fill is an alarm', async () => {
    const site = new Site()
    site.secrets.remove(tlsSecret)
    expect(await site.keeper().keep()).toMatchObject({
      steps: [],
      alarms: [{ alarm: 'SecretMissing', secret: 'countersign-tls' }],
      caBundle: undefined,
      settled: false,
    })
  })

  test('gives up for now when others win every time, and says so', async () => {
    const site = new Site()
    site.secrets.faults.push(...Array.from({ length: 1000 }, () => 'Conflict' as const))
    expect(await site.keeper().keep()).toMatchObject({ steps: [], settled: false })
  })
})

describe('a Secret that nobody can serve from', () => {
  test('is an alarm, and is replaced at once', async () => {
    const site = new Site()
    await site.keeper().keep()
    site.secrets.put(tlsSecret, { ...site.secrets.data(tlsSecret), 'tls.key': Buffer.from('x').toString('base64') })
    const result = await site.keeper().keep()
    expect(did(result)).toEqual(['Issue Leaf'])
    expect(result.alarms).toEqual([
      { alarm: 'Unreadable', secret: 'countersign-tls', fault: 'BadKey', entry: 'tls.key' },
    ])
    expect(await site.keeper().keep()).toMatchObject({ steps: [], alarms: [] })
  })

  test('because it is called under another name now is replaced at once, and the old authority is still trusted', async () => {
    const site = new Site()
    const before = await site.keeper().keep()
    site.publish(before)
    site.facts = { ...site.facts, names: [address, 'webhook.example'] }
    const result = await site.keeper().keep()
    expect(did(result)).toEqual(['Issue Leaf'])
    const fingerprints = certificateCraft.fingerprints(result.caBundle ?? '')
    expect(fingerprints).toHaveLength(2)
    expect(fingerprints).toEqual(expect.arrayContaining([...certificateCraft.fingerprints(before.caBundle ?? '')]))
  })
})

/** A webhook replica: it serves what it last loaded. */
class Replica {
  readonly server: Server
  serves = 'none'

  constructor() {
    this.server = createServer({}, (_request, response) => response.end(this.serves))
  }

  load(site: Site): void {
    const serving = servingIn(site.secrets.data(tlsSecret))
    if (serving === undefined || 'fault' in serving) throw new Error('nothing to serve')
    this.server.setSecureContext(serving)
    this.serves = serving.fingerprint
  }

  async listen(): Promise<void> {
    this.server.listen(0, address)
    await once(this.server, 'listening')
  }

  port(): number {
    const bound = this.server.address()
    return typeof bound === 'object' && bound !== null ? bound.port : 0
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }
}

/** What a client that trusts only `ca` is answered on a new connection: the certificate served, or why there is none. */
function call(replica: Replica, ca: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ host: address, port: replica.port(), ca, agent: false }, (response) => {
      response.setEncoding('utf8')
      let body = ''
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve(body))
    })
    asked.on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    asked.end()
  })
}

const text = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString()

describe('a whole rotation, between real servers and a client that trusts only the bundle', () => {
  const replicas: Replica[] = []

  afterEach(() => {
    for (const replica of replicas.splice(0)) replica.close()
  })

  async function running(site: Site): Promise<readonly [Replica, Replica]> {
    const made = [new Replica(), new Replica()] as const
    for (const replica of made) {
      replicas.push(replica)
      replica.load(site)
      await replica.listen()
    }
    return made
  }

  test('agrees at every step, in whatever order servers and client follow', async () => {
    const site = new Site()
    const keeper = site.keeper()
    const log: string[] = []
    site.publish(await keeper.keep())
    const [one, two] = await running(site)
    const first = site.fingerprint()
    let bundle = site.facts.caBundle

    const agree = async (): Promise<void> => {
      expect(await call(one, text(bundle))).toBe(one.serves)
      expect(await call(two, text(bundle))).toBe(two.serves)
    }
    const keep = async (ms = 0): Promise<KeepCertificatesResult> => {
      site.now += ms
      site.serve(one.serves, two.serves)
      const result = await keeper.keep()
      expect(result).toMatchObject({ alarms: [], settled: true })
      log.push(...did(result))
      await agree()
      return result
    }

    await agree()
    const renewing = await keep(66 * day)
    expect(log).toEqual(['Issue Next'])
    site.publish(renewing)
    await keep()
    await keep(59 * second)
    bundle = site.facts.caBundle
    await agree()
    expect(log).toEqual(['Issue Next', 'Note'])
    await keep(second)
    expect(log).toEqual(['Issue Next', 'Note', 'Switch'])
    expect(site.fingerprint()).not.toBe(first)
    one.load(site)
    await agree()
    await keep(2 * day)
    expect(log).toHaveLength(3)
    two.load(site)
    const dropped = await keep()
    expect(log).toEqual(['Issue Next', 'Note', 'Switch', 'Drop'])
    site.publish(dropped)
    bundle = site.facts.caBundle
    await agree()
    expect([one.serves, two.serves]).toEqual([site.fingerprint(), site.fingerprint()])
    expect(certificateCraft.fingerprints(bundle ?? '')).toHaveLength(1)
  })

  test('is not vacuous: with a bundle that was dropped, or of another installation, the client refuses', async () => {
    const site = new Site()
    const before = await site.keeper().keep()
    const [replica] = await running(site)
    const other = await new Site().keeper().keep()
    expect(await call(replica, text(before.caBundle))).toBe(site.fingerprint())
    expect(await call(replica, text(other.caBundle))).toMatch(/^(UNABLE|SELF_SIGNED|DEPTH|ERR)/)
  })
})

describe('rotations without end, at any pace of servers and callers', () => {
  type Caller = { bundle: string | undefined; toldAt: number }

  /** Callers hear of a new bundle within the overlap; servers load whenever they do, and say what they serve. */
  async function play(seed: number): Promise<readonly string[]> {
    const random = seededRandom(seed)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
    const site = new Site()
    const keepers = [site.keeper(), site.keeper()]
    let last = await site.keeper().keep()
    site.publish(last)
    const served = [site.fingerprint(), site.fingerprint()]
    const callers: readonly Caller[] = [0, 1].map(() => ({ bundle: site.facts.caBundle, toldAt: site.now }))
    const done: string[] = []
    const heard = (caller: Caller): void => void (caller.bundle = site.facts.caBundle)

    const known = leavesOf(site)
    const pass = (ms: number): void => {
      for (const caller of callers) if (site.now + ms - caller.toldAt >= settings.overlapMs) heard(caller)
      for (const [place, leaf] of served.entries()) {
        if (known.of(leaf).notAfter <= site.now + ms) served[place] = site.fingerprint()
      }
      site.now += ms
    }
    const moves: Readonly<Record<string, () => unknown>> = {
      time: () => pass(pick([second, 30 * second, 60 * second, day])),
      wake: () => {
        const isRenewing = site.text('next.crt') !== ''
        pass(isRenewing ? second : Math.min(Math.max((last.wakeTime ?? 0) - site.now, 0), 10 * day))
      },
      caller: () => heard(pick(callers)),
      server: () => served.splice(pick([0, 1]), 1, site.fingerprint()),
      publish: () => {
        if (last.caBundle === site.facts.caBundle) return
        for (const caller of callers) if (caller.bundle === site.facts.caBundle) caller.toldAt = site.now
        site.publish(last)
      },
      keep: async () => {
        site.serve(...served)
        site.secrets.faults.push(pick(['None', 'None', 'LostBefore', 'LostAfter', 'Conflict']))
        const kept = await Promise.allSettled(keepers.map((keeper) => keeper.keep()))
        site.secrets.faults.length = 0
        for (const result of kept) {
          if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(Lost)
          else done.push(...did((last = result.value)))
        }
      },
    }
    for (let turn = 0; turn < 150; turn += 1) {
      const move = pick(['time', 'wake', 'wake', 'caller', 'server', 'publish', 'keep', 'keep'])
      await moves[move]?.()
      known.learn()
      for (const { bundle } of callers) {
        const trusted = certificateCraft.fingerprints(bundle ?? '')
        for (const leaf of served)
          expect([seed, turn, move, trusted.includes(known.of(leaf).authority ?? '')]).toEqual([seed, turn, move, true])
      }
    }
    return done
  }

  /** Every certificate that was ever to be served. */
  function leavesOf(site: Site): { readonly learn: () => void; readonly of: (fingerprint: string) => ServingPair } {
    const known = new Map<string, ServingPair>()
    const learn = (): void => {
      const read = certificateCraft.read(site.secrets.data(tlsSecret), [address])
      if ('leaf' in read && read.leaf !== undefined) known.set(read.leaf.fingerprint, read.leaf)
    }
    learn()
    return {
      learn,
      of: (fingerprint) => {
        const leaf = known.get(fingerprint)
        if (leaf === undefined) throw new Error('served what was never stored')
        return leaf
      },
    }
  }

  test(
    'no caller ever meets a certificate that it does not trust',
    async () => {
      const done: string[] = []
      const plays = fc.asyncProperty(fc.nat(), async (seed) => void done.push(...(await play(seed))))
      await fc.assert(plays, { numRuns: scaled(4, 500) })
      for (const step of ['Issue Next', 'Note', 'Switch', 'Drop']) expect(done).toContain(step)
      expect(done).not.toContain('Issue Leaf')
    },
    scaled(60_000, 1_800_000),
  )
})

describe('no private key is told', () => {
  test('by results and alarms, through a rotation and with what cannot be read', async () => {
    const site = new Site()
    const results: unknown[] = []
    const secrets = new Set<string>()
    const keep = async (ms = 0): Promise<void> => {
      site.now += ms
      const result = await site.keeper().keep()
      results.push(result)
      site.publish(result)
      for (const entry of ['tls.key', 'next.key']) {
        for (const line of [site.secrets.data(tlsSecret)[entry] ?? '', ...site.text(entry).split('\n')]) {
          if (line.length > 20 && !line.startsWith('---')) secrets.add(line)
        }
      }
    }
    for (const ms of [0, 66 * day, 0, 60 * second]) await keep(ms)
    site.secrets.put(tlsSecret, {
      ...site.secrets.data(tlsSecret),
      'tls.crt': site.secrets.data(tlsSecret)['tls.key'] ?? '',
    })
    await keep()
    const printed = results.flatMap((result) => [
      inspect(result, { depth: 9, showHidden: true }),
      JSON.stringify(result),
    ])
    expect(secrets.size).toBeGreaterThan(5)
    for (const secret of secrets) for (const line of printed) expect(line.includes(secret)).toBe(false)
  })
})
