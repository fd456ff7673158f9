import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import path from 'node:path'
import { deployment } from '../../demo/objects.ts'
import { openPage } from '../../demo/playground/browser.ts'
import type { ChatPage } from '../../demo/playground/browser.ts'
import { until } from '../until.ts'
import { clear } from './gate-probe.ts'
import { startTeamsGate } from './teams-stage.ts'
import type { TeamsGate } from './teams-stage.ts'

let gate: TeamsGate
let page: ChatPage

jest.setTimeout(90_000)

beforeAll(async () => {
  gate = await startTeamsGate({ cluster: { name: 'prod-eu1', environment: 'production' } })
  page = await openPage({
    url: gate.teams.playground.url,
    folder: process.env['COUNTERSIGN_PICTURES'] ?? path.join(gate.plane.folder, 'pictures'),
    executable: process.env['CHROME_PATH'],
  })
  await gate.apply(...['web', 'api', 'jobs'].map((name) => deployment(name, { replicas: 3 })))
}, 180_000)

afterEach(() => clear(gate))

afterAll(async () => {
  await page.close()
  await gate.stop()
}, 60_000)

test('Alice approves with the mouse: the agent’s command is done, and her card says so', async () => {
  const { request, ended } = await gate.asked(['delete', 'deployment', 'web', '-n', 'prod', '--wait=false'])
  const { name } = request.metadata
  await page.shows(name, 'prod / web')
  await page.picture('asked')
  await page.press(name, 'Approve delete')
  expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining('approved by Alice Kim') })
  await page.shows(name, 'DONE')
  await page.picture('approved')
})

test('Alice denies, first without a reason and then with one that she types', async () => {
  const { request, ended } = await gate.asked(['delete', 'deployment', 'api', '-n', 'prod', '--wait=false'])
  const { name } = request.metadata
  await page.press(name, 'Deny')
  await page.shows(name, 'please write the reason into the comment')
  await page.press(name, 'Deny', 'web-v2 does not serve yet')
  const { code, stderr } = await ended
  expect([code, stderr]).toEqual([1, expect.stringContaining('DENIED by Alice Kim')])
  expect(stderr).toContain('web-v2 does not serve yet')
  await page.shows(name, 'DENIED by Alice Kim')
  await page.picture('denied')
})

test('what Bob decides meanwhile by kubectl takes the buttons from the card that Alice looks at', async () => {
  const { request, ended } = await gate.asked(['delete', 'deployment', 'jobs', '-n', 'prod', '--wait=false'])
  const { name } = request.metadata
  await page.shows(name, 'prod / jobs')
  await gate.vote('bob', 'Approve', { request })
  expect(await ended).toMatchObject({ code: 0 })
  await page.shows(name, 'APPROVED by bob')
  await until('the buttons are gone', async () => (await page.buttons(name)).length === 0)
  await page.picture('decided-elsewhere')
})
