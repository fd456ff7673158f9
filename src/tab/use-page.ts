import { useEffect, useState } from 'react'
import { routeOf } from './route.ts'
import type { Route } from './route.ts'

/** What the address asks for, now and whenever it changes. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const changed = (): void => setHash(location.hash)
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return routeOf(hash)
}

const tickMs = 1_000

/** The gateway's time, which passes. `ahead`: by how much its clock is ahead of ours, in milliseconds. */
export function useNow(ahead: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [])
  return now + ahead
}
