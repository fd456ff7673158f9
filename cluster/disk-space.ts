import { stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { ClusterError } from './problem.ts'

/** Something that will be written: where, and how much at most, in bytes. */
export type SpaceNeed = { readonly folder: string; readonly bytes: number }

/** Free bytes of the file system that holds an existing folder, and a number that identifies that file system. */
export type FreeSpace = (folder: string) => Promise<{ readonly device: number; readonly bytes: number }>

/** Asks the operating system. */
export const freeSpace: FreeSpace = async (folder) => {
  const [{ dev }, { bavail, bsize }] = await Promise.all([stat(folder), statfs(folder)])
  return { device: dev, bytes: bavail * bsize }
}

/** Throws `NoSpace` when a file system has less room than what will be written to it altogether. */
export async function checkSpace(needs: readonly SpaceNeed[], ask: FreeSpace = freeSpace): Promise<void> {
  const systems = new Map<number, { folders: string[]; needed: number; free: number }>()
  for (const need of needs) {
    const { device, bytes: free } = await nearest(need.folder, ask)
    const system = systems.get(device) ?? { folders: [], needed: 0, free }
    system.folders.push(need.folder)
    system.needed += need.bytes
    systems.set(device, system)
  }
  for (const { folders, needed, free } of systems.values()) {
    if (free >= needed) continue
    throw new ClusterError(
      'NoSpace',
      `the build needs ${gigabytes(needed)} of disk, ${gigabytes(free)} are free under ${folders.join(', ')} (GOMODCACHE, GOCACHE, GOTMPDIR and XDG_CACHE_HOME choose other places)`,
    )
  }
}

/** The folder may not exist yet: then what matters is where it will be made. */
async function nearest(folder: string, ask: FreeSpace): ReturnType<FreeSpace> {
  try {
    return await ask(folder)
  } catch (error) {
    const parent = path.dirname(folder)
    if (parent === folder) throw error
    return nearest(parent, ask)
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
