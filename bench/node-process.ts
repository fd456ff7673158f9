import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

/**
 * Runs node with these arguments to its end and reads the numbers that it printed, as JSON. Rejects when it ends
 * otherwise than well, with what it said, or does not tell them all.
 */
export async function runNode<Field extends string>(
  args: readonly string[],
  fields: readonly Field[],
): Promise<Readonly<Record<Field, number>>> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(code)}: ${complaint}`)
  const told: Readonly<Record<Field, number>> = JSON.parse(out)
  const missing = fields.find((field) => !Number.isFinite(told[field]))
  if (missing !== undefined) throw new Error(`node ${args.join(' ')} did not tell ${missing}: ${out}`)
  return told
}

export type Server = { readonly greeting: string; readonly end: () => Promise<void> }

/** Starts node with these arguments, and waits for its first line. It has to end when its standard input does. */
export async function startNode(args: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const end = async (): Promise<void> => {
    child.stdin.end()
    await exited
  }
  let greeting = ''
  for await (const chunk of child.stdout) {
    greeting += String(chunk)
    if (greeting.includes('\n')) return { greeting: greeting.trim(), end }
  }
  throw new Error(`node ${args.join(' ')} ended before it was ready`)
}

/** A process that is told things, a line each. */
export type Talk = {
  readonly tell: (line: string) => void
  /** Tells it this, and resolves with the next line that it says. */
  readonly ask: (line: string) => Promise<string>
  readonly end: () => Promise<void>
}

/** Starts node with a script that says a line when it is ready, and ends when its standard input does. */
export async function startTalk(script: string): Promise<Talk> {
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${script} has ended`)
    return value
  }
  await next()
  const tell = (line: string): void => void child.stdin.write(`${line}\n`)
  return {
    tell,
    ask: (line) => {
      tell(line)
      return next()
    },
    end: async () => {
      child.stdin.end()
      await exited
    },
  }
}
