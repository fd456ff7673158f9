import type { Deed, Told } from './effects.ts'
import type { RequestedAction } from './kinds.ts'
import { elementsOf, partAt, scalarAt } from './printed-yaml.ts'

/** What a connection into a pod, or through the API server, lets the agent do. */
export function connectEffects(deed: Deed): Told {
  switch (deed.action.resource.subresource) {
    case 'exec':
      return exec(deed)
    case 'attach':
      return { details: [], effects: ['Joins what runs in the container already.', typing(deed), output] }
    case 'portforward':
      return portForward(deed)
    case 'proxy':
      return proxy(deed)
    default:
      return { details: [], effects: ['Effect not computed.'] }
  }
}

const output = 'Output goes to the agent; Countersign neither sees nor limits it.'

function exec(deed: Deed): Told {
  const command = commandOf(deed)
  const detailed = command.length > 0
  const read =
    command.length > 0 ? ['Whether the command only reads cannot be checked.'] : ['The command is not known.']
  return {
    details: command.map((text) => ({ label: '', text })),
    detailed,
    effects: [`Runs once. ${typing(deed)}`, output, ...read],
  }
}

/**
 * The whole command, an argument a line; an argument that has lines of its own shows where they end. One that begins with a
 * quotation mark is quoted as well, so that no two come out the same.
 */
function commandOf({ document }: Deed): readonly string[] {
  const words = elementsOf(partAt(document, 'command'))
  const texts = words.flatMap((word) => (typeof word === 'string' ? [word] : []))
  return texts.map((text) => (text === '' || /^[\s"]|\s$|\n/.test(text) ? JSON.stringify(text) : text))
}

/** Whether the agent can go on typing into what it connects to. */
export function isInteractive({ connect }: RequestedAction): boolean {
  return connect?.stdin === true || connect?.tty === true
}

function typing({ action }: Deed): string {
  return isInteractive(action) ? 'The agent can type into it.' : 'No typing afterwards (no stdin, no terminal).'
}

function portForward({ document }: Deed): Told {
  const ports = elementsOf(partAt(document, 'ports')).flatMap((port) => (typeof port === 'string' ? [port] : []))
  const which =
    ports.length === 0 ? 'ports of the pod; which ones is not known' : `ports ${ports.join(', ')} of the pod`
  return { details: [], effects: [`The agent reaches ${which}.`, 'What it sends there is not seen and not limited.'] }
}

function proxy({ document }: Deed): Told {
  const path = scalarAt(document, 'path')
  return {
    details: path === undefined ? [] : [{ label: 'path', text: path }],
    effects: ['The agent sends a request through the API server to it.', 'What the request does is not known.'],
  }
}
