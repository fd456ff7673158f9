import type { ChannelReason } from '../domain/channel-reasons.ts'
import type { DecisionBasis, DecisionWord } from '../domain/kinds.ts'
import type { Reason } from '../domain/reasons.ts'

/** What happened, for the metrics. Durations are in seconds, as Prometheus wants them. */
export type Fact =
  | {
      readonly fact: 'Answered'
      /** `Approved`: let through by a grant. `Unreadable`: a body that is no review. */
      readonly answer: 'Allowed' | 'Approved' | 'Refused' | 'AskAgain' | 'Unavailable' | 'Unreadable'
      readonly reason?: Reason | undefined
      readonly seconds: number
    }
  | { readonly fact: 'Opened' }
  | { readonly fact: 'Held'; readonly seconds: number }
  | { readonly fact: 'Claimed'; readonly outcome: 'Claimed' | 'Lost' | 'RecordUnavailable'; readonly tries: number }
  | { readonly fact: 'VoteJudged'; readonly refusal: string | undefined }
  | {
      readonly fact: 'Decided'
      readonly decision: DecisionWord
      readonly basis: DecisionBasis
      /** From the opening to the decision. */
      readonly seconds: number
    }
  | { readonly fact: 'Settled'; readonly outcome: 'Executed' | 'NotObserved' | 'Unobservable' }
  | { readonly fact: 'Kept'; readonly keeper: string; readonly result: 'Done' | 'Failed'; readonly seconds: number }
  | { readonly fact: 'Alarm'; readonly alarm: string }
  | { readonly fact: 'WatchFailed'; readonly resource: string }
  | {
      readonly fact: 'Worked'
      readonly queue: string
      readonly result: 'Done' | 'Failed'
      readonly seconds: number
    }
  /** A card, or a word about it, was sent to a channel. `result`: Done, or why not. */
  | {
      readonly fact: 'Sent'
      readonly channel: string
      readonly what: 'Posted' | 'Updated' | 'Replied'
      readonly result: string
    }
  /** A channel does otherwise now; `reason` is that of its condition Ready. */
  | { readonly fact: 'ChannelChanged'; readonly channel: string; readonly reason: ChannelReason }
  /** Something that came from outside was not believed, or changed nothing, under a name of a closed list. */
  | { readonly fact: 'InboundRefused'; readonly from: 'Teams' | 'Tab'; readonly reason: string }
  /** A person clicked, and was told what became of it. */
  | { readonly fact: 'Clicked'; readonly from: 'Teams'; readonly outcome: string; readonly seconds: number }

export type Measure = (fact: Fact) => void

/** Values that are read when somebody asks for the metrics. */
export type Gauges = () => {
  /** Calls that are being held now, and how many may be. */
  readonly held?: number
  readonly slots?: number
  readonly undecided?: number
  /** Seconds since each watch was heard, by resource. */
  readonly silentSeconds?: Readonly<Record<string, number>>
  readonly queueDepth?: Readonly<Record<string, number>>
  /** By channel, on the replica that leads: 1 when cards can be delivered, else 0. */
  readonly channelReady?: Readonly<Record<string, number>>
  /** 1 while this replica leads. */
  readonly leading?: number
  /** When the certificate that is served ends, in seconds since 1970. */
  readonly certificateExpirySeconds?: number
}
