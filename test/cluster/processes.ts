import { readFileSync } from 'node:fs'

/** Whether a process runs. One that has ended and was not yet buried by its new parent does not. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^\d+ \(.*\) [ZX]/.test(stat)
  } catch {
    // No /proc (macOS), or it ended just now: asked again by whoever waits.
    return true
  }
}
