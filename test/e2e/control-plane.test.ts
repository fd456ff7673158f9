import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureBinaries } from '../../cluster/binaries.ts'
import { startControlPlane } from '../../cluster/control-plane.ts'
import { choosePort } from '../../cluster/port.ts'
import { runs } from '../cluster/processes.ts'
import { rejection, scratchFolders, until } from '../cluster/scratch.ts'
import type { Socket } from 'node:net'
import type { ControlPlane, ControlPlaneOptions } from '../../cluster/control-plane.ts'

// The first run on a machine builds the programs.
const buildMs = 20 * 60_000
jest.setTimeout(120_000)

const env = process.env
const scratch = scratchFolders()
const start = (options: Partial<ControlPlaneOptions> = {}) => startControlPlane({ env, ...options })
const pidsOf = ({ etcd, apiServer, controllerManager }: ControlPlane) =>
  [etcd, apiServer, controllerManager].flatMap((server) => server?.pid() ?? [])

beforeAll(async () => {
  await ensureBinaries({ env })
}, buildMs)

describe('a control plane', () => {
  let plane: ControlPlane
  beforeAll(async () => {
    plane = await start({ users: [{ name: 'alice', groups: ['approvers'] }] })
  })
  afterAll(() => plane.stop())

  test('is ready when it is given out: namespaces, and the service account that pods need', async () => {
    const { stdout } = await plane.kubectl(['get', 'namespaces,serviceaccounts', '-o', 'name'])
    expect(stdout).toContain('namespace/default\n')
    expect(stdout).toContain('serviceaccount/default\n')
  })

  test('and its kubectl are of the pinned version, which causes no warning', async () => {
    const { stdout, stderr } = await plane.kubectl(['version', '-o', 'json'])
    const version = { gitVersion: 'v1.36.3', major: '1', minor: '36', gitTreeState: 'clean' }
    expect(JSON.parse(stdout)).toMatchObject({ clientVersion: version, serverVersion: version })
    expect(stderr).toBe('')
  })

  test('is served by the authority that it names', async () => {
    expect(plane.caData).toBe((await readFile(plane.caFile)).toString('base64'))
    const { stdout } = await plane.kubectl(['get', '--raw', '/readyz', '--certificate-authority', plane.caFile])
    expect(stdout).toBe('ok')
  })

  test('knows its users and their groups, and lets them do nothing by itself', async () => {
    const { kubeconfig } = plane.user('alice')
    const { stdout } = await plane.kubectl(['auth', 'whoami', '-o', 'json'], { kubeconfig })
    expect(JSON.parse(stdout)).toMatchObject({
      status: { userInfo: { username: 'alice', groups: ['approvers', 'system:authenticated'] } },
    })
    const refused = await plane.kubectl(['get', 'secrets'], { kubeconfig })
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('User "alice" cannot list resource "secrets"'),
    })
    expect(() => plane.user('mallory')).toThrow('no user mallory; there are admin, alice,')
  })

  test('gives tokens to service accounts, and a kubeconfig for each', async () => {
    const { stdout: token } = await plane.kubectl(['create', 'token', 'default'])
    const kubeconfig = await plane.kubeconfig({ name: 'bot', token: token.trim(), namespace: 'kube-system' })
    const { stdout } = await plane.kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], {
      kubeconfig,
    })
    expect(stdout).toBe('system:serviceaccount:default:default')
    const refused = await plane.kubectl(['get', 'pods'], { kubeconfig })
    expect(refused.stderr).toContain('in the namespace "kube-system"')
  })

  test('has controllers, each under its own name in the audit log', async () => {
    await plane.kubectl(['create', 'deployment', 'web', '--image=web', '--replicas=2'])
    const pods = await plane.kubectl(['wait', 'pods', '-l', 'app=web', '--for=create', '--timeout=20s'])
    expect(pods.code).toBe(0)
    const controller = 'system:serviceaccount:kube-system:replicaset-controller'
    await until('the creation of a pod is in the audit log', async () => {
      const lines = (await readFile(plane.auditLog, 'utf8')).trimEnd().split('\n')
      return lines.some((line) => line.includes(`"username":"${controller}"`) && line.includes('"verb":"create"'))
    })
  })

  test('shows kubectl nothing of this machine but the path, which plugins need', async () => {
    const folder = await scratch()
    const plugin = join(folder, 'kubectl-surroundings')
    await writeFile(plugin, '#!/bin/sh\nenv\n')
    await chmod(plugin, 0o755)
    const { stdout } = await plane.kubectl(['surroundings'], { env: { PATH: `${folder}:/usr/bin:/bin`, EXTRA: '1' } })
    const names = stdout.split('\n').map((line) => line.split('=')[0])
    expect(names).toEqual(expect.arrayContaining(['KUBECONFIG', 'EXTRA']))
    expect(stdout).toContain(`HOME=${plane.folder}/`)
    const allowed = /^(PATH|HOME|KUBECONFIG|KUBECACHEDIR|HELM_\w+|TMPDIR|LANG|EXTRA|PWD|OLDPWD|SHLVL|_|)$/
    expect(names.filter((name) => !allowed.test(name ?? ''))).toStrictEqual([])
  })

  test('passes input to kubectl, and kills it on abort', async () => {
    const applied = await plane.kubectl(['apply', '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'given' }, data: { a: '1' } }),
    })
    expect(applied.stdout).toBe('configmap/given created\n')
    const controller = new AbortController()
    const watching = plane.kubectl(['get', 'configmaps', '--watch'], { signal: controller.signal })
    controller.abort()
    expect(await watching).toMatchObject({ code: 137 })
  })

  test('runs many kubectl at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 12 }, () => plane.kubectl(['get', '--raw', '/livez'])))
    expect(new Set(results.map(({ stdout }) => stdout))).toStrictEqual(new Set(['ok']))
  })

  test('keeps its folder to its owner', async () => {
    expect((await stat(plane.folder)).mode & 0o077).toBe(0)
  })
})

