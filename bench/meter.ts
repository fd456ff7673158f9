import { makeCollect } from './garbage.ts'

/** What costs are read from. CPU is that of the whole process: the garbage collector's and compiler's threads count. */
export type Meter = {
  readonly cpuMicros: () => number
  readonly wallMicros: () => number
  /** Collects the garbage that others have just left. */
  readonly clean: () => void
}

/** The meter of this process. */
export function makeMeter(): Meter {
  return {
    cpuMicros: () => {
      const { user, system } = process.cpuUsage()
      return user + system
    },
    wallMicros: () => performance.now() * 1000,
    clean: makeCollect().young,
  }
}
