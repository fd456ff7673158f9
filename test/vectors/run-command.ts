import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import { until } from '../until.ts'
import type { Command, ProxiedRequest } from './scenario.ts'

/** The control plane's own tools, run with the agent's kubeconfig. */
export type Toolbox = {
  readonly plane: ControlPlane
  /** The path of the kubeconfig with the agent's present token. */
  kubeconfig(): string
  /** Gives the agent a fresh token. */
  renew(): Promise<void>
}

/** Runs one command to its end and returns what it printed; throws when it ends otherwise than expected. */
export async function runCommand(tools: Toolbox, command: Command): Promise<string> {
  if (command.tool === 'new token') {
    await tools.renew()
    return ''
  }
  if (command.tool === 'pause') {
    await delay(command.millis)
    return ''
  }
  if (command.tool === 'kubectl proxy') return throughProxy(tools, command.requests)
  const options = { kubeconfig: tools.kubeconfig(), cwd: import.meta.dirname, input: command.input }
  const { code, stdout, stderr } = await tools.plane[command.tool](command.args, options)
  const printed = stdout + stderr
  if ((code !== 0) === (command.fails === true)) return printed
  throw new Error(`${command.tool} ${command.args.join(' ')} ended with ${code}: ${printed}`)
}

async function throughProxy(tools: Toolbox, requests: readonly ProxiedRequest[]): Promise<string> {
  const socket = path.join(tools.plane.folder, `proxy-${randomUUID().slice(0, 8)}`)
  const ending = new AbortController()
  const args = ['proxy', `--unix-socket=${socket}`, '--reject-methods=^$', '--reject-paths=^$']
  const proxy = tools.plane.kubectl(args, { kubeconfig: tools.kubeconfig(), signal: ending.signal })
  try {
    await until('kubectl proxy listens', () => isListening(socket), 15_000)
    const answers: string[] = []
    for (const asked of requests) answers.push(await send(socket, asked))
    return answers.join('\n')
  } finally {
    ending.abort()
    await proxy
  }
}

function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect(socket)
    attempt.once('error', () => resolve(false))
    attempt.once('connect', () => {
      attempt.destroy()
      resolve(true)
    })
  })
}

function send(socketPath: string, { method, path: target, body }: ProxiedRequest): Promise<string> {
  const text = body === undefined ? '' : JSON.stringify(body)
  // Node frames a DELETE's body only when told its length.
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path: target, headers }, (answer) => {
      answer.resume()
      answer.on('error', reject)
      answer.on('end', () => resolve(`${method} ${target}: ${String(answer.statusCode)}`))
    })
    sent.on('error', reject)
    sent.end(text)
  })
}
