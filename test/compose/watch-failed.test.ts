import { expect, test } from '@jest/globals'
import type { Fact } from '../../src/app/fact.ts'
import { watchFailed } from '../../src/compose/watch-failed.ts'

test.each<[string, string | undefined, object]>([
  ['of many objects', undefined, { resource: 'secrets', cause: 'GET x: 403 Forbidden' }],
  ['of one object', 'countersign-tls', { resource: 'secrets', name: 'countersign-tls', cause: 'GET x: 403 Forbidden' }],
])('a failure of the watch %s is measured and logged', (_what, name, fields) => {
  const told: (Fact | object)[] = []
  const log = {
    debug: () => undefined,
    info: () => undefined,
    error: () => undefined,
    warn: (event: string, logged?: object) => void told.push({ event, ...logged }),
  }
  watchFailed({ log, measure: (fact) => void told.push(fact) }, 'secrets', name)(new Error('GET x: 403 Forbidden'))
  expect(told).toEqual([
    { fact: 'WatchFailed', resource: 'secrets' },
    { event: 'WatchFailed', ...fields },
  ])
})
