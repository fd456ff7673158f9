import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { Overlay } from '../src/config-env.ts'
import { allSettings } from '../src/config-settings.ts'
import { readConfig } from '../src/config-read.ts'
import type { Config } from '../src/config.ts'
import { settingRows } from './settings-table.ts'

type Given = {
  readonly file?: unknown
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: readonly Overlay[]
}

function problemsOf(given: Given): readonly string[] {
  const read = readConfig({ env: {}, ...given })
  return 'problems' in read ? read.problems : []
}

function configOf(given: Given): Config {
  const read = readConfig({ env: {}, ...given })
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  return read.config
}

describe('what is not set has its default', () => {
  test.each([[undefined], [null], [{}]])('a file that says %j is a whole configuration', (file) => {
    const config = configOf({ file })
    expect(config.webhook.holdSeconds).toBe(20)
    expect(config.components).toEqual(['webhook', 'operator', 'gateway'])
    expect(config.operator.election).toEqual({ leaseSeconds: 15, renewSeconds: 10, retrySeconds: 2 })
  })

  test('nothing of it can be changed, however deep', () => {
    const config = configOf({ file: { agents: { users: ['mcp'] } } })
    expect(() => Object.assign(config.operator.election, { leaseSeconds: 1 })).toThrow(TypeError)
    expect(() => config.agents.users.push('root')).toThrow(TypeError)
  })
})

describe('the command line goes over the environment, and that over the file', () => {
  const file = { webhook: { holdSeconds: 5, holdSlots: 7 }, components: ['operator'] }
  const env = { COUNTERSIGN_WEBHOOK_HOLD_SECONDS: '6.5', COUNTERSIGN_COMPONENTS: 'webhook' }
  const flags = [{ path: ['components'], value: ['operator', 'webhook'], from: '--components' }]

  test('each setting by itself', () => {
    const { webhook, components } = configOf({ file, env, flags })
    expect([webhook.holdSeconds, webhook.holdSlots, components]).toEqual([6.5, 7, ['operator', 'webhook']])
  })

  test.each([
    ['COUNTERSIGN_AGENTS_USERS', 'a, b,c', ['a', 'b', 'c']],
    ['COUNTERSIGN_AGENTS_USERS', '["a,b"]', ['a,b']],
    ['COUNTERSIGN_AGENTS_USERS', '', []],
  ])('the list in %s=%s is read', (name, text, users) => {
    expect(configOf({ env: { [name]: text } }).agents.users).toEqual(users)
  })

  test.each(allSettings().map((setting) => [setting.env, setting] as const))('%s sets its setting', (name, setting) => {
    const wrong = setting.type === 'Number' ? 'x' : setting.type === 'List' ? '[' : ''
    const told = problemsOf({ env: { [name]: wrong } })
    const known = setting.allowed === 'text' && setting.defaultValue === ''
    expect(known ? [] : told.filter((problem) => problem.endsWith(`(from ${name})`)).length).toEqual(known ? [] : 1)
  })

  test.each([
    ['COUNTERSIGN_WEBHOOK_SERVICE_HOST', '10.96.0.7'],
    ['COUNTERSIGN_WEBHOOK_SERVICE_PORT', '444'],
    ['COUNTERSIGN_WEBHOOK_SERVICE_PORT_HTTPS', '444'],
    ['COUNTERSIGN_WEBHOOK_PORT', 'tcp://10.96.0.7:444'],
    ['COUNTERSIGN_WEBHOOK_PORT_444_TCP_ADDR', '10.96.0.7'],
  ])('%s, which Kubernetes makes of the Service, is nothing of ours', (name, value) => {
    const links = { COUNTERSIGN_WEBHOOK_SERVICE_HOST: '10.96.0.7', [name]: value }
    expect(configOf({ env: links }).webhook.service.port).toBe(443)
  })
})

describe('every problem is told at once, its path first', () => {
  test('of the file, the environment and the command line together', () => {
    const given = {
      file: { webhook: { holdSecs: 3, holdSeconds: 40 }, operator: { election: { renewSeconds: 20 } }, bla: 1 },
      env: { COUNTERSIGN_WEBHOK_URL: 'x', COUNTERSIGN_WEBHOOK_HOLD_SLOTS: 'many' },
      flags: [{ path: ['components'], value: ['webhook', 'gate'], from: '--components' }],
    }
    expect(problemsOf(given)).toEqual([
      'COUNTERSIGN_WEBHOK_URL is no setting; did you mean COUNTERSIGN_WEBHOOK_URL?',
      'components[1] must be one of webhook, operator, gateway (from --components)',
      'webhook.holdSeconds must be at most 27 (it is 40)',
      'webhook.holdSlots must be a number, not text (from COUNTERSIGN_WEBHOOK_HOLD_SLOTS)',
      'webhook.holdSecs is no setting; did you mean holdSeconds?',
      expect.stringMatching(/^bla is no setting; there are cluster, components, /),
      'operator.election.renewSeconds must be less than operator.election.leaseSeconds, else two could lead',
    ])
  })

  test.each<[string, unknown, string]>([
    ['a list', [], 'the configuration file must be a group of settings, as in webhook: …'],
    ['a text', 'webhook', 'the configuration file must be a group of settings, as in webhook: …'],
    ['a group that is a number', { webhook: 5 }, 'webhook must be a group of settings, not a number'],
    ['an empty group', { webhook: null }, 'webhook must be a group of settings, not empty'],
    ['an empty text', { agents: { users: [''] } }, 'agents.users[0] must not be empty'],
    ['no component', { components: [] }, 'components must have at least one entry'],
    ['a fraction', { webhook: { holdSlots: 1.5 } }, 'webhook.holdSlots must be a whole number, not a number'],
    ['zero', { webhook: { holdSeconds: 0 } }, 'webhook.holdSeconds must be more than 0 (it is 0)'],
    [
      'a URL without https',
      { webhook: { url: 'http://x' } },
      'webhook.url must be an https URL, such as https://10.0.0.5:8443',
    ],
    [
      'a name that is too long',
      { cluster: { name: 'x'.repeat(254) } },
      'cluster.name must have at most 253 characters',
    ],
    ['another level', { log: { level: 'loud' } }, 'log.level must be one of error, warn, info, debug'],
    [
      'a key of every object',
      JSON.parse('{"__proto__": {"a": 1}}'),
      expect.stringMatching(/^__proto__ is no setting/) as never,
    ],
  ])('of %s', (_what, file, problem) => {
    expect(problemsOf({ file })).toEqual([problem])
  })

  test('an environment variable cannot hide that its group is none', () => {
    const given = { file: { webhook: 5 }, env: { COUNTERSIGN_WEBHOOK_HOLD_SECONDS: '5' } }
    expect(problemsOf(given)).toEqual(['webhook must be a group of settings, not a number'])
  })
})

