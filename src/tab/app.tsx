import {
  FluentProvider,
  MessageBar,
  MessageBarBody,
  teamsDarkTheme,
  teamsHighContrastTheme,
  teamsLightTheme,
} from '@fluentui/react-components'
import { useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import type { Client } from './client.ts'
import { Inbox } from './inbox.tsx'
import { Mark } from './mark.tsx'
import { Request } from './request.tsx'
import { inboxHref } from './route.ts'
import { themeNamed } from './session.ts'
import type { Host, ThemeName } from './session.ts'
import { useNow, useRoute } from './use-page.ts'
import { useView } from './use-view.ts'
import type { Seen } from './use-view.ts'
import { Waiting } from './waiting.tsx'

const themes = { default: teamsLightTheme, dark: teamsDarkTheme, contrast: teamsHighContrastTheme }

export type AppProps = { readonly client: Client; readonly host: Host; readonly theme: ThemeName }

/** The tab: the list, or one request, kept as it is in the cluster. */
export function App({ client, host, theme: first }: AppProps): ReactNode {
  const [theme, setTheme] = useState(first)
  useEffect(() => host.onTheme((told) => setTheme(themeNamed(told))), [host])
  const { name } = useRoute()
  const seen = useView(client, name)
  return (
    <FluentProvider theme={themes[theme]} className={`page ${theme}`}>
      <header className="top">
        <Mark size={24} />
        <span className="top-name">Countersign</span>
        <span className="top-me">{seen.view?.me}</span>
      </header>
      {seen.problem !== '' && (
        <MessageBar intent="warning" className="bar" politeness="polite">
          <MessageBarBody>
            {seen.problem} {seen.view !== undefined && 'What you see may be old.'}
          </MessageBarBody>
        </MessageBar>
      )}
      <main>
        <Shown seen={seen} client={client} name={name} />
      </main>
    </FluentProvider>
  )
}

type ShownProps = { readonly seen: Seen; readonly client: Client; readonly name: string | undefined }

function Shown({ seen, client, name }: ShownProps): ReactNode {
  const now = useNow(seen.ahead)
  const last = useRef<string | undefined>(undefined)
  const drafts = useRef(new Map<string, string>())
  useEffect(() => {
    if (name !== undefined) last.current = name
  }, [name])
  if (seen.view === undefined) return seen.problem === '' ? <Waiting /> : <Back name={name} />
  if ('open' in seen.view) return <Inbox inbox={seen.view} now={now} last={last.current} />
  return (
    <Request key={name} request={seen.view} now={now} client={client} replace={seen.replace} drafts={drafts.current} />
  )
}

/** A way out of what cannot be shown. */
function Back({ name }: { readonly name: string | undefined }): ReactNode {
  return name === undefined ? null : (
    <p className="alone">
      <a href={inboxHref}>All requests</a>
    </p>
  )
}
