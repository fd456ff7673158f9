import type { Surroundings } from './component.ts'

/** What a watch tells its failures to: each is measured, and logged without contents. `name`: of the one object, if so. */
export function watchFailed(
  { log, measure }: Pick<Surroundings, 'log' | 'measure'>,
  resource: string,
  name?: string,
): (error: unknown) => void {
  return (error) => {
    measure({ fact: 'WatchFailed', resource })
    const cause = error instanceof Error ? error.message : ''
    log.warn('WatchFailed', { resource, ...(name === undefined ? {} : { name }), cause })
  }
}
