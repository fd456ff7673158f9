import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that a test may fill, and that is gone afterwards. */
export type Scratch = {
  readonly path: (name: string) => string
  readonly write: (name: string, text: string) => Promise<string>
  /** Writes a program that can be run. */
  readonly writeProgram: (name: string, script: string) => Promise<string>
  readonly remove: () => Promise<void>
}

export async function makeScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'))
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  return {
    path: (name) => join(folder, name),
    write,
    writeProgram: async (name, script) => {
      const file = await write(name, `#!/bin/sh\n${script}\n`)
      await chmod(file, 0o700)
      return file
    },
    remove: () => rm(folder, { recursive: true }),
  }
}
