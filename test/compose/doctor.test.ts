import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { tabContentSecurity } from '../../src/api/content-security.ts'
import type { RawAnswer } from '../../src/app/raw.ts'
import type { DoctorCommand } from '../../src/cli/doctor-arguments.ts'
import { readPeopleArguments } from '../../src/cli/people-arguments.ts'
import { readServerArguments } from '../../src/cli/server-arguments.ts'
import { runDoctor } from '../../src/compose/doctor.ts'
import { gatewayLimits, makeGatewayServer } from '../../src/gateway/server.ts'
import { makeTimers } from '../../src/kubernetes/timers.ts'
import { notReady, refused } from '../../src/teams/inbox-answer.ts'
import { alice, channel, entra, greeting, group } from '../app/doctor-rig.ts'
import { startFakeApiServer } from '../fake/api-server.ts'
import type { FakeApiServer } from '../fake/api-server.ts'
import { localhostCertificate, localhostKey } from '../fake/localhost-cert.ts'
import { until } from '../until.ts'

const ours = '/apis/countersign.dev/v1alpha1'
const leaseKey = {
  collection: '/apis/coordination.k8s.io/v1/leases',
  namespace: 'countersign-system',
  name: 'countersign-operator',
}

let api: FakeApiServer
let folder: string
const ends: (() => Promise<unknown> | void)[] = []

beforeEach(async () => {
  api = await startFakeApiServer()
  folder = await mkdtemp(join(tmpdir(), 'countersign-'))
  const cluster = { server: api.url, 'certificate-authority-data': Buffer.from(api.ca).toString('base64') }
  const config = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token: 'a-token' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(config))
})

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  await until('every connection is closed', () => api.connections.open === 0)
  await api.stop()
  await rm(folder, { recursive: true })
})

const channelKey = { collection: `${ours}/approvalchannels`, namespace: '', name: 'teams' }

/** A healthy installation: a channel, a group, and an operator that renews its Lease each time it is looked at. */
function fill(): void {
  const { status, ...bare } = channel()
  api.objects.create(channelKey, bare)
  setStatus({ ...status, observedGeneration: 1 })
  const approvers = group('approvers', { people: [{ name: 'alice', entraUser: entra(alice) }] })
  api.objects.create({ collection: `${ours}/approvergroups`, namespace: '' }, approvers)
  api.objects.create(leaseKey, lease('2030-01-01T00:00:00.000000Z') as never)
}

function lease(renewTime: string): object {
  const spec = { holderIdentity: 'i1', leaseDurationSeconds: 15, renewTime }
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: leaseKey.name }, spec }
}

function setStatus(status: object): void {
  const before = api.objects.get(channelKey)
  api.objects.replace(channelKey, { ...before, status: { ...Object(before['status']), ...status } }, { part: 'status' })
}

/** It renews its Lease once somebody has looked at it. */
async function operatorLives(): Promise<void> {
  const looks = (): number => api.requests.filter(({ resource }) => resource === 'leases').length
  const before = looks()
  await until('the Lease is looked at', () => looks() > before)
  const { metadata } = api.objects.get(leaseKey)
  api.objects.replace(leaseKey, { ...lease(`2030-01-01T00:00:02.${100_000 + before}Z`), metadata })
}

/** The operator, and the gateway, to which the person writes when asked to. */
async function installationLives(out: () => string): Promise<void> {
  await operatorLives()
  await until('the person is asked to write', () => out().includes('write "hi" to the bot now'))
  setStatus({ greetings: [greeting('1')] })
  setStatus({ greetings: [] })
}

type Ran = { readonly code: number; readonly out: string; readonly err: string }
type Asked = Partial<DoctorCommand> & { readonly env?: Readonly<Record<string, string>> }

