import type { Briefing } from '../domain/briefing.ts'
import type { ApprovalRequestSpec, Time, Verdict } from '../domain/kinds.ts'
import type { Stand } from '../domain/stand.ts'

/**
 * What the gateway and the tab in Teams say to each other, as JSON: types alone, which both sides are checked against.
 * Every text is inert and masked; the tab shows it as text and as nothing else.
 */
export type TabInbox = {
  /** What everything was when this was made; a poll for changes takes it. */
  readonly version: string
  /** The gateway's clock, in milliseconds since 1970: ages are counted by it, not by that of the screen. */
  readonly now: number
  /** Who is signed in, by the name that Entra gives; for people to read. */
  readonly me: string
  /** Undecided: first what is this person's to answer, of those the highest risk, of those the oldest. */
  readonly open: readonly TabRow[]
  /** Decided lately, the newest first. */
  readonly decided: readonly TabRow[]
  /** How many undecided ones are not in the list, because it would be too long. */
  readonly left: number
}

/** A request in one line. */
export type TabRow = {
  readonly name: string
  readonly summary: string
  readonly agent: string
  /** `prod-eu1 · production`; empty where nothing is configured. */
  readonly place: string
  readonly risk: ApprovalRequestSpec['risk']['level']
  readonly stand: Stand
  /** `1 approval of approvers`, or `platform 1/1 · security 0/1`. */
  readonly needed: string
  readonly asked: Time
  readonly until: Time
  /** This person is one of those who are asked, or could be: nobody but Entra or Kubernetes knows all of the group. */
  readonly mine: boolean
  /** How it was decided, and what became of it; empty while nothing is decided. */
  readonly outcome: string
}

/** Everything about one request. */
export type TabRequest = {
  readonly version: string
  readonly now: number
  readonly me: string
  readonly briefing: Briefing
  readonly asked: Time
  readonly until: Time
  /** `Approve delete`. */
  readonly approveTitle: string
  /** What may be said of it now, by this person, the two that decide first. Empty: it can only be read. */
  readonly verdicts: readonly Verdict[]
  /** Those of them that need a comment. */
  readonly needWords: readonly Verdict[]
  /** Why this person may not say more; empty when nothing is known against it. */
  readonly barred: string
  readonly timeline: readonly TabEvent[]
  readonly votes: readonly TabVote[]
  /** The attempt before this one, or the last time that this agent asked something of this target. */
  readonly previous?: TabPrevious
}

/** Something that happened, or will. */
export type TabEvent = {
  readonly time: Time
  readonly text: string
  /** The words of a person; empty when there are none. */
  readonly words: string
  /** It lies in the future, and comes only if nothing else does. */
  readonly due: boolean
}

/** A vote as it was judged. */
export type TabVote = {
  readonly person: string
  readonly verdict: Verdict
  readonly time: Time
  readonly words: string
  /** Why it does not count, in a sentence; empty when it counts. */
  readonly uncounted: string
}

/** What was asked before, to be compared with what is asked now. */
export type TabPrevious = {
  readonly name: string
  readonly summary: string
  /** `CHANGES REQUESTED by Dana Roe 10:24Z`; empty while it is undecided. */
  readonly outcome: string
  /** The words of the person who decided it. */
  readonly words: string
  /** It asked for the very same action, to the last byte. */
  readonly same: boolean
  /** Its masked change. */
  readonly lines: readonly string[]
  /** Why there is no more of it; empty when it is whole. */
  readonly missing: string
}

/** How far changes have come: when the version is another one, something is new. */
export type TabChanges = { readonly version: string }

/** What a person says, as the tab sends it. */
export type TabBallot = {
  readonly verdict: Verdict
  readonly comment: string
  /** The digest and the uid of the request that was shown: what was not seen is not approved. */
  readonly digest: string
  readonly uid: string
  /** Made for this click: when it is sent again, it is the same click. 16 to 64 letters, digits and hyphens. */
  readonly click: string
}

/** What a vote has come to. `Recorded`: it is stored, and not judged yet. `AlreadyDecided`: nothing was stored. */
export type TabVoted = {
  readonly outcome: 'Counted' | 'Refused' | 'Recorded' | 'AlreadyDecided'
  /** What the person reads. */
  readonly words: string
  /** The request as it is after it. */
  readonly request: TabRequest
}

/** Every answer that is no answer. */
export type TabRefused = { readonly refusal: string; readonly words: string }
