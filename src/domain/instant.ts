/** A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored, as `Date.now()` gives it. */
export type Instant = number

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/** The instant that an RFC 3339 text names, to the millisecond; undefined for any other text. */
export function parseInstant(text: string): Instant | undefined {
  // oxlint-disable-next-line no-restricted-globals -- parsing reads no clock
  const instant = rfc3339.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(instant) ? undefined : instant
}
