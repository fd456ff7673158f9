import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Frame, Page } from 'playwright-core'
import { buildTab } from '../../build/tab.ts'
import { danaID } from '../api/tab-rig.ts'
import type { TabRig } from '../api/tab-rig.ts'
import { at } from '../make-request.ts'
import { makeScene, longRequest, sample } from './scene.ts'
import { openTeams } from './teams-page.ts'
import type { HostOptions, TeamsPage } from './teams-page.ts'

jest.setTimeout(60_000)

let rig: TabRig
let teams: TeamsPage

beforeAll(async () => {
  rig = makeScene()
  teams = await openTeams(rig)
})

afterAll(() => teams.close())

async function within<T>(options: HostOptions, look: (tab: Frame, page: Page) => Promise<T>): Promise<T> {
  const { page, tab } = await teams.open(options)
  try {
    return await look(tab, page)
  } finally {
    await page.close()
  }
}

const axe = readFile(new URL(import.meta.resolve('axe-core')), 'utf8')

/** The rules of WCAG 2.2 AA and best practice that the page breaks, with the elements. */
async function violations(tab: Frame): Promise<readonly string[]> {
  await tab.evaluate(await axe)
  const found = await tab.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 160))))`)
  return found as readonly string[]
}

const focused = (tab: Frame): Promise<unknown> => tab.evaluate(`document.activeElement.dataset.name`)

async function openRequest(tab: Frame, name: string): Promise<void> {
  await tab.locator(`a[data-name="${name}"]`).click()
  await tab.locator('.footer', { hasText: `${name} ·` }).waitFor()
}

describe('the bundle', () => {
  test('is small, is all there is, and loads nothing from elsewhere', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-bundle-'))
    await buildTab(folder)
    const names = await readdir(folder)
    expect(names.toSorted()).toEqual(['index.html', 'main.css', 'main.js', 'main.js.LEGAL.txt'])
    const contents = await Promise.all(names.map((name) => readFile(join(folder, name))))
    const gzipped = contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).byteLength, 0)
    expect(gzipped).toBeLessThan(220 * 1024)
    const page = await readFile(join(folder, 'index.html'), 'utf8')
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)
    expect(addresses).toEqual(['data:,', '/tab/main.css', '/tab/main.js'])
    await rm(folder, { recursive: true })
  })

  test('no source of the tab writes HTML', async () => {
    const names = await readdir('src/tab')
    const sources = await Promise.all(names.map((name) => readFile(join('src/tab', name), 'utf8')))
    expect(
      sources.filter((source) => /innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b/i.test(source)),
    ).toEqual([])
  })
})

describe('in Teams', () => {
  test('signs in by itself and shows the list, mine first; Teams is told that the page stands', async () => {
    await within({}, async (tab, page) => {
      await tab.locator('.row').first().waitFor()
      expect(await tab.locator('.top-me').innerText()).toBe('Alice Kim')
      expect(await tab.locator('section[aria-label="Waiting for you"] .row-summary').allInnerTexts()).toEqual([
        'create ClusterRoleBinding report-bot-edit',
        'delete Deployment prod/web (3 replicas)',
        'exec in Pod prod/psql-0',
        'update Deployment prod/web (replicas, image)',
      ])
      expect(await tab.locator('section[aria-label="Waiting for others"] .row').count()).toBe(1)
      expect(await page.evaluate('window.told')).toEqual(
        expect.arrayContaining(['initialize', 'appInitialization.success']),
      )
    })
  })

  test('opens what the link named', async () => {
    await within({ page: 'apr-delete' }, async (tab) => {
      await tab.locator('h1', { hasText: 'agents/bot wants to DELETE' }).waitFor()
    })
  })

  test('shows a request in the order in which every channel tells it', async () => {
    await within({}, async (tab) => {
      await openRequest(tab, 'apr-change')
      const whole = await tab.locator('.request-main').innerText()
      const order = [
        'Medium',
        'prod-eu1',
        'wants to CHANGE 2 fields',
        'Deployment',
        'replicas',
        'Effect',
        'Asked because',
      ]
      const rest = [
        'Agent says, unchecked',
        'Behind it',
        'The whole change',
        'Since last time',
        'Comment (needed',
        'Approve change',
      ]
      const places = [...order, ...rest].map((words) => whole.indexOf(words))
      expect(places).not.toContain(-1)
      expect(places).toEqual(places.toSorted((a, b) => a - b))
      expect(await tab.locator('.last-time').innerText()).toContain('no release candidates, and at most 6 replicas')
      expect(await tab.locator('.last-time mark').allTextContents()).toEqual(['-rc1'])
    })
  })

  test('approves a critical request, as a sign-in of the person, and shows the true state', async () => {
    rig.requests.set('apr-critical', sample('binding-pending', 'apr-critical', rig.requests.get('apr-binding')?.spec))
    await within({}, async (tab) => {
      await openRequest(tab, 'apr-critical')
      await tab.getByRole('button', { name: 'Approve create' }).click()
      await tab.getByText('Your approval counts.').waitFor()
      expect(await tab.locator('.outcome').innerText()).toContain('APPROVED by Alice Kim 10:24Z')
      expect(await tab.getByRole('button').allInnerTexts()).toEqual(['Take back'])
    })
    expect(rig.cast.at(-1)).toMatchObject({
      verdict: 'Approve',
      requestUID: 'uid-of-apr-critical',
      evidence: { assurance: 'SignedIn' },
      voter: { kind: 'EntraUser' },
    })
  })

  test('denies with a reason, and with none says what is missing and sends nothing', async () => {
    rig.requests.set('apr-refusable', sample('delete-pending', 'apr-refusable'))
    const before = rig.cast.length
    await within({}, async (tab) => {
      await openRequest(tab, 'apr-refusable')
      await tab.getByRole('button', { name: 'Deny', exact: true }).click()
      await tab.getByText('Please say why: the agent reads it.').waitFor()
      expect(rig.cast).toHaveLength(before)
      await tab.getByRole('textbox').fill('not during the sale')
      await tab.getByRole('button', { name: 'Deny', exact: true }).click()
      await tab.getByText('Denied. The agent is told, in your words.').waitFor()
      expect(await tab.locator('.votes').innerText()).toContain('not during the sale')
      expect(await tab.getByRole('button').count()).toBe(0)
    })
    expect(rig.cast.at(-1)).toMatchObject({ verdict: 'Deny', comment: 'not during the sale' })
  })

  test('shows by itself what somebody else decides, and tells a late click the truth', async () => {
    rig.requests.set('apr-race', sample('delete-pending', 'apr-race'))
    await within({}, async (tab) => {
      await openRequest(tab, 'apr-race')
      rig.requests.set('apr-race', sample('denied', 'apr-race'))
      await tab.getByRole('button', { name: 'Approve delete' }).click()
      await tab.getByText('DENIED by Dana Roe 10:24Z. Your click changed nothing.').waitFor()
    })
    rig.requests.set('apr-race', sample('delete-pending', 'apr-race'))
    await within({}, async (tab) => {
      await openRequest(tab, 'apr-race')
      await tab.waitForTimeout(1_500)
      rig.requests.set('apr-race', sample('denied', 'apr-race'))
      rig.feed.changed()
      await tab.locator('.outcome', { hasText: 'DENIED by Dana Roe' }).waitFor()
      expect(await tab.getByRole('button').count()).toBe(0)
    })
    rig.requests.delete('apr-race')
  })

  test('an outsider reads why he may not answer, and has no buttons', async () => {
    const token = (): string => rig.bearer({ oid: danaID, name: 'Dana Roe' }).slice('Bearer '.length)
    await within({ token }, async (tab) => {
      await openRequest(tab, 'apr-delete')
      await tab.getByText('The person is in none of the groups that decide this.').waitFor()
      expect(await tab.getByRole('button').count()).toBe(0)
    })
  })

  test('says that it could not sign in, and goes on by itself when it can', async () => {
    let allowed = false
    const token = (): string => (allowed ? rig.bearer().slice('Bearer '.length) : 'no-token')
    await within({ token }, async (tab) => {
      await tab.getByText('The token is not in the form of a signed JSON Web Token.').waitFor()
      allowed = true
      await tab.locator('.row').first().waitFor()
    })
    await within({ token: undefined }, async (tab) => {
      await tab.getByText('Teams could not sign you in to Countersign.').waitFor()
    })
  })

  test('a change of 5,000 lines is there whole, and the page stays quick', async () => {
    rig.requests.set('apr-long', longRequest(5_000))
    await within({}, async (tab) => {
      const start = performance.now()
      await openRequest(tab, 'apr-long')
      expect(performance.now() - start).toBeLessThan(10_000)
      expect(await tab.locator('.line').count()).toBe(5_000)
    })
    rig.requests.delete('apr-long')
  })
})

describe('keyboard', () => {
  test('arrows go from row to row, Enter opens, Escape leads back to the same row', async () => {
    await within({}, async (tab, page) => {
      await tab.locator('.row').first().focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowUp')
      const row = await focused(tab)
      expect(row).toBe('apr-delete')
      await page.keyboard.press('Enter')
      await tab.locator('h1', { hasText: 'DELETE' }).waitFor()
      await page.keyboard.press('Escape')
      await tab.locator('.rows').first().waitFor()
      expect(await focused(tab)).toBe('apr-delete')
      await page.keyboard.press('End')
      expect(await focused(tab)).toBe(await tab.locator('.row').last().getAttribute('data-name'))
    })
  })

  test('Escape in the comment leaves the field, not the page, and a draft survives the way back', async () => {
    await within({}, async (tab, page) => {
      await openRequest(tab, 'apr-delete')
      await tab.getByRole('textbox').fill('half a thought')
      await page.keyboard.press('Escape')
      expect(await tab.locator('h1').innerText()).toContain('DELETE')
      await page.keyboard.press('Escape')
      await openRequest(tab, 'apr-delete')
      expect(await tab.getByRole('textbox').inputValue()).toBe('half a thought')
    })
  })
})

describe('looks', () => {
  test.each<[NonNullable<HostOptions['theme']>, number]>([
    ['default', 1280],
    ['dark', 1280],
    ['contrast', 1280],
    ['default', 320],
    ['contrast', 320],
  ])('%s at %i px: nothing for axe to object, and nothing runs out at the side', async (theme, width) => {
    await within({ theme, width, height: 800 }, async (tab) => {
      await tab.locator('.row').first().waitFor()
      const overflow = (): Promise<unknown> => tab.evaluate('document.documentElement.scrollWidth > innerWidth')
      expect(await violations(tab)).toEqual([])
      expect(await overflow()).toBe(false)
      for (const name of ['apr-change', 'apr-binding', 'apr-denied', 'apr-others']) {
        await tab.evaluate(`location.hash = '#/requests/${name}'`)
        await tab.locator('.footer', { hasText: `${name} ·` }).waitFor()
        expect(await violations(tab)).toEqual([])
        expect(await overflow()).toBe(false)
      }
    })
  })

  test('follows when the theme of Teams changes', async () => {
    await within({}, async (tab, page) => {
      await tab.locator('.row').first().waitFor()
      const background = (): Promise<unknown> =>
        tab.evaluate(`getComputedStyle(document.querySelector('.page')).backgroundColor`)
      const light = await background()
      await page.evaluate(`send('themeChange', ['dark'])`)
      await tab.locator('.page.dark').waitFor()
      expect(await background()).not.toBe(light)
      await page.evaluate(`send('themeChange', ['contrast'])`)
      await tab.locator('.page.contrast').waitFor()
      expect(await background()).toBe('rgb(0, 0, 0)')
    })
  })
})

describe('outside of Teams', () => {
  test('a page by itself says so at once, with a link to Teams and nothing of the requests', async () => {
    const page = await teams.context.newPage()
    await page.goto(`${teams.origin}/tab/index.html?app=2d9e3b51-4c68-4d7f-9a0b-1e2f3a4b5c6d`)
    await page.getByRole('heading', { name: 'Countersign opens in Microsoft Teams' }).waitFor({ timeout: 3_000 })
    expect(await page.getByRole('link').getAttribute('href')).toBe(
      'https://teams.microsoft.com/l/entity/2d9e3b51-4c68-4d7f-9a0b-1e2f3a4b5c6d/requests',
    )
    expect(await violations(page.mainFrame())).toEqual([])
    await page.close()
  })

  test('a frame of Teams that never answers says so within four seconds', async () => {
    const page = await teams.context.newPage()
    const address = `${teams.origin}/tab/index.html`
    await page.route('https://teams.microsoft.com/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${address}"></iframe>` }),
    )
    await page.goto('https://teams.microsoft.com/v2')
    await page.frameLocator('iframe').getByText('Countersign opens in Microsoft Teams').waitFor({ timeout: 4_000 })
    await page.close()
  })

  test('a foreign page cannot frame it', async () => {
    const said: string[] = []
    const { page } = await teams.open({ host: 'https://teams.microsoft.com.evil.example' })
    page.on('console', (message) => void said.push(message.text()))
    await page.reload()
    await page.waitForLoadState()
    expect(said.join('\n')).toMatch(/frame-ancestors/)
    expect(page.frames().map((frame) => frame.url())[1]).toMatch(/^chrome-error:/)
    await page.close()
  })
})

