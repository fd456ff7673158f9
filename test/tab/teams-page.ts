import chromiumBinary from '@sparticuz/chromium'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { BrowserContext, Frame, Page } from 'playwright-core'
import { buildTab } from '../../build/tab.ts'
import { tabContentSecurity } from '../../src/api/content-security.ts'
import { makeTabApi } from '../../src/api/tab.ts'
import type { TabRig } from '../api/tab-rig.ts'

/** The tab in a browser, within a page that passes for Teams. */
export type TeamsPage = {
  readonly context: BrowserContext
  readonly origin: string
  /** Opens the tab in a fresh fake Teams. */
  readonly open: (options?: HostOptions) => Promise<{ readonly page: Page; readonly tab: Frame }>
  readonly close: () => Promise<void>
}

export type HostOptions = {
  readonly theme?: 'default' | 'dark' | 'contrast'
  /** Where the page around the tab is. */
  readonly host?: string
  /** What a link into the tab names. */
  readonly page?: string
  readonly width?: number
  readonly height?: number
  /** What Teams gives as the person's token; undefined: it refuses. */
  readonly token?: (() => string) | undefined
}

const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' }

/** Serves the built tab and its API as the gateway does, on the own machine. */
async function serve(rig: TabRig, folder: string): Promise<Server> {
  const api = makeTabApi(rig.ports)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://gateway')
    if (url.pathname.startsWith('/tab')) return file(url.pathname.slice('/tab/'.length) || 'index.html', response)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const { status, headers, body } = await api({
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      header: (name) => request.headers[name.toLowerCase()]?.toString(),
      body: Buffer.concat(chunks),
      cutOff: false,
      gone: gone.signal,
    })
    response.writeHead(status, headers).end(body)
  }

  async function file(name: string, response: ServerResponse): Promise<void> {
    const content = await readFile(join(folder, name)).catch(() => undefined)
    const type = types[name.split('.').at(-1) as keyof typeof types]
    const headers = { 'content-type': type, 'content-security-policy': tabContentSecurity }
    if (content === undefined) response.writeHead(404).end()
    else response.writeHead(200, headers).end(content)
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** A page with the tab in a frame, which answers what teams-js asks as Teams does. */
const hostPage = (tab: string): string => `<!doctype html><title>Teams</title>
<style>html,body,iframe{margin:0;border:0;width:100%;height:100%;display:block}</style>
<iframe title="tab" src="${tab}"></iframe>
<script>
  const runtime = JSON.stringify({ apiVersion: 4, hostVersionsInfo: {}, isLegacyTeams: false, supports: { pages: {} } })
  const frame = document.querySelector('iframe')
  window.told = []
  window.send = (func, args) => frame.contentWindow.postMessage({ func, args }, '*')
  addEventListener('message', async ({ data, source, origin }) => {
    if (source !== frame.contentWindow) return
    window.told.push(data.func)
    const answers = {
      initialize: () => ['content', 'web', runtime, '2.58.0'],
      getContext: async () => [await window.hostContext()],
      'authentication.getAuthToken': async () => window.hostToken(),
    }
    const answer = answers[data.func]
    if (answer === undefined) return
    source.postMessage({ id: data.id, uuidAsString: data.uuidAsString, args: await answer() }, origin)
  })
</script>`

/** Starts Chromium out of its npm package, or the browser that CHROME_PATH names; close ends it, and removes what it has written. */
export async function openTeams(rig: TabRig): Promise<TeamsPage> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-tab-'))
  await buildTab(folder)
  const server = await serve(rig, folder)
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const browser = await chromium.launch({
    executablePath: process.env['CHROME_PATH'] ?? (await chromiumBinary.executablePath()),
    args: [...chromiumBinary.args, '--no-sandbox', '--disable-gpu', '--disable-features=LocalNetworkAccessChecks'],
  })
  const context = await browser.newContext({ reducedMotion: 'reduce', timezoneId: 'UTC' })
  // Nothing of a test leaves the machine.
  await context.route(/^https:/, (route) => route.abort())

  async function open(options: HostOptions = {}): Promise<{ readonly page: Page; readonly tab: Frame }> {
    const { host = 'https://teams.microsoft.com', theme = 'default', width = 1280, height = 900 } = options
    const token = 'token' in options ? options.token : () => rig.bearer().slice('Bearer '.length)
    const page = await context.newPage()
    await page.setViewportSize({ width, height })
    await page.route(`${host}/**`, (route) =>
      route.fulfill({ contentType: 'text/html', body: hostPage(`${origin}/tab/index.html`) }),
    )
    await page.exposeFunction('hostContext', () => ({ theme, locale: 'en', subEntityId: options.page ?? '' }))
    await page.exposeFunction('hostToken', () => (token === undefined ? [false, 'consent_required'] : [true, token()]))
    await page.goto(`${host}/v2`)
    const tab = page.frames().find((frame) => frame !== page.mainFrame())
    if (tab === undefined) throw new Error('the page has a frame')
    return { page, tab }
  }

  return {
    context,
    origin,
    open,
    close: async () => {
      await browser.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
