import { Counter, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Fact, Measure } from '../app/fact.ts'

/** From half a millisecond, which an allowed call takes, to half a minute, which a held one may. */
const callSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30]

/** People take seconds to hours. */
const peopleSeconds = [1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]

/** What to do with a fact of each sort. */
type Counting = { readonly [Name in Fact['fact']]: (fact: Extract<Fact, { readonly fact: Name }>) => void }

/** Counts every fact. Its names and labels are an interface: docs/metrics.md lists them. */
export function makeFactMetrics(registry: Registry): Measure {
  const counting: Counting = {
    ...calls(registry),
    ...requests(registry),
    ...work(registry),
    ...chat(registry),
    ...sending(registry),
  }
  return (fact) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table has for each sort what takes that sort
    const count = counting[fact.fact] as (counted: Fact) => void
    count(fact)
  }
}

function counter(registry: Registry, name: string, rest: { readonly help: string; readonly labels?: string[] }) {
  return new Counter({ name, help: rest.help, labelNames: rest.labels ?? [], registers: [registry] })
}

type Shape = { readonly help: string; readonly labels?: string[]; readonly buckets: number[] }

function histogram(registry: Registry, name: string, { help, labels = [], buckets }: Shape) {
  return new Histogram({ name, help, labelNames: labels, buckets, registers: [registry] })
}

function calls(registry: Registry): Pick<Counting, 'Answered' | 'Opened' | 'Held' | 'Claimed'> {
  const answers = counter(registry, 'countersign_answers_total', {
    help: 'Answers to the API server. reason is empty but for refusals.',
    labels: ['answer', 'reason'],
  })
  const seconds = histogram(registry, 'countersign_answer_seconds', {
    help: 'From the arrival of a call to its answer, the time that it was held included.',
    labels: ['answer'],
    buckets: callSeconds,
  })
  const opened = counter(registry, 'countersign_requests_opened_total', { help: 'Requests that were opened.' })
  const held = histogram(registry, 'countersign_hold_seconds', {
    help: 'For how long calls were held while people decided.',
    buckets: callSeconds,
  })
  const claims = counter(registry, 'countersign_claims_total', {
    help: 'Uses of approvals that were tried.',
    labels: ['outcome'],
  })
  const tries = counter(registry, 'countersign_claim_tries_total', {
    help: 'Writes that these tries took; more than the claims where replicas race.',
  })
  return {
    Answered: ({ answer, reason = '', seconds: taken }) => {
      answers.inc({ answer, reason }, 1)
      seconds.observe({ answer }, taken)
    },
    Opened: () => opened.inc(),
    Held: (fact) => held.observe(fact.seconds),
    Claimed: (fact) => {
      claims.inc({ outcome: fact.outcome })
      tries.inc(fact.tries)
    },
  }
}

function requests(registry: Registry): Pick<Counting, 'VoteJudged' | 'Decided' | 'Settled'> {
  const votes = counter(registry, 'countersign_votes_judged_total', {
    help: 'Votes that were judged. refusal is empty for those that count.',
    labels: ['refusal'],
  })
  const decisions = counter(registry, 'countersign_decisions_total', {
    help: 'Decisions that were stored.',
    labels: ['decision', 'basis'],
  })
  const seconds = histogram(registry, 'countersign_decision_seconds', {
    help: 'From the opening of a request to its decision.',
    labels: ['decision'],
    buckets: peopleSeconds,
  })
  const outcomes = counter(registry, 'countersign_outcomes_total', {
    help: 'What was seen after an approval was used.',
    labels: ['outcome'],
  })
  return {
    VoteJudged: ({ refusal = '' }) => votes.inc({ refusal }),
    Decided: (fact) => {
      decisions.inc({ decision: fact.decision, basis: fact.basis })
      seconds.observe({ decision: fact.decision }, fact.seconds)
    },
    Settled: ({ outcome }) => outcomes.inc({ outcome }),
  }
}

function work(registry: Registry): Pick<Counting, 'Kept' | 'Alarm' | 'WatchFailed' | 'Worked'> {
  const kept = histogram(registry, 'countersign_keeper_seconds', {
    help: 'Rounds of the keepers.',
    labels: ['keeper', 'result'],
    buckets: callSeconds,
  })
  const alarms = counter(registry, 'countersign_alarms_total', {
    help: 'What a person has to look at, by its name in the log.',
    labels: ['alarm'],
  })
  const watches = counter(registry, 'countersign_watch_failures_total', {
    help: 'Watches that ended with an error; each was begun anew.',
    labels: ['resource'],
  })
  const worked = histogram(registry, 'countersign_work_seconds', {
    help: 'Keys of the work queues that were worked on.',
    labels: ['queue', 'result'],
    buckets: callSeconds,
  })
  return {
    Kept: ({ keeper, result, seconds }) => kept.observe({ keeper, result }, seconds),
    Alarm: ({ alarm }) => alarms.inc({ alarm }),
    WatchFailed: ({ resource }) => watches.inc({ resource }),
    Worked: ({ queue, result, seconds }) => worked.observe({ queue, result }, seconds),
  }
}

function chat(registry: Registry): Pick<Counting, 'InboundRefused' | 'Clicked'> {
  const refused = counter(registry, 'countersign_inbound_refused_total', {
    help: 'What came from outside and was not believed, or changed nothing.',
    labels: ['from', 'reason'],
  })
  const clicks = histogram(registry, 'countersign_click_seconds', {
    help: 'From the arrival of a click to its answer, the time until its decision was seen included.',
    labels: ['from', 'outcome'],
    buckets: callSeconds,
  })
  return {
    InboundRefused: ({ from, reason }) => refused.inc({ from, reason }),
    Clicked: ({ from, outcome, seconds }) => clicks.observe({ from, outcome }, seconds),
  }
}

function sending(registry: Registry): Pick<Counting, 'Sent' | 'ChannelChanged'> {
  const sent = counter(registry, 'countersign_deliveries_total', {
    help: 'Cards, and words about them, that were sent to a channel.',
    labels: ['channel', 'what', 'result'],
  })
  const changes = counter(registry, 'countersign_channel_changes_total', {
    help: 'Changes of how a channel does, by the reason that it has since.',
    labels: ['channel', 'reason'],
  })
  return {
    Sent: ({ channel, what, result }) => sent.inc({ channel, what, result }),
    ChannelChanged: ({ channel, reason }) => changes.inc({ channel, reason }),
  }
}