describe('what agents write', () => {
  test('is shown as text and does nothing', async () => {
    const hostile = `<img src=x onerror="document.title='owned'"> [Approve](https://evil.example) **APPROVED by admin** {{DATE(1)}} <at>all</at>`
    const one = sample('delete-pending', 'apr-hostile', { justification: { text: hostile, source: 'AgentIdentity' } })
    const [action] = one.spec.actions
    if (action === undefined) throw new Error('a request has an action')
    const diff = { ...action.diff, text: `@ ${hostile}\n+ ${hostile}\n- ${hostile}2` }
    rig.requests.set('apr-hostile', { ...one, spec: { ...one.spec, summary: hostile, actions: [{ ...action, diff }] } })
    await within({}, async (tab) => {
      await tab.locator('a[data-name="apr-hostile"]', { hasText: '<img src=x' }).waitFor()
      await openRequest(tab, 'apr-hostile')
      expect(await tab.locator('.claim dd').innerText()).toContain(hostile.replaceAll('"', "'"))
      expect(await tab.locator('.code').first().innerText()).toContain('<img src=x')
      expect(await tab.locator('img, script:not([src]), a[href^="http"]').count()).toBe(0)
      expect(await tab.evaluate('document.title')).toBe('Countersign')
    })
    rig.requests.delete('apr-hostile')
  })
})

test('the clock of the page is the gateway’s', async () => {
  await within({}, async (tab) => {
    await tab.locator('a[data-name="apr-delete"] .row-left', { hasText: 'min left' }).waitFor()
    expect(rig.clock.now()).toBe(at('10:25'))
  })
})
