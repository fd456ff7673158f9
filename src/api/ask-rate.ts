import type { CallRate } from '../app/call-rate.ts'

/**
 * How fast one person may ask. One tab asks twice a second at most, for changes and then for what it shows, and only while
 * something changes all the time; the burst is for a person who opens many pages. Whoever is told "too often" waits longer
 * each time.
 */
export const askRate: CallRate = { burst: 60, perSecond: 3 }
