import { randomUUID } from 'node:crypto'
import { link, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'

export type LockOptions = {
  /** The lock's file; its folder exists. */
  readonly file: string
  /** Called once when another process holds the lock. */
  readonly onWait: (holder: string) => void
  /** Aborting ends the waiting with the signal's reason; the work has to see to itself. */
  readonly signal?: AbortSignal | undefined
}

const heartbeatMs = 5_000
const pollMs = 250
/** A holder touches its lock every five seconds; one that was silent for so long is gone (or was asleep: see below). */
const silentMs = 60_000

/**
 * Runs `work` while holding a lock between processes. The lock of a process that ended is taken over at once, that of
 * one that cannot be asked (another machine with the same home folder, a pid that is in use again) when it falls silent.
 *
 * Taking over is not airtight: two may believe to hold the lock after a holder was suspended for a minute. It saves
 * work and is no guard: what is built under it must be put in place atomically.
 */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  await acquire(options)
  const { file } = options
  const heartbeat = setInterval(() => void touch(file), heartbeatMs)
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    await rm(file, { force: true })
  }
}

async function acquire({ file, onWait, signal }: LockOptions): Promise<void> {
  const mine = `${file}.${randomUUID()}`
  await writeFile(mine, JSON.stringify({ pid: process.pid, host: hostname() }))
  try {
    let told = false
    while (!(await claim(mine, file))) {
      signal?.throwIfAborted()
      const holder = await readHolder(file)
      if (holder === undefined) continue
      if (await isStale(file, mine, holder)) {
        await rm(file, { force: true })
        continue
      }
      if (!told) onWait(`process ${holder.pid} on ${holder.host}`)
      told = true
      await wait(pollMs)
    }
  } finally {
    await rm(mine, { force: true })
  }
}

/** A hard link appears whole and only where nothing was: nobody ever reads half a lock. */
async function claim(mine: string, file: string): Promise<boolean> {
  try {
    await link(mine, file)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

type Holder = { readonly pid: number; readonly host: string }

/** A lock that is not of our making: stale when it falls silent. */
const unknownHolder: Holder = { pid: 0, host: '' }

async function readHolder(file: string): Promise<Holder | undefined> {
  const content = await readFile(file, 'utf8').catch(() => undefined)
  if (content === undefined) return undefined
  const [, pid, host] = /^\{"pid":(\d+),"host":"(.*)"\}$/.exec(content) ?? []
  return pid === undefined || host === undefined ? unknownHolder : { pid: Number(pid), host }
}

async function isStale(file: string, mine: string, { pid, host }: Holder): Promise<boolean> {
  if (host === hostname() && !isAlive(pid)) return true
  // Compared by the file system's own clock, which both files share.
  await touch(mine)
  const [own, other] = await Promise.all([stat(mine), stat(file).catch(() => undefined)])
  return other !== undefined && own.mtimeMs - other.mtimeMs > silentMs
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

/** Writes the first byte again: moves the modification time by the file system's clock and changes nothing. */
async function touch(file: string): Promise<void> {
  const handle = await open(file, 'r+').catch(() => undefined)
  await handle?.write('{', 0)
  await handle?.close()
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
