import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { choosePort } from '../../cluster/port.ts'
import { makeServerProcess } from '../../cluster/server-process.ts'
import type { CardNode } from './messages.ts'
import { playgroundConfig } from './people.ts'
import type { PersonKey } from './people.ts'

/** Fetched by npm when it is needed, and by nobody else: its licence allows evaluating, so it is no dependency. */
const playgroundPackage = '@microsoft/m365agentsplayground@0.2.28'

/** A running Microsoft 365 Agents Playground: a Teams client that we did not write. */
export type Playground = {
  /** Origin; its page is there too. */
  readonly url: string
  /** The bot is put into the conversation, of which the Playground tells it. */
  readonly install: (conversationID: string) => Promise<void>
  /** A member clicks on a card; resolves with what the member is shown. */
  readonly invoke: (click: InvokedClick) => Promise<ClickAnswer>
  readonly stop: () => Promise<void>
}

type InvokedClick = {
  /** The Playground's id of the member. */
  readonly from: string
  readonly conversationID: string
  readonly messageID: string
  readonly action: object
}

/** As in the answer of a bot to an invoke: a card, a sentence, or an error with a message. */
export type ClickAnswer = { readonly type: string; readonly value: CardNode | string }

/** There is no Playground, for a reason that a person can do something about. */
export class PlaygroundError extends Error {
  override readonly name = 'PlaygroundError'
}

export type PlaygroundOptions = {
  /** Where its configuration, its log and whatever it writes go. */
  readonly folder: string
  /** Where it sends what people do, and by which URL the bot answers. */
  readonly appEndpoint: string
  readonly serviceURL: string
  /** Who sits before its page. */
  readonly current: PersonKey
  /** What npm needs of it is handed on, and nothing else. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** npm may have to fetch 15 MB before. */
const readyTimeoutMs = 120_000

/**
 * Starts it. It ends with this process, whatever happens. Rejects with a PlaygroundError when npm cannot fetch it, or it
 * does not come up.
 */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const folder = path.join(options.folder, 'playground')
  await mkdir(folder)
  const config = path.join(folder, 'members.yml')
  await writeFile(config, playgroundConfig(options.current))
  const port = await choosePort()
  const url = `http://127.0.0.1:${port}`
  const stopped = new AbortController()
  const server = makeServerProcess({
    command: 'npm',
    args: argumentsOf(options, port),
    env: { ...npmEnvironment(options.env), M365_AGENTS_PLAYGROUND_CONFIG_PATH: config, TEAMSAPPTESTER_BROWSER: 'none' },
    folder,
    isReady: async () => (await fetch(`${url}/_debug/ping`)).ok,
    readyTimeoutMs,
    signal: stopped.signal,
  })
  await server.start().catch((error: unknown) => {
    throw new PlaygroundError(`${unavailable} ${firstCause(error)}`, { cause: error })
  })
  return {
    url,
    install: async (id) => void (await post(`${url}/_debug/conversation/${encodeURIComponent(id)}/installation`, {})),
    invoke: (click) => invoke(url, click),
    stop: async () => {
      stopped.abort()
      await server.kill()
    },
  }
}

const unavailable =
  'The Microsoft 365 Agents Playground, which is the Teams client here, could not be started. npm fetches it from the ' +
  `registry when it is needed (${playgroundPackage}); without a way to the registry, or with Node older than 20, it cannot.`

/** npm tells the cause first, and then at length where it came from. */
function firstCause(error: unknown): string {
  const lines = error instanceof Error ? error.message.split('\n') : []
  return lines.find((line) => line.startsWith('npm error')) ?? lines[0] ?? ''
}

function argumentsOf({ appEndpoint, serviceURL }: PlaygroundOptions, port: number): readonly string[] {
  const start = ['start', '-e', appEndpoint, '-c', 'msteams', '--disable-telemetry', '-p', String(port)]
  const fetched = ['exec', '--yes', '--fetch-retries=1', `--package=${playgroundPackage}`, '--', 'agentsplayground']
  return [...fetched, ...start, '--service-url', serviceURL]
}

/** The Playground hands what it is configured with to its telemetry, so it gets no environment with secrets in it. */
function npmEnvironment(env: PlaygroundOptions['env']): Readonly<Record<string, string | undefined>> {
  const wanted = /^(?:PATH|HOME|TMPDIR|XDG_CACHE_HOME|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|npm_config_\w+)$/i
  return Object.fromEntries(Object.entries(env).filter(([name]) => wanted.test(name)))
}

async function invoke(url: string, click: InvokedClick): Promise<ClickAnswer> {
  const { from, conversationID, messageID, action } = click
  const answer = await post(`${url}/_conversation/v1/invoke`, {
    name: 'adaptiveCard/action',
    from: { id: from },
    conversation: { id: conversationID },
    replyToId: messageID,
    value: { action },
  })
  const shown: ClickAnswer = JSON.parse(await answer.text())
  return shown
}

async function post(url: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (answer.ok) return answer
  throw new Error(`the Playground answers ${answer.status} to ${new URL(url).pathname}: ${await answer.text()}`)
}
