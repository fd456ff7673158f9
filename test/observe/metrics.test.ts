import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { Fact, Gauges } from '../../src/app/fact.ts'
import { makeMetrics } from '../../src/observe/metrics.ts'
import type { Metrics } from '../../src/observe/metrics.ts'

const usage = () => ({ cpuSeconds: 1.5, residentBytes: 2048, heapBytes: 1024, startedSeconds: 1_900_000_000 })
const make = (): Metrics => makeMetrics({ version: '1.2.3', usage })

async function linesOf(metrics: Metrics, gauges: Gauges = () => ({})): Promise<readonly string[]> {
  return (await metrics.read(gauges)).text.split('\n')
}

describe('every fact is counted', () => {
  test.each<[Fact, readonly string[]]>([
    [
      { fact: 'Answered', answer: 'Refused', reason: 'ApprovalDenied', seconds: 0.0007 },
      [
        'countersign_answers_total{answer="Refused",reason="ApprovalDenied"} 1',
        'countersign_answer_seconds_bucket{le="0.0005",answer="Refused"} 0',
        'countersign_answer_seconds_bucket{le="0.001",answer="Refused"} 1',
      ],
    ],
    [
      { fact: 'Answered', answer: 'Allowed', seconds: 0.0001 },
      [
        'countersign_answers_total{answer="Allowed",reason=""} 1',
        'countersign_answer_seconds_bucket{le="0.0005",answer="Allowed"} 1',
      ],
    ],
    [{ fact: 'Opened' }, ['countersign_requests_opened_total 1']],
    [{ fact: 'Held', seconds: 20 }, ['countersign_hold_seconds_sum 20', 'countersign_hold_seconds_count 1']],
    [
      { fact: 'Claimed', outcome: 'Lost', tries: 3 },
      ['countersign_claims_total{outcome="Lost"} 1', 'countersign_claim_tries_total 3'],
    ],
    [{ fact: 'VoteJudged', refusal: undefined }, ['countersign_votes_judged_total{refusal=""} 1']],
    [{ fact: 'VoteJudged', refusal: 'NotInGroup' }, ['countersign_votes_judged_total{refusal="NotInGroup"} 1']],
    [
      { fact: 'Decided', decision: 'Approved', basis: 'Votes', seconds: 42 },
      [
        'countersign_decisions_total{decision="Approved",basis="Votes"} 1',
        'countersign_decision_seconds_sum{decision="Approved"} 42',
      ],
    ],
    [{ fact: 'Settled', outcome: 'NotObserved' }, ['countersign_outcomes_total{outcome="NotObserved"} 1']],
    [
      { fact: 'Kept', keeper: 'gate', result: 'Failed', seconds: 0.2 },
      ['countersign_keeper_seconds_count{keeper="gate",result="Failed"} 1'],
    ],
    [{ fact: 'Alarm', alarm: 'TagRemoved' }, ['countersign_alarms_total{alarm="TagRemoved"} 1']],
    [{ fact: 'WatchFailed', resource: 'leases' }, ['countersign_watch_failures_total{resource="leases"} 1']],
    [
      { fact: 'Worked', queue: 'requests', result: 'Done', seconds: 0.01 },
      ['countersign_work_seconds_count{queue="requests",result="Done"} 1'],
    ],
  ])('%j', async (fact, lines) => {
    const metrics = make()
    metrics.measure(fact)
    expect(await linesOf(metrics)).toEqual(expect.arrayContaining([...lines]))
  })

  test('in a registry of its own: another process in the same program counts for itself', async () => {
    const [one, other] = [make(), make()]
    one.measure({ fact: 'Opened' })
    expect(await linesOf(other)).toContain('countersign_requests_opened_total 0')
  })
})

describe('what is read when somebody asks', () => {
  test('is what the components say at that moment', async () => {
    let held = 1
    const metrics = make()
    const gauges: Gauges = () => ({
      held,
      slots: 12,
      undecided: 3,
      leading: 1,
      certificateExpirySeconds: 1_900_000_000,
      silentSeconds: { leases: 0.5 },
      queueDepth: { requests: 4 },
    })
    expect(await linesOf(metrics, gauges)).toEqual(
      expect.arrayContaining([
        'countersign_held_calls 1',
        'countersign_hold_slots 12',
        'countersign_undecided_requests 3',
        'countersign_leading 1',
        'countersign_certificate_expiry_timestamp_seconds 1900000000',
        'countersign_watch_silent_seconds{resource="leases"} 0.5',
        'countersign_queue_depth{queue="requests"} 4',
      ]),
    )
    held = 2
    expect(await linesOf(metrics, gauges)).toContain('countersign_held_calls 2')
  })

  test('is left out when nobody says it, also when it was said before', async () => {
    const metrics = make()
    await linesOf(metrics, () => ({ held: 1, silentSeconds: { leases: 1 } }))
    const lines = await linesOf(metrics)
    expect(lines.filter((line) => /^countersign_(held|watch_silent)/.test(line))).toEqual([])
  })

  test('has the version and the figures of the process', async () => {
    expect(await linesOf(make())).toEqual(
      expect.arrayContaining([
        'countersign_build_info{version="1.2.3"} 1',
        'process_cpu_seconds_total 1.5',
        'process_resident_memory_bytes 2048',
        'nodejs_heap_size_used_bytes 1024',
        'process_start_time_seconds 1900000000',
      ]),
    )
  })
})

describe('docs/metrics.md', () => {
  const documented = readFileSync('docs/metrics.md', 'utf8')
    .split('\n')
    .flatMap((line) => /^\| `([^`]+)`/.exec(line)?.[1] ?? [])

  test('lists every metric with its type and labels, and nothing else', async () => {
    const { text } = await make().read(() => ({}))
    const shown = [...text.matchAll(/^# TYPE (\S+) /gm)].map((found) => found[1] ?? '')
    expect(new Set(documented)).toEqual(new Set(shown))
    expect(documented).toHaveLength(shown.length)
  })
})
