import type { Admin } from './admin.ts'

/** An object as one writes it; the recorder knows its path from apiVersion and kind. */
export type Manifest = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

/** What the agent does. `fails` expects the tool to end with an error (a dial to a node that is not there, a lost write). */
export type Command =
  | {
      readonly tool: 'kubectl' | 'helm'
      readonly args: readonly string[]
      readonly input?: string
      readonly fails?: boolean
    }
  | { readonly tool: 'kubectl proxy'; readonly requests: readonly ProxiedRequest[] }
  | { readonly tool: 'new token' }
  | { readonly tool: 'pause'; readonly millis: number }

/** One plain HTTP request sent through `kubectl proxy`. */
export type ProxiedRequest = { readonly method: string; readonly path: string; readonly body?: unknown }

/** When another writer steps in: during or just after the first presentation, or when the first command has ended. */
type Moment = 'WhileHeldThenRefused' | 'WhileHeldThenAllowed' | 'BetweenSendings' | 'BetweenCommands'

/** How often an action is presented: exactly, or within bounds where it is the API server's affair. */
export type Times = number | readonly [atLeast: number, atMost: number]

/** Are these the sizes that were promised? */
export function isAsPromised(sizes: readonly number[], promised: readonly Times[]): boolean {
  return sizes.length === promised.length && promised.every((times, index) => isWithin(sizes[index] ?? 0, times))
}

function isWithin(size: number, times: Times): boolean {
  const [atLeast, atMost] = typeof times === 'number' ? [times, times] : times
  return size >= atLeast && size <= atMost
}

/**
 * One recorded scenario. `given` is created by the administrator, `before` is done by the agent unrecorded, then
 * `commands` are run with every review recorded.
 *
 * `groups` is what the scenario promises: how often each action is presented, in order of first appearance. The
 * recorder refuses to write a file that shows something else.
 */
export type Scenario = {
  readonly name: string
  readonly given?: readonly Manifest[]
  readonly prepare?: (admin: Admin) => Promise<void>
  readonly before?: readonly Command[]
  readonly commands: readonly Command[]
  readonly groups: readonly Times[]
  /** `EachActionOnce`: the first presentation of an action is refused. `FirstRun`: all presentations of the first command are. */
  readonly refuse?: 'EachActionOnce' | 'FirstRun' | 'Everything'
  /**
   * Which presentations are the same action: `Target`, all with one target. `UntilAllowed`, those up to the allowed one.
   * `Presentation`, each is one of its own, because the world changed in between. `Command`, those of one command.
   */
  readonly action?: 'Target' | 'UntilAllowed' | 'Presentation' | 'Command'
  readonly meanwhile?: { readonly moment: Moment; readonly write: (admin: Admin) => Promise<void> }
}

/** An agent's kubectl call; the objects go to its standard input as JSON documents. */
export function kubectl(args: readonly string[], ...objects: readonly Manifest[]): Command {
  return { tool: 'kubectl', args, ...inputOf(objects) }
}

/** The same, of a call that ends with an error after the review. */
export function failingKubectl(args: readonly string[], ...objects: readonly Manifest[]): Command {
  return { tool: 'kubectl', args, fails: true, ...inputOf(objects) }
}

function inputOf(objects: readonly Manifest[]): { readonly input?: string } {
  return objects.length === 0 ? {} : { input: objects.map((object) => JSON.stringify(object)).join('\n') }
}

/** The commands as a person would type them, one per line. */
export function commandText(commands: readonly Command[]): string {
  return commands.map(oneCommand).join('\n')
}

function oneCommand(command: Command): string {
  if (command.tool === 'new token') return '# with a new token of the same account'
  if (command.tool === 'pause') return `sleep ${command.millis / 1000}`
  if (command.tool === 'kubectl proxy') {
    return ['kubectl proxy &', ...command.requests.map(({ method, path }) => `curl -X ${method} ${path}`)].join('; ')
  }
  return [command.tool, ...command.args].map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
