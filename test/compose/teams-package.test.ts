import { describe, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import type { PackageCommand } from '../../src/cli/package-arguments.ts'
import { readPeopleArguments } from '../../src/cli/people-arguments.ts'
import { readServerArguments } from '../../src/cli/server-arguments.ts'
import { appIDAmong, writeTeamsPackage } from '../../src/compose/teams-package.ts'
import type { ApprovalChannel } from '../../src/domain/kinds.ts'

const id = '2a4c6e80-1b3d-4f5a-8c7e-9d0b1f2a3c4e'
const other = '3b5d7f91-1b3d-4f5a-8c7e-9d0b1f2a3c4e'

type World = { readonly isTTY?: boolean; readonly env?: Readonly<Record<string, string>> }

async function written(command: Partial<PackageCommand>, { isTTY = false, env = {} }: World = {}) {
  const out: Uint8Array[] = []
  const err: string[] = []
  const surface = {
    env,
    clocks: { now: () => 0, elapsed: () => 0 },
    random: () => 0.5,
    version: '0.1.0',
    streams: {
      stdout: { isTTY, write: (data: string | Uint8Array) => out.push(Buffer.from(data)) },
      stderr: { write: (data: string | Uint8Array) => err.push(String(data)) },
    },
  }
  const code = await writeTeamsPackage(surface, { name: 'Countersign', ...command })
  return { code, out: new Uint8Array(Buffer.concat(out)), err: err.join('') }
}

function manifestIn(zip: Uint8Array) {
  return JSON.parse(strFromU8(unzipSync(zip)['manifest.json'] ?? new Uint8Array()))
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('teams package', () => {
  test('writes the zip to the standard output, and says that there is no tab', async () => {
    const { code, out, err } = await written({ appID: id })
    expect([code, manifestIn(out).id]).toEqual([0, id])
    expect(err).toMatch(/^The app has no tab/)
  })

  test('writes it to a file, also where the standard output is a terminal', async () => {
    await inFolder(async (folder) => {
      const output = join(folder, 'app.zip')
      const { code, out } = await written({ appID: id, output }, { isTTY: true })
      expect([code, out.byteLength, manifestIn(await readFile(output)).id]).toEqual([0, 0, id])
    })
  })

  test('takes the URL of the gateway from the configuration', async () => {
    await inFolder(async (folder) => {
      const config = join(folder, 'countersign.yaml')
      await writeFile(config, 'gateway: {url: "https://countersign.example.com"}\n')
      const { out } = await written({ appID: id, config })
      expect(manifestIn(out).validDomains).toEqual(['countersign.example.com'])
    })
  })

  test('a flag goes over the configuration', async () => {
    const env = { COUNTERSIGN_GATEWAY_URL: 'https://countersign.example.com' }
    const { out } = await written({ appID: id, url: 'https://other.example.com' }, { env })
    expect(manifestIn(out).validDomains).toEqual(['other.example.com'])
  })

  test('tells every problem at once, and writes nothing', async () => {
    const given = { config: '/nowhere/config.yaml', kubeconfig: '/nowhere/kubeconfig', name: '', appVersion: '1' }
    const { code, out, err } = await written(given, { isTTY: true })
    expect([code, out.byteLength]).toEqual([2, 0])
    expect(err.split('\n')).toEqual([
      'countersign: the app id is not known; give --app-id. there is no kubeconfig /nowhere/kubeconfig',
      'countersign: cannot read /nowhere/config.yaml (ENOENT)',
      expect.stringContaining('the name must not be empty'),
      expect.stringContaining('the version must be three numbers'),
      expect.stringContaining('this is a terminal'),
      '',
    ])
  })

  test('says where it could not write', async () => {
    const { code, err } = await written({ appID: id, output: '/nowhere/app.zip' })
    expect([code, err]).toEqual([1, 'countersign: cannot write /nowhere/app.zip (ENOENT)\n'])
  })
})

function channel(name: string, appID?: string): ApprovalChannel {
  const teams =
    appID === undefined ? {} : { teams: { cloud: 'Public', tenantID: id, appID, credentialsSecretRef: { name: 'x' } } }
  const spec = { type: appID === undefined ? 'Slack' : 'Teams', notify: 'None', ...teams } as ApprovalChannel['spec']
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'ApprovalChannel', metadata: { name }, spec }
}

describe('the app id is read from the channels', () => {
  test.each([
    ['the one of type Teams', [channel('slack'), channel('teams', id)], undefined, { text: id }],
    ['two channels of one bot', [channel('a', id), channel('b', id.toUpperCase())], undefined, { text: id }],
    ['the one of that name', [channel('a', id), channel('b', other)], 'b', { text: other }],
  ])('%s', (_what, channels, name, found) => {
    expect(appIDAmong(channels, name)).toEqual(found)
  })

  test.each([
    ['none of type Teams', [channel('slack')], undefined, 'no ApprovalChannel of type Teams'],
    ['none of that name', [channel('a', id)], 'b', 'no ApprovalChannel b of type Teams'],
    ['several bots', [channel('a', id), channel('b', other)], undefined, 'in the channels a, b'],
  ])('%s: a problem that says what to do', (_what, channels, name, words) => {
    expect(appIDAmong(channels, name)).toEqual({ problems: [expect.stringContaining(words)] })
  })
})

describe('teams package is a command', () => {
  const told: string[] = []
  const printer = { out: (text: string) => told.push(text), err: (text: string) => told.push(text) }
  const terminal = { out: (text: string) => void told.push(text), err: (text: string) => void told.push(text) }
  const args = ['teams', 'package', '--app-id', id, '--url', 'https://countersign.example.com', '-o', 'app.zip']
  const of = { appID: id, url: 'https://countersign.example.com', output: 'app.zip', name: 'Countersign' }

  test('of countersign', () => {
    expect(readServerArguments(args, printer)).toEqual({ command: 'teams package', of })
  })

  test('of kubectl countersign', () => {
    expect(readPeopleArguments(args, terminal)).toEqual({ kind: 'Package', command: of })
  })

  test.each([
    ['an unknown option', ['teams', 'package', '--bot', 'x']],
    ['an unknown word', ['teams', 'pack']],
    ['no word', ['teams']],
  ])('%s is a usage error', (_what, wrong) => {
    expect(readServerArguments(wrong, printer)).toEqual({ command: 'Told', exitCode: 2 })
    expect(readPeopleArguments(wrong, terminal)).toEqual({ kind: 'Told', exitCode: 2 })
  })
})
