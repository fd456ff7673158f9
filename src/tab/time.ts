const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const

/** `3 min`, `45 s`, rounded down; never below zero. */
function span(ms: number): string {
  const [size, unit] = units.find(([least]) => ms >= least) ?? [1_000, 's']
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`
}

/** `3 min ago`; empty for what is no time. */
export function ago(time: string, now: number): string {
  const then = Date.parse(time)
  return Number.isNaN(then) ? '' : `${span(now - then)} ago`
}

/** `12 min left`, `over`; below two minutes in seconds. */
export function left(time: string, now: number): string {
  const ms = Date.parse(time) - now
  if (Number.isNaN(ms)) return ''
  if (ms <= 0) return 'over'
  return ms < 120_000 ? `${Math.floor(ms / 1_000)} s left` : `${span(ms)} left`
}

/** Less than two minutes are left. */
export function isUrgent(time: string, now: number): boolean {
  return Date.parse(time) - now < 120_000
}

/** `10:24`, and the day where it is another one than today; in the time zone of the screen. */
export function clock(time: string, now: number): string {
  const then = new Date(time)
  if (Number.isNaN(then.getTime())) return ''
  const hour = then.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  const isToday = then.toDateString() === new Date(now).toDateString()
  return isToday ? hour : `${then.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${hour}`
}
