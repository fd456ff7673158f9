/**
 * As much of jsdom as the tests of cards use. Its own types bring the DOM library of browsers into every file of the
 * project, where Node's cryptography has types of the same names.
 */
declare module 'jsdom' {
  export type PageElement = {
    readonly textContent: string
    readonly innerHTML: string
    value: string
    readonly click: () => void
    readonly dispatchEvent: (event: unknown) => void
    readonly replaceChildren: (...elements: readonly PageElement[]) => void
    readonly querySelector: (selector: string) => PageElement | null
    readonly querySelectorAll: (selector: string) => Iterable<PageElement>
    readonly getAttribute: (name: string) => string | null
  }

  type PageEvent = new (name: string, options?: { readonly bubbles: boolean }) => unknown

  export class JSDOM {
    constructor(html: string, options?: { readonly runScripts: 'outside-only' })
    readonly window: {
      readonly eval: (script: string) => void
      readonly document: PageElement & { readonly body: PageElement }
      readonly HTMLElement: { readonly prototype: object }
      readonly Event: PageEvent
      readonly MouseEvent: PageEvent
    }
  }
}
