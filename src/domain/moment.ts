import { parseInstant } from './instant.ts'
import type { Instant } from './instant.ts'
import { timestamp } from './request.ts'

/** `10:35Z` on the day of `now`, else with the date; what is no time is said to be unknown. */
export function moment(time: string | undefined, now: Instant): string {
  const instant = parseInstant(time ?? '')
  if (instant === undefined) return 'unknown time'
  const text = timestamp(instant)
  const today = timestamp(now).slice(0, 10)
  const clock = `${text.slice(11, 16)}Z`
  return text.startsWith(today) ? clock : `${text.slice(0, 10)} ${clock}`
}

const steps = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
  [1, 's'],
] as const

/** `45s`, `12m`, `3h`, `2d`; rounded down, never below zero. */
export function age(time: string | undefined, now: Instant): string {
  const instant = parseInstant(time ?? '')
  if (instant === undefined) return '?'
  const seconds = Math.max(0, Math.floor((now - instant) / 1000))
  const [size, unit] = steps.find(([step]) => seconds >= step) ?? [1, 's']
  return `${Math.floor(seconds / size)}${unit}`
}

const words = { s: 's', m: 'min', h: 'h', d: 'd' } as const

/** `45 s ago`, `2 min ago`, `3 h ago`, `2 d ago`. */
export function ago(time: string | undefined, now: Instant): string {
  const text = age(time, now)
  const step = steps.find(([, letter]) => text.endsWith(letter))
  return step === undefined ? 'at an unknown time' : `${text.slice(0, -1)} ${words[step[1]]} ago`
}

/** `15 min`, `40 s`, rounded down; undefined when the time is over. */
export function timeLeft(time: string, now: Instant): string | undefined {
  const seconds = Math.floor(((parseInstant(time) ?? now) - now) / 1000)
  if (seconds <= 0) return undefined
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`
}