describe('settings that cannot be meant together', () => {
  test.each<[string, object, string]>([
    ['a hold that leaves no time to answer', { webhook: { holdSeconds: 25, marginSeconds: 6 } }, 'webhook.holdSeconds'],
    [
      'more slots for one than for all',
      { webhook: { holdSlots: 2, holdSlotsPerAgent: 3 } },
      'webhook.holdSlotsPerAgent',
    ],
    ['two ways to the webhook', { webhook: { url: 'https://a:1', service: { name: 'b' } } }, 'webhook.service'],
    ['a URL with a path', { webhook: { url: 'https://a:1/b' } }, 'webhook.url'],
    [
      'a leader slower than its lease',
      { operator: { election: { renewSeconds: 15 } } },
      'operator.election.renewSeconds',
    ],
    ['one try to stay leader', { operator: { election: { retrySeconds: 10 } } }, 'operator.election.retrySeconds'],
    ['a context of no file', { kubernetes: { context: 'a' } }, 'kubernetes.context'],
    ['a renewal after the end', { certificates: { renewAt: 0.9, renewSpread: 0.1 } }, 'certificates.renewSpread'],
    [
      'an overlap beyond the end',
      { certificates: { lifeSeconds: 1000, overlapSeconds: 300 } },
      'certificates.overlapSeconds',
    ],
    ['keys that are never used', { keys: { publishSeconds: 60, rotateSeconds: 60 } }, 'keys.publishSeconds'],
    ['one port for two', { health: { port: 8443 } }, 'health.port'],
    ['one port for webhook and gateway', { gateway: { listen: { port: 8443 } } }, 'gateway.listen.port'],
    ['the metrics before the internet', { gateway: { listen: { port: 8080 } } }, 'gateway.listen.port'],
    ['a gateway under a path', { gateway: { url: 'https://a/b' } }, 'gateway.url'],
    ['keys over plain HTTP', { microsoft: { botMetadataURL: 'http://login.example/x' } }, 'microsoft.botMetadataURL'],
    ['a login with a name in it', { microsoft: { loginURL: 'https://a:b@login.example' } }, 'microsoft.loginURL'],
    ['a Graph with a query', { microsoft: { graphURL: 'https://graph.example?a' } }, 'microsoft.graphURL'],
    ['a URL in place of a host', { microsoft: { serviceHosts: ['https://a.example'] } }, 'microsoft.serviceHosts'],
    ['the same component twice', { components: ['webhook', 'webhook'] }, 'components'],
    ['a service account as a user', { agents: { users: ['system:serviceaccount:a:b'] } }, 'agents.users'],
    ['everybody as an agent', { agents: { groups: ['system:authenticated'] } }, 'agents.groups'],
  ])('%s', (_what, file, path) => {
    const problems = problemsOf({ file })
    expect(problems).toHaveLength(1)
    expect(problems[0]?.startsWith(`${path} `)).toBe(true)
  })

  test.each<[string, object]>([
    ['a hold up to the end', { webhook: { holdSeconds: 27, marginSeconds: 3 } }],
    ['free ports for both', { health: { port: 0 }, webhook: { listen: { port: 0 } } }],
    ['a URL with the slash of its end', { webhook: { url: 'https://a:1/' } }],
    ['free ports for all', { health: { port: 0 }, webhook: { listen: { port: 0 } }, gateway: { listen: { port: 0 } } }],
    ['plain HTTP on the own machine', { microsoft: { loginURL: 'http://127.0.0.1:8000/login' } }],
    ['the same port where no gateway runs', { components: ['operator'], gateway: { listen: { port: 8080 } } }],
    ['the same port where no webhook runs', { components: ['operator'], health: { port: 8443 } }],
  ])('but %s can', (_what, file) => {
    expect(problemsOf({ file })).toEqual([])
  })

  test('are not complained of when one of them is wrong by itself', () => {
    const file = { operator: { election: { leaseSeconds: 'long', renewSeconds: 100 } } }
    expect(problemsOf({ file })).toEqual(['operator.election.leaseSeconds must be a number, not text'])
  })
})

describe('docs/configuration.md', () => {
  const squeezed = (line: string): string => line.replaceAll(/\s+/g, ' ')
  const rows = readFileSync('docs/configuration.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map(squeezed)

  test('lists every setting with its variable, range, default and meaning, and nothing else', () => {
    expect(rows).toEqual(settingRows().map(squeezed))
  })

  test('no setting is without a meaning', () => {
    expect(allSettings().filter(({ description }) => !/^[A-Z].*\.$/.test(description))).toEqual([])
  })
})
