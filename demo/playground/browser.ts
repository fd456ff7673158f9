import chromiumBinary from '@sparticuz/chromium'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { channel } from './people.ts'

/** The Playground's page with the channel open, as whoever sits before it sees it. */
export type ChatPage = {
  /**
   * Types a comment into the card of the request, if one is given, and presses the button with this title, with the mouse
   * and the keyboard.
   */
  readonly press: (request: string, button: string, comment?: string) => Promise<void>
  /** Resolves once the card of the request, or what stands below it, shows the text. */
  readonly shows: (request: string, text: string) => Promise<void>
  /** Titles of the buttons that the card of the request has now. */
  readonly buttons: (request: string) => Promise<readonly string[]>
  /** Leaves a picture of the page, on which the newest card is on top. */
  readonly picture: (name: string) => Promise<void>
  readonly close: () => Promise<void>
}

export type PageOptions = {
  /** Origin of the Playground. */
  readonly url: string
  /** Where pictures go; made when it is not there. */
  readonly folder: string
  /** A browser to use instead of the one that npm brings, which is for Linux. */
  readonly executable?: string | undefined
  readonly size?: { readonly width: number; readonly height: number }
}

/** There is no browser. */
class BrowserError extends Error {
  override readonly name = 'BrowserError'
}

/**
 * Opens the page in a browser without a window. What was posted before is not shown there: the Playground keeps nothing for
 * pages that come later. Rejects with a BrowserError when there is no browser to be had.
 */
export async function openPage({ url, folder, executable, size = usual }: PageOptions): Promise<ChatPage> {
  await mkdir(folder, { recursive: true })
  const browser = await launch(executable)
  try {
    const page = await browser.newPage({ viewport: size, reducedMotion: 'reduce' })
    // Its fonts and its telemetry; nothing of a test leaves the machine.
    await page.route(/^https:/, (route) => route.abort())
    await page.goto(url)
    await openChannel(page)
    return pageOf(page, folder, browser)
  } catch (error) {
    await browser.close()
    throw error
  }
}

/** Narrower, the Playground hides the list of channels. */
const usual = { width: 1280, height: 1060 }

async function launch(executable: string | undefined): Promise<Browser> {
  try {
    return await chromium.launch({
      executablePath: executable ?? (await chromiumBinary.executablePath()),
      args: [...chromiumBinary.args, '--no-sandbox', '--disable-gpu'],
    })
  } catch (error) {
    throw new BrowserError(`${unavailable} ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`, {
      cause: error,
    })
  }
}

const unavailable =
  'Chromium could not be started. npm ci brings one for Linux (@sparticuz/chromium); elsewhere, name a Chrome or Chromium ' +
  'in CHROME_PATH.'

async function openChannel(page: Page): Promise<void> {
  await page.getByText(channel.name, { exact: true }).first().click()
  await page.getByText('Start a new post').waitFor()
  await page.locator('button:right-of(:text("Log Panel"))').last().click()
  await page.getByText('Log Panel').waitFor({ state: 'hidden' })
}

function pageOf(page: Page, folder: string, browser: Browser): ChatPage {
  return {
    press: async (request, button, comment) => {
      const card = cardOf(page, request)
      await card.waitFor()
      if (comment !== undefined) await type(page, card.locator('textarea'), comment)
      await card.getByRole('button', { name: button, exact: true }).click()
    },
    shows: (request, text) => postOf(page, request).getByText(text).first().waitFor(),
    buttons: (request) => cardOf(page, request).getByRole('button').allInnerTexts(),
    picture: async (name) => {
      await page.screenshot({ path: path.join(folder, `${name}.png`) })
    },
    close: () => browser.close(),
  }
}

function cardOf(page: Page, request: string): Locator {
  return page.locator('.ac-adaptiveCard', { hasText: request }).last()
}

/** The post that holds the card, with what the Playground writes below it. */
function postOf(page: Page, request: string): Locator {
  return page
    .locator('div')
    .filter({ has: cardOf(page, request) })
    .filter({ hasText: 'Countersign' })
    .last()
}

/** The Playground draws a card anew while somebody types, and forgets then what was put in at once or a moment ago. */
const settleMs = 800

async function type(page: Page, input: Locator, comment: string): Promise<void> {
  await input.click()
  await input.pressSequentially(comment, { delay: 10 })
  await page.waitForTimeout(settleMs)
  const typed = await input.inputValue()
  if (typed !== comment) throw new Error(`the page lost what was typed: "${typed}" is left of "${comment}"`)
}