async function run(
  { env = {}, ...command }: Asked = {},
  meanwhile?: (out: () => string) => Promise<void>,
): Promise<Ran> {
  let [out, err] = ['', '']
  const streams = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
  }
  const clocks = { now: () => Date.now(), elapsed: () => performance.now() }
  const surface = { env, clocks, random: () => 0.5, version: '0.1.0', streams }
  const given = { channel: 'teams', waitSeconds: 0, kubeconfig: join(folder, 'kubeconfig'), ...command }
  const [code] = await Promise.all([runDoctor(surface, given), meanwhile?.(() => out)])
  return { code, out, err }
}

/** The gateway's own server, with an inbox that says always the same, behind an ingress that ends TLS. */
async function serveGateway(answer: RawAnswer = refused(403)): Promise<string> {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, localhostCertificate])
  await copyFile('src/tab/index.html', join(folder, 'index.html'))
  const gateway = makeGatewayServer({
    messages: () => Promise.resolve(answer),
    files: { directory: folder, contentSecurity: tabContentSecurity },
    failed: () => undefined,
    sleep: makeTimers({ now: () => 0, elapsed: () => 0 }).sleep,
    limits: { ...gatewayLimits, closeMs: 100 },
  })
  const port = await gateway.listen({ host: '127.0.0.1', port: 0 })
  const ingress = createServer({ cert: localhostCertificate, key: localhostKey }, (incoming, response) => {
    const { method, url, headers } = incoming
    const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 0, answered.headers)
      answered.pipe(response)
    })
    incoming.pipe(passed)
  })
  ingress.listen(0, '127.0.0.1')
  await once(ingress, 'listening')
  ends.push(
    () => setDefaultCACertificates(before),
    () => gateway.close(),
    () => new Promise((resolve) => ingress.close(resolve)),
  )
  return `https://127.0.0.1:${(ingress.address() as AddressInfo).port}`
}