describe('servers that are killed and started again', () => {
  let plane: ControlPlane
  beforeAll(async () => {
    plane = await start({ controllerManager: false })
  })
  afterAll(() => plane.stop())

  test('the API server comes back at the same address, with the same authority, users and objects', async () => {
    await plane.kubectl(['create', 'configmap', 'kept'])
    const pid = plane.apiServer.pid()
    await plane.apiServer.kill('SIGKILL')
    expect(plane.apiServer.pid()).toBeUndefined()
    expect(await plane.kubectl(['get', 'configmap', 'kept'])).toMatchObject({ code: 1 })
    await plane.apiServer.start()
    expect(plane.apiServer.pid()).not.toBe(pid)
    expect(await plane.kubectl(['get', 'configmap', 'kept', '-o', 'name'])).toMatchObject({
      stdout: 'configmap/kept\n',
    })
  })

  test('etcd comes back with its data, and the API server finds it', async () => {
    await plane.kubectl(['create', 'configmap', 'stored'])
    await plane.etcd.kill('SIGKILL')
    await plane.etcd.start()
    await until('the object is read again', async () => {
      const { stdout } = await plane.kubectl(['get', 'configmap', 'stored', '-o', 'name'])
      return stdout === 'configmap/stored\n'
    })
  })

  test('a paused etcd holds writes back until it goes on', async () => {
    plane.etcd.pause()
    const held = await plane.kubectl(['create', 'configmap', 'held', '--request-timeout=1s'])
    expect(held.code).toBe(1)
    plane.etcd.resume()
    await until('a write is taken', async () => (await plane.kubectl(['create', 'configmap', 'later'])).code === 0)
  })

  test('a server that runs is not started twice', async () => {
    await expect(plane.apiServer.start()).rejects.toThrow('kube-apiserver is running')
  })
})

