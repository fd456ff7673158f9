/** The themes of Teams. */
export type ThemeName = 'default' | 'dark' | 'contrast'

/** What Teams gives to a page that it shows. Each may hang for ever where there is no Teams. */
export type Host = {
  /** The page is shown by nobody: neither a frame around it nor a phone's Teams. */
  readonly alone: () => boolean
  readonly initialize: () => Promise<void>
  /** Hints alone: nothing in it is proven. `page`: what the link that led here is to open. */
  readonly context: () => Promise<{ readonly theme: string; readonly page: string | undefined }>
  /** A token of Entra for our API, for whoever is signed in to Teams. Teams keeps it until shortly before its end. */
  readonly token: () => Promise<string>
  readonly onTheme: (told: (theme: string) => void) => void
  /** The page stands: Teams takes its own waiting sign away. */
  readonly shown: () => void
}

export type Session = { readonly theme: ThemeName; readonly page: string | undefined }

/**
 * In a frame that is not Teams, teams-js gives up after a minute only; Teams itself answers in some milliseconds.
 */
const patienceMs = 3_000

/** Resolves with what Teams says; undefined when the page is not shown by Teams. `sleep` resolves after so many ms. */
export async function connect(host: Host, sleep: (ms: number) => Promise<void>): Promise<Session | undefined> {
  if (host.alone()) return undefined
  const greeted = greet(host).catch(() => undefined)
  return Promise.race([greeted, sleep(patienceMs).then(() => undefined)])
}

async function greet(host: Host): Promise<Session> {
  await host.initialize()
  const { theme, page } = await host.context()
  return { theme: themeNamed(theme), page }
}

/** An unknown theme, such as one of a later Teams, is shown as the light one. */
export function themeNamed(theme: string): ThemeName {
  return theme === 'dark' || theme === 'contrast' ? theme : 'default'
}
