import { describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

function countersign(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/main.ts', ...args], { env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

async function withFile(text: string, use: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'))
  const file = join(folder, 'config.yaml')
  try {
    await writeFile(file, text)
    await use(file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('countersign', () => {
  test('version prints the version of package.json', async () => {
    expect(await countersign(['version'])).toEqual({ code: 0, stdout: 'countersign 0.1.0\n', stderr: '' })
  })

  test('--help shows the commands, examples and exit codes', async () => {
    const { code, stdout } = await countersign(['--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/serve \[options\][^]*Examples:[^]*Exit codes:/)
  })

  test.each([
    ['no command', [], 'Usage: countersign'],
    ['an unknown command', ['serv'], '(Did you mean serve?)'],
    ['an unknown option', ['serve', '--port', '1'], "unknown option '--port'"],
    ['an argument too many', ['serve', 'now'], 'too many arguments'],
    ['an option without its value', ['serve', '--config'], 'argument missing'],
  ])('%s is a usage error', async (_what, args, words) => {
    const { code, stdout, stderr } = await countersign(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(words)
  })
})

describe('countersign serve refuses to start', () => {
  test('with every problem of file, environment and command line in one message', async () => {
    await withFile('webhook: {holdSeconds: 40}\n', async (file) => {
      const env = { COUNTERSIGN_HEALTH_PORT: 'x' }
      expect(await countersign(['serve', '--config', file, '--components', 'gate'], env)).toEqual({
        code: 2,
        stdout: '',
        stderr: [
          'countersign: the configuration has 3 problems; nothing was started.',
          '  components[0] must be one of webhook, operator, gateway (from --components)',
          '  webhook.holdSeconds must be at most 27 (it is 40)',
          '  health.port must be a number, not text (from COUNTERSIGN_HEALTH_PORT)',
          '',
        ].join('\n'),
      })
    })
  })

  test('on a file that is no YAML, with the places, and without quoting it', async () => {
    await withFile('webhook: {holdSeconds: 1}\nwebhook: {}\nsecret: [a', async (file) => {
      const { code, stderr } = await countersign(['serve'], { COUNTERSIGN_CONFIG: file })
      expect(code).toBe(2)
      expect(stderr).toContain(`${file}: line 2, column 1: the key stands there twice`)
      expect(stderr).not.toContain('secret')
    })
  })

  test('on a file that is not there', async () => {
    const { code, stderr } = await countersign(['serve', '--config', '/nowhere/config.yaml'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot read /nowhere/config.yaml (ENOENT)')])
  })

  test('outside of a pod without a kubeconfig', async () => {
    const { code, stderr } = await countersign(['serve'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('kubernetes.kubeconfig must be set (or --kubeconfig)')])
  })
})
