import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type { Condition } from '../../src/domain/kinds.ts'
import { deployment } from '../../demo/objects.ts'
import type { Fault } from '../../demo/playground/connector-front.ts'
import { textOf } from '../../demo/playground/messages.ts'
import { appSecret } from '../../demo/playground/people.ts'
import { until } from '../until.ts'
import { clear } from './gate-probe.ts'
import { startTeamsGate } from './teams-stage.ts'
import type { TeamsGate } from './teams-stage.ts'

let gate: TeamsGate

jest.setTimeout(120_000)

beforeAll(async () => {
  gate = await startTeamsGate({ channels: { deadlineSeconds: 1, retrySeconds: 2, undeliveredSeconds: 3 } })
}, 180_000)

afterAll(async () => {
  await gate.stop()
}, 60_000)

afterEach(() => clear(gate))

async function ready(): Promise<Condition | undefined> {
  const { status } = JSON.parse(await gate.admin(['get', 'apch', 'teams', '-o', 'json']))
  const conditions: readonly Condition[] = status?.conditions ?? []
  return conditions.find(({ type }) => type === 'Ready')
}

/** How long the agent's harmless writes take, one after the other: the median, in milliseconds. */
async function writesTake(name: string): Promise<number> {
  const took: number[] = []
  for (let round = 0; round < 9; round += 1) {
    const began = performance.now()
    const made = await gate.agent(['create', 'configmap', `${name}-${round}`, '-n', 'agents', '--from-literal=a=1'])
    expect(made.code).toBe(0)
    took.push(performance.now() - began)
  }
  return took.toSorted((a, b) => a - b)[4] ?? NaN
}

const faults: readonly (readonly [what: string, name: string, fault: Fault])[] = [
  ['hangs', 'hangs', 'Hang'],
  ['answers 503', 'away', { status: 503 }],
]

test('a secret that the login does not take: the channel says so, and is ready again with the right one', async () => {
  const set = (clientSecret: string): Promise<string> =>
    gate.admin(
      ['apply', '--server-side', '--force-conflicts', '--field-manager=teams', '-f', '-'],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'countersign-teams', namespace: 'countersign-system' },
        stringData: { clientSecret },
      }),
    )
  await set('not the secret')
  await until(
    'the channel says that the login refuses it',
    async () => (await ready())?.reason === 'CredentialsRefused',
  )
  expect((await ready())?.message).toContain('renew the secret')
  await set(appSecret)
  await until('the channel is ready again', async () => (await ready())?.status === 'True', 40_000)
})

describe.each(faults)('while Teams %s', (_what, name, fault) => {
  let before = 0

  beforeAll(async () => {
    before = await writesTake(`${name}-before`)
    for (const app of ['one', 'two']) await gate.apply(deployment(`${name}-${app}`, { replicas: 1 }))
    gate.teams.standIn.fail(fault)
  })

  const deletion = (app: string): readonly string[] => [
    'delete',
    'deployment',
    `${name}-${app}`,
    '-n',
    'prod',
    '--wait=false',
  ]

  test('who answers by kubectl is heard as fast as ever, and the agent’s other writes are not slower', async () => {
    const { code, seconds } = await gate.answered(deletion('one'), 'Approve')
    expect(code).toBe(0)
    expect(seconds).toBeLessThan(3)
    // A process of kubectl each: what it adds itself is the same before and now.
    expect(await writesTake(name)).toBeLessThan(2 * before + 100)
  })

  test('the channel says so, the agent is told that nobody has seen it, and the card comes when Teams is back', async () => {
    const command = gate.agent(deletion('two'))
    const [request] = await gate.waiting()
    if (request === undefined) throw new Error('nothing waits')
    let said: Condition | undefined
    await until(
      'the channel is not ready',
      async () => {
        said = await ready()
        return said?.status === 'False'
      },
      60_000,
    )
    expect(said).toMatchObject({ reason: 'ServiceUnavailable', message: expect.stringMatching(/\w/) })
    const { stderr } = await command
    expect(stderr).toContain('NOBODY HAS SEEN IT YET')
    expect(gate.teams.chat.cardsOf(request.metadata.name)).toEqual([])

    gate.teams.standIn.fail(undefined)
    await until('the channel is ready again', async () => (await ready())?.status === 'True', 30_000)
    const { message } = await gate.teams.chat.untilCard(request.metadata.name)
    expect(textOf(message.versions[0] ?? {})).toContain('This came late: no channel could take it before.')
    await until('the card is noted', async () => {
      return (await gate.request(request.metadata.name)).status?.messages?.length === 1
    })
    await gate.click('bob', request, { verb: 'approve' })
    expect(await gate.agent(deletion('two'))).toMatchObject({ code: 0 })
    expect(gate.teams.chat.cardsOf(request.metadata.name)).toHaveLength(1)
  })
})