describe('several control planes', () => {
  test('stand side by side and know nothing of each other', async () => {
    const planes = await Promise.all([start({ controllerManager: false }), start({ controllerManager: false })])
    const [first, second] = planes
    await first.kubectl(['create', 'configmap', 'mine'])
    expect(await first.kubectl(['get', 'configmap', 'mine', '-o', 'name'])).toMatchObject({
      stdout: 'configmap/mine\n',
    })
    expect(await second.kubectl(['get', 'configmap', 'mine'])).toMatchObject({
      stderr: expect.stringContaining('not found'),
    })
    expect((await second.kubectl(['get', 'configmap'], { kubeconfig: first.adminKubeconfig })).stdout).toContain('mine')
    await Promise.all(planes.map((plane) => plane.stop()))
  })

  describe('when others listen on ports', () => {
    // Takes connections and never answers.
    const connections: Socket[] = []
    const server = createServer((socket) => void connections.push(socket.on('error', () => undefined)))
    let taken = 0
    beforeAll(async () => {
      taken = await choosePort()
      await once(server.listen(taken, '127.0.0.1'), 'listening')
    })
    afterAll(async () => {
      for (const socket of connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })

    test('take another one', async () => {
      const ports = [taken, await choosePort()]
      const plane = await start({ controllerManager: false, choosePort: () => Promise.resolve(ports.shift() ?? 0) })
      expect(ports).toStrictEqual([])
      expect(plane.url).not.toContain(String(taken))
      expect(await plane.kubectl(['get', '--raw', '/livez'])).toMatchObject({ stdout: 'ok' })
      await plane.stop()
    })

    test('give up when none is free, and leave nothing', async () => {
      const temporaryFolder = await scratch()
      let tries = 0
      const hopeless = () => {
        tries += 1
        return Promise.resolve(taken)
      }
      const error = await rejection(start({ choosePort: hopeless, temporaryFolder }))
      expect(error).toMatchObject({ reason: 'PortTaken', message: expect.stringContaining(`${taken}`) })
      expect(tries).toBe(5)
      expect(await readdir(temporaryFolder)).toStrictEqual([])
    })
  })
})

describe('the end', () => {
  test('by stop: no process, no folder, running commands killed; a second stop does nothing', async () => {
    const temporaryFolder = await scratch()
    const plane = await start({ controllerManager: false, temporaryFolder })
    const pids = pidsOf(plane)
    const watching = plane.kubectl(['get', 'configmaps', '--watch'])
    await plane.stop()
    await plane.stop()
    expect(await watching).toMatchObject({ code: 137 })
    expect(pids.filter(runs)).toStrictEqual([])
    expect(await readdir(temporaryFolder)).toStrictEqual([])
  })

  test('by SIGKILL of the process that started it: no process, no folder', async () => {
    const temporaryFolder = await scratch()
    const script = join(import.meta.dirname, '..', 'cluster', 'control-plane-parent.ts')
    const parent = spawn(process.execPath, [script, temporaryFolder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(createInterface({ input: parent.stdout }), 'line')
    const pids = String(line).split(' ').map(Number)
    expect(pids.map(runs)).toStrictEqual([true, true, true])
    expect(await readdir(temporaryFolder)).toHaveLength(1)
    parent.kill('SIGKILL')
    await until('all processes have ended', () => !pids.some(runs))
    await until('the folder is gone', async () => (await readdir(temporaryFolder)).length === 0)
  })

  test('of a server that nobody asked to end is told, with its log', async () => {
    const plane = await start({ controllerManager: false })
    process.kill(plane.etcd.pid() ?? 0, 'SIGKILL')
    expect(await plane.failed).toMatchObject({
      reason: 'ProcessEnded',
      message: expect.stringMatching(/^etcd ended with code 137; its log ends:\n./),
    })
    await plane.stop()
  })
})

describe('a start that cannot be', () => {
  test.each<[string, Partial<ControlPlaneOptions>, object]>([
    [
      'a server ends',
      { flags: { apiServer: ['--no-such-flag'] } },
      {
        reason: 'ProcessEnded',
        message: expect.stringMatching(/^kube-apiserver ended with code 1; .*\n.*unknown flag: --no-such-flag/s),
      },
    ],
    [
      'the store ends',
      { flags: { etcd: ['--no-such-flag'] } },
      { reason: 'ProcessEnded', message: expect.stringMatching(/^etcd ended with code \d; .*no-such-flag/s) },
    ],
    [
      'it takes too long',
      { readyTimeoutMs: 1 },
      { reason: 'NotReady', message: expect.stringContaining('was not ready within 1 ms') },
    ],
    ['it is aborted', { signal: AbortSignal.abort(new Error('enough')) }, { message: 'enough' }],
  ])('since %s, says so and leaves nothing', async (_, options, expected) => {
    const temporaryFolder = await scratch()
    expect(await rejection(start({ ...options, temporaryFolder }))).toMatchObject(expected)
    expect(await readdir(temporaryFolder)).toStrictEqual([])
  })

  test('since it is aborted on the way, leaves nothing', async () => {
    const temporaryFolder = await scratch()
    const controller = new AbortController()
    const port = async () => {
      controller.abort(new Error('enough'))
      return choosePort()
    }
    const starting = start({ temporaryFolder, choosePort: port, signal: controller.signal })
    expect(await rejection(starting)).toMatchObject({ message: 'enough' })
    expect(await readdir(temporaryFolder)).toStrictEqual([])
  })

  test('since the folder is too deep for a Unix socket, says what to do', async () => {
    const temporaryFolder = join(await scratch(), 'x'.repeat(90))
    await mkdir(temporaryFolder)
    expect(await rejection(start({ temporaryFolder }))).toMatchObject({
      message: expect.stringContaining('set TMPDIR to a shorter one'),
    })
    expect(await readdir(temporaryFolder)).toStrictEqual([])
  })
})
