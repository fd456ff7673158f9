import { afterAll } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** Makes temporary folders that are removed after the file's tests. */
export function scratchFolders(): () => Promise<string> {
  const made: string[] = []
  afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))))
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cs-test-'))
    made.push(folder)
    return folder
  }
}

/** Waits until the question is answered with true; fails after the limit with what was waited for. */
export async function until(what: string, ask: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const limit = AbortSignal.timeout(limitMs)
  while (!(await ask())) {
    if (limit.aborted) throw new Error(`not within ${limitMs} ms: ${what}`)
    await wait(20)
  }
}

/** What a promise was rejected with; fails when it was not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('was not rejected')
}
