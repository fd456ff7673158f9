import { JSDOM } from 'jsdom'
import type { PageElement } from 'jsdom'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A click, as the renderer hands it over: what a client would send. */
type Clicked = { readonly verb: string; readonly data: Readonly<Record<string, unknown>> }

/** A card as a client that we did not write shows it. */
export type Drawn = {
  /** What the renderer complains of while it reads the card. */
  readonly complaints: readonly string[]
  readonly root: PageElement
  /** Text of the element and all within. */
  readonly text: string
  /** The words on the buttons, those behind the dots as well. */
  readonly buttons: readonly string[]
  /** Types a comment, presses the button of these words, and tells what would be sent. */
  readonly press: (title: string, comment?: string) => Clicked | undefined
}

type Renderer = {
  readonly AdaptiveCard: (new () => RenderedCard) & {
    onProcessMarkdown: (text: string, result: { didProcess: boolean; outputHtml: string }) => void
  }
  readonly SerializationContext: new (version: unknown) => {
    readonly eventCount: number
    readonly getEventAt: (index: number) => { readonly message: string }
  }
  readonly Versions: { readonly v1_5: unknown }
}
type RenderedCard = {
  parse: (card: unknown, context: unknown) => void
  render: () => PageElement | undefined
  onExecuteAction: (action: unknown) => unknown
}

const require = createRequire(import.meta.url)
const page = new JSDOM('<!doctype html><body></body>', { runScripts: 'outside-only' })
// The main file of the package is no module that Node could read; this one is for pages.
page.window.eval(readFileSync(require.resolve('adaptivecards/dist/adaptivecards.js'), 'utf8'))
const { AdaptiveCards: renderer } = page.window as unknown as { readonly AdaptiveCards: Renderer }

// jsdom lays nothing out and has no innerText; the renderer sets it.
Object.defineProperty(page.window.HTMLElement.prototype, 'innerText', {
  get(this: { textContent: string }) {
    return this.textContent
  },
  set(this: { textContent: string }, text: string) {
    this.textContent = text
  },
})

/** As much Markdown as clients understand in a TextBlock: what is bold, and what is a link. */
renderer.AdaptiveCard.onProcessMarkdown = (text, result) => {
  const html = text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
  result.outputHtml = html.replace(/\*\*(.+?)\*\*/g, '<b>$1</b>').replace(/\[(.+?)\]\((.+?)\)/g, '<a href="$2">$1</a>')
  result.didProcess = true
}

/** Draws the card by `adaptivecards`, Microsoft's renderer for web pages. */
export function drawn(card: unknown): Drawn {
  const { document } = page.window
  const made = new renderer.AdaptiveCard()
  const context = new renderer.SerializationContext(renderer.Versions.v1_5)
  // The renderer takes every second good language for a bad one: its pattern goes on where it stopped before.
  made.parse({ ...Object(card), lang: undefined }, context)
  const complaints = Array.from({ length: context.eventCount }, (_event, index) => context.getEventAt(index).message)
  const root = made.render()
  if (root === undefined) throw new Error('nothing was drawn')
  document.body.replaceChildren(root)
  const text = root.textContent
  const pressed: unknown[] = []
  made.onExecuteAction = (action) => pressed.push(action)
  const more = root.querySelector('button[aria-label="More options"]')
  const buttonsNow = (): readonly PageElement[] => {
    if (document.querySelector('.ac-ctrl-popup-container') === null) more?.click()
    return [...document.querySelectorAll('button, .ac-ctrl-dropdown-item')].filter((one) => one !== more)
  }
  const press = (title: string, comment?: string): Clicked | undefined => {
    const field = root.querySelector('textarea')
    if (comment !== undefined && field !== null) typed(field, comment)
    const button = buttonsNow().find((one) => one.textContent === title)
    button?.click()
    // What stands behind the dots listens to this alone.
    button?.dispatchEvent(new page.window.MouseEvent('mouseup'))
    const action = pressed.at(-1)
    return action === undefined ? undefined : { verb: Object(action).verb, data: Object(action).data }
  }
  return { complaints, root, text, buttons: buttonsNow().map((one) => one.textContent), press }
}

function typed(field: PageElement, text: string): void {
  field.value = text
  field.dispatchEvent(new page.window.Event('input', { bubbles: true }))
}
