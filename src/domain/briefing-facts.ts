import { isInteractive } from './effects-connect.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRequest, NotedVote, RequestedAction, SimilarRequest, Verdict } from './kinds.ts'
import { ago, moment } from './moment.ts'
import { isSaid, safe } from './safe-text.ts'
import { voteRefusals } from './vote-refusals.ts'

/** What kind of fact; the labels are ours, and they stand in this order. */
export const factLabels = [
  'Effect',
  'Asked because',
  'Risk because',
  'Agent says, unchecked',
  'Behind it',
  'Lately',
  'Votes',
] as const
type FactLabel = (typeof factLabels)[number]

/** One fact. `by`: who vouches for it; the API server and Countersign, nobody but the agent, or a person. */
export type Fact = { readonly label: FactLabel; readonly text: string; readonly by: 'Cluster' | 'Agent' | 'Person' }

/** The facts below the deed, in the order of {@link factLabels}; several of one label follow each other. */
export function factsOf(request: ApprovalRequest, computed: readonly string[], now: Instant): readonly Fact[] {
  const { spec } = request
  return [
    ...facts('Effect', effects(request, computed)),
    ...facts(
      'Asked because',
      spec.policies.map(({ name, message }) => because(name, message)),
    ),
    ...facts('Risk because', (spec.risk.reasons ?? []).map(safe)),
    { label: 'Agent says, unchecked', text: claimOf(request, now), by: 'Agent' },
    ...facts('Behind it', [people(request)]),
    ...lately(request, now),
    ...(request.status?.votes ?? []).map((vote) => voteFact(vote, now)),
  ]
}

function facts(label: FactLabel, texts: readonly string[]): readonly Fact[] {
  return texts.map((text) => ({ label, text, by: 'Cluster' }))
}

/** What the operator found around the target tells more than the request alone, and takes its place. */
function effects({ spec, status }: ApprovalRequest, computed: readonly string[]): readonly string[] {
  const found = (status?.context?.effects ?? []).map(safe)
  const unseen = status?.context === undefined ? ['What stands around the target was not looked at yet.'] : []
  return [...(found.length > 0 ? found : [...computed, ...unseen]), ...limits(spec.actions[0])]
}

function limits(action: RequestedAction | undefined): readonly string[] {
  if (action === undefined) return []
  return [
    ...(action.targetChecked === false ? ['The target was not compared with the live object.'] : []),
    ...(isInteractive(action) ? ['What will be typed is not known.'] : []),
  ]
}

function because(policy: string, message: string | undefined): string {
  return isSaid(message) ? `${safe(message)} (policy ${safe(policy)})` : `policy ${safe(policy)}`
}

function claimOf({ spec: { justification } }: ApprovalRequest, now: Instant): string {
  if (justification === undefined) return 'nothing'
  const { text, ticket, time } = justification
  const said = isSaid(text) ? [quoted(text)] : []
  const written = time === undefined ? [] : [ago(time, now)]
  return [...said, ...(isSaid(ticket) ? [safe(ticket)] : []), ...written].join(' · ')
}

/** Its own quotes are others, so that nobody ends the quotation but we. */
function quoted(text: string): string {
  return `"${safe(text).replaceAll('"', "'")}"`
}

function people({ spec: { requester, requirements } }: ApprovalRequest): string {
  const { owner, onBehalfOf, pod, agent, username } = requester
  const apart = (of: 'Owner' | 'OnBehalfOf'): string =>
    requirements.separation?.includes(of) === true ? ' (may not approve)' : ''
  return [
    isSaid(owner) ? `owner ${safe(owner)}${apart('Owner')}` : 'no owner is named',
    ...(isSaid(onBehalfOf) ? [`on behalf of ${safe(onBehalfOf)}${apart('OnBehalfOf')}`] : []),
    ...(pod === undefined ? [] : [`pod ${safe(pod.namespace)}/${safe(pod.name)}`]),
    // That of a service account says no more than the name of the agent.
    ...(username === `system:serviceaccount:${agent.replace('/', ':')}` ? [] : [safe(username)]),
  ].join(' · ')
}

function lately({ spec, status }: ApprovalRequest, now: Instant): readonly Fact[] {
  const { number, expiredTimes = [] } = spec.attempt
  const times = expiredTimes.map((time) => moment(time, now))
  const unanswered = times.length === 0 ? '' : `, nobody answered at ${times.join(', ')}`
  const again = number > 1 ? [`attempt ${number}${unanswered}`] : []
  const previous = spec.attempt.previous?.name
  const earlier = (status?.context?.similar ?? []).map((one) => similarFact(one, { previous, now }))
  return [...facts('Lately', again), ...earlier]
}

function similarFact(
  { name, summary, decision, decidedBy, decisionTime, comment }: SimilarRequest,
  { previous, now }: { readonly previous: string | undefined; readonly now: Instant },
): Fact {
  const by = isSaid(decidedBy) ? ` by ${safe(decidedBy)}` : ''
  const what = decision === undefined ? 'waiting' : `${decision}${by} ${moment(decisionTime, now)}`
  const same = name === previous ? 'the attempt before this one' : safe(summary)
  const words = isSaid(comment) ? `: ${quoted(comment)}` : ''
  return { label: 'Lately', text: `${same}: ${what}${words}`, by: words === '' ? 'Cluster' : 'Person' }
}

const deeds: Readonly<Record<Verdict, string>> = {
  Approve: 'approved',
  Deny: 'denied',
  RequestChanges: 'asked for changes',
  Comment: 'commented',
  Revoke: 'took back',
  Pause: 'paused the agent',
}

function voteFact({ person, verdict, time, comment, counted, refusal }: NotedVote, now: Instant): Fact {
  const words = isSaid(comment) ? `: ${quoted(comment)}` : ''
  const said = `${safe(person)} ${deeds[verdict]} ${moment(time, now)}${words}`
  return { label: 'Votes', text: counted ? said : `not counted: ${said} · ${whyNot(refusal)}`, by: 'Person' }
}

function whyNot(refusal = 'unknown'): string {
  const words: Readonly<Record<string, string>> = voteRefusals
  return Object.hasOwn(words, refusal) ? (words[refusal] ?? '') : safe(refusal)
}
