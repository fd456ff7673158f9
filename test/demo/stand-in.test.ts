import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import { completed } from '../../demo/playground/activity.ts'
import { appID, appSecret, tenantID } from '../../demo/playground/people.ts'
import { startStandIn } from '../../demo/playground/stand-in.ts'
import type { StandIn } from '../../demo/playground/stand-in.ts'
import { until } from '../until.ts'

let standIn: StandIn
const called: string[] = []
const playground = createServer((incoming, response) => {
  called.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization}`)
  response.end('{"members":[]}')
})

beforeAll(async () => {
  await new Promise<void>((resolve) => playground.listen(0, '127.0.0.1', resolve))
  const address = playground.address()
  const port = typeof address === 'object' ? address?.port : undefined
  standIn = await startStandIn({
    gatewayURL: () => 'http://127.0.0.1:9',
    playgroundURL: () => `http://127.0.0.1:${port}`,
  })
})

afterAll(async () => {
  await standIn.stop()
  playground.close()
})

const right = {
  grant_type: 'client_credentials',
  client_id: appID,
  client_secret: appSecret,
  scope: 'https://api.botframework.com/.default',
}

async function logIn(form: Readonly<Record<string, string>>, tenant = tenantID): Promise<Record<string, string>> {
  const url = `${standIn.microsoft.loginURL}/${tenant}/oauth2/v2.0/token`
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
  return JSON.parse(await answer.text())
}

const members = (token: string): Promise<Response> =>
  fetch(`${standIn.serviceURL}/v3/conversations/team/pagedmembers`, { headers: { authorization: `Bearer ${token}` } })

describe('the login that stands for Entra', () => {
  test.each([
    ['another grant', { ...right, grant_type: 'password' }, tenantID, 'unsupported_grant_type'],
    ['another tenant', right, 'common', 'invalid_request'],
    ['another app', { ...right, client_id: 'other' }, tenantID, 'unauthorized_client'],
    ['another secret', { ...right, client_secret: `${appSecret}x` }, tenantID, 'invalid_client'],
    ['another scope', { ...right, scope: 'https://graph.microsoft.com/.default' }, tenantID, 'invalid_scope'],
  ])('gives no token for %s', async (_what, form, tenant, error) => {
    expect(await logIn(form, tenant)).toEqual({ error })
  })
})

describe('the connector before the Playground', () => {
  test('takes the token that was given out, and keeps it from the Playground', async () => {
    const { access_token: token = '' } = await logIn(right)
    expect((await members(token)).status).toBe(200)
    expect(called).toEqual(['GET /_connector/v3/conversations/team/pagedmembers undefined'])
  })

  test('takes no other one', async () => {
    const before = called.length
    expect((await members('made-up')).status).toBe(401)
    expect(called).toHaveLength(before)
  })

  test('goes wrong as it is told to, and what hangs is cut off when that ends', async () => {
    const { access_token: token = '' } = await logIn(right)
    standIn.fail({ status: 503, retryAfter: 7 })
    const answer = await members(token)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7'])
    standIn.fail('Hang')
    const hanging = members(token).then(
      () => 'answered',
      () => 'cut off',
    )
    await until('the call hangs', () => standIn.hanging() === 1)
    standIn.fail(undefined)
    expect(await hanging).toBe('cut off')
  })
})

test('what the Playground leaves out is added, and what it says stays', () => {
  const bare = completed({ type: 'invoke', conversation: { id: 'c' }, value: { action: {} } }, tenantID)
  expect(bare).toMatchObject({
    timestamp: expect.stringMatching(/Z$/),
    conversation: { id: 'c', tenantId: tenantID },
    channelData: { tenant: { id: tenantID } },
    value: { trigger: 'manual', action: {} },
  })
  const whole = {
    type: 'invoke',
    timestamp: 'then',
    conversation: { tenantId: 'mine' },
    channelData: { tenant: { id: 'mine' } },
    value: { trigger: 'automatic' },
  }
  expect(completed(whole, tenantID)).toEqual(whole)
})
