import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { makeClient } from './client.ts'
import { Outside } from './outside.tsx'
import { hrefOfPage } from './route.ts'
import { connect } from './session.ts'
import { sleep } from './sleep.ts'
import { teams } from './teams-host.ts'
import { Waiting } from './waiting.tsx'

const place = document.querySelector('#root')
if (place !== null) void start(place)

async function start(element: Element): Promise<void> {
  const root = createRoot(element)
  root.render(<Waiting />)
  const session = await connect(teams, sleep)
  if (session === undefined) return root.render(<Outside search={location.search} />)
  if (location.hash === '') location.replace(hrefOfPage(session.page))
  const client = makeClient({ fetch: (path, init) => fetch(path, init), token: teams.token })
  root.render(<App client={client} host={teams} theme={session.theme} />)
  teams.shown()
}