describe('countersign doctor', () => {
  test('finds that all holds, from the cluster over the way in to the message and its answer', async () => {
    fill()
    const url = await serveGateway()
    const { code, out, err } = await run({ url, waitSeconds: 20 }, installationLives)
    expect([code, err]).toEqual([0, ''])
    expect(out.split('\n').map((line) => line.replaceAll(/\d+(?:\.\d)? s|\d+ days/g, 'N'))).toEqual([
      expect.stringMatching(/^ ✓ ApprovalChannel teams: Teams, bot /),
      ' ✓ Ready: Installed; cards go to Platform > Approvals, 14/15 delivered in the last day',
      ' ✓ operator i1 leads, and was seen to renew its Lease',
      ' ✓ a gateway has heard from Teams: one team or chat, last noted 2029-12-30T09:00:00Z',
      ' … DNS: 127.0.0.1 is 127.0.0.1',
      expect.stringContaining('why: as seen from here'),
      expect.stringContaining('do:  the Bot Connector'),
      ' ✓ TLS: the certificate holds for 127.0.0.1, by test only, do not trust, N left',
      ' ✓ POST /api/messages without a token is refused by Countersign',
      ' ✓ GET /tab serves the tab, with its Content-Security-Policy',
      ' ✓ may approve in Teams: approvers (alice)',
      ' … write "hi" to the bot now, in its chat or as @Countersign hi; waiting N',
      ' ✓ way in: the gateway verified and noted it, N after this was asked',
      ` ✓ the message is from object id ${alice}, who may approve: approvers`,
      ' ✓ way out: the operator answered it N later',
      '',
    ])
    expect(api.requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))).toEqual([])
    expect(api.watches()).toEqual([])
  })

  test('ends with 1 when something fails, with its cause and its cure', async () => {
    fill()
    const url = await serveGateway(notReady)
    const { code, out } = await run({ url }, operatorLives)
    expect(code).toBe(1)
    expect(out).toContain(
      [
        ' ✗ POST /api/messages without a token: 503',
        '     why: Countersign says that it is not ready',
        '     do:  look at /readyz of the health port of the gateway, which names what is missing',
      ].join('\n'),
    )
    expect(out.match(/✗/g)).toHaveLength(1)
  })

  test('says of each that may not be read which right it takes, and looks at the rest', async () => {
    fill()
    for (const resource of ['/leases', '/approvergroups'])
      api.faults.always({ do: 'refuse', status: 403 }, { path: resource })
    api.faults.always({ do: 'refuse', status: 403 }, { verb: 'watch' })
    const { code, out } = await run({ waitSeconds: 3 })
    expect(code).toBe(1)
    expect(out).toMatch(/✗ whether an operator leads .*\n.*403.*\n.*get leases/)
    expect(out).toMatch(/✗ who may approve .*\n.*403.*\n.*list approvergroups/)
    expect(out).toMatch(/✗ the way of a message .* could not be watched\n.*403.*\n.*list and watch approvalchannels/)
  })

  test('says when the cluster cannot be reached at all', async () => {
    const file = join(folder, 'kubeconfig')
    await writeFile(file, (await readFile(file, 'utf8')).replace(api.url, 'https://127.0.0.1:1'))
    const { code, out } = await run()
    expect([code, out]).toEqual([1, expect.stringMatching(/^ ✗ the ApprovalChannel could not be read\n/)])
  })

  test('takes URL and components from the configuration, and a flag goes over it', async () => {
    const config = join(folder, 'config.yaml')
    await writeFile(config, 'components: [webhook]\ngateway: {url: "https://nobody.invalid"}\n')
    fill()
    setStatus({ conversations: [] })
    const { out } = await run({ config }, operatorLives)
    expect(out).toContain('✗ DNS: nobody.invalid has no address')
    expect(out).toContain('the configuration runs none: gateway is not among its components')
    const over = await run({ config, url: 'https://other.invalid' }, operatorLives)
    expect(over.out).toContain('✗ DNS: other.invalid has no address')
  })

  test.each<[string, Asked, string]>([
    ['the URL is not https', { url: 'http://localhost' }, 'the URL must be https://, a host and nothing else'],
    ['the URL has a path', { url: 'https://a.example.com/tab' }, 'the URL must be https://, a host and nothing else'],
    ['there is no such configuration', { config: '/nowhere/config.yaml' }, 'cannot read /nowhere/config.yaml'],
    [
      'there are several kubeconfigs',
      { kubeconfig: undefined, env: { KUBECONFIG: 'a:b' } },
      'KUBECONFIG names several',
    ],
  ])('ends with 2 where %s', async (_what, asked, words) => {
    expect(await run(asked)).toEqual({ code: 2, out: '', err: expect.stringContaining(words) })
  })

  test('ends with 1 where there is no kubeconfig', async () => {
    const { code, out, err } = await run({ kubeconfig: '/nowhere/kubeconfig' })
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('there is no kubeconfig /nowhere/kubeconfig')])
  })
})

describe('doctor is a command', () => {
  const told: string[] = []
  const printer = { out: (text: string) => void told.push(text), err: (text: string) => void told.push(text) }
  const args = ['doctor', '--channel', 'teams', '--url', 'https://a.example.com', '--wait', '2m']
  const command = { channel: 'teams', url: 'https://a.example.com', waitSeconds: 120 }

  test('of countersign and of kubectl countersign', () => {
    expect(readServerArguments(args, printer)).toEqual({ command: 'doctor', of: command })
    expect(readPeopleArguments(args, printer)).toEqual({ kind: 'Doctor', command })
  })

  test.each([
    [[], 60],
    [['--wait', '0'], 0],
    [['--wait', '5s'], 5],
  ])('%j waits for %i seconds', (more, waitSeconds) => {
    const read = readServerArguments(['doctor', '--channel', 'a', ...more], printer)
    expect(read).toEqual({ command: 'doctor', of: { channel: 'a', waitSeconds } })
  })

  test.each([
    ['no channel', ['doctor']],
    ['a time that is none', ['doctor', '--channel', 'a', '--wait', 'long']],
    ['an unknown option', ['doctor', '--channel', 'a', '--bot', 'x']],
  ])('%s is a usage error', (_what, wrong) => {
    expect(readServerArguments(wrong, printer)).toEqual({ command: 'Told', exitCode: 2 })
    expect(readPeopleArguments(wrong, printer)).toEqual({ kind: 'Told', exitCode: 2 })
  })
})
