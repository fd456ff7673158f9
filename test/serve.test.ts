import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localhostCertificate } from './fake/localhost-cert.ts'
import { until } from './until.ts'

jest.setTimeout(60_000)

type Served = {
  readonly child: ChildProcess
  /** Lines of the log so far. */
  readonly log: () => readonly Readonly<Record<string, unknown>>[]
  readonly health: (path: string) => Promise<{ readonly status: number; readonly text: string }>
  readonly ended: Promise<number | null>
}

let folder: string | undefined
let running: Served | undefined

afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
  if (folder !== undefined) await rm(folder, { recursive: true })
})

/** Serves against an API server that is not there: nothing listens on port 1. */
async function serve(): Promise<Served> {
  folder = await mkdtemp(join(tmpdir(), 'countersign-'))
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, kubeconfigTo('https://127.0.0.1:1'))
  const env = {
    COUNTERSIGN_HEALTH_HOST: '127.0.0.1',
    COUNTERSIGN_HEALTH_PORT: '0',
    COUNTERSIGN_WEBHOOK_LISTEN_PORT: '0',
  }
  const child = spawn(process.execPath, ['src/main.ts', 'serve', '--kubeconfig', kubeconfig], { env })
  let text = ''
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  const log = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  const port = () => log().find(({ event }) => event === 'HealthListening')?.['port']
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  running = {
    child,
    log,
    ended,
    health: async (path) => {
      const answer = await fetch(`http://127.0.0.1:${String(port())}${path}`)
      return { status: answer.status, text: await answer.text() }
    },
  }
  await until('it serves its health', () => port() !== undefined)
  return running
}

function kubeconfigTo(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [
      {
        name: 'a',
        cluster: { server, 'certificate-authority-data': Buffer.from(localhostCertificate).toString('base64') },
      },
    ],
    users: [{ name: 'a', user: { token: 'canary-0d9f8e7c6b5a43210fedcba9' } }],
  })
}

describe('countersign serve, while the API server is away', () => {
  test('lives, is not ready, counts, and logs no token', async () => {
    const { log, health } = await serve()
    expect((await health('/livez')).status).toBe(200)
    const ready = await health('/readyz')
    expect([ready.status, ready.text]).toEqual([503, expect.stringMatching(/^\[-\]\S+ failed/m)])
    expect((await health('/metrics')).text).toContain('countersign_build_info{version="0.1.0"} 1\n')
    expect(JSON.stringify(log())).not.toContain('canary')
  })

  test('ends gently with 0 when it is told to', async () => {
    const { child, ended } = await serve()
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  // Two signals, since two of one kind may reach a process as one; which of them comes second is the kernel's choice.
  test('ends at once when it is told twice, with the code that a shell expects', async () => {
    const { child, ended } = await serve()
    child.kill('SIGTERM')
    child.kill('SIGINT')
    expect([130, 143]).toContain(await ended)
  })
})
