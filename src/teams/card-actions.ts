import { approveTitle } from '../domain/approve-title.ts'
import type { Briefing } from '../domain/briefing.ts'
import type { CardAction, CardVerb, ExecuteAction } from './card-elements.ts'

/** What the buttons of a card lead to. `handle` names the request; it is opaque here. */
export type CardLinks = {
  readonly handle: string
  /** The request in the Countersign tab of Teams; undefined where no tab is set up. */
  readonly tabURL: string | undefined
}

/** How an approval is given: on the card, in the tab, or not from here. */
export type ApproveBy = 'Card' | 'Tab' | 'Elsewhere'

/** Who must sign in, and who was not shown everything, approves where he sees it; a denial is never harder than that. */
export function approveBy({ assurance, risk, operation }: Briefing, whole: boolean, links: CardLinks): ApproveBy {
  if (operation === undefined) return 'Elsewhere'
  if (whole && assurance === 'Card' && risk !== 'Critical') return 'Card'
  return links.tabURL === undefined ? 'Elsewhere' : 'Tab'
}

/** The buttons of an open request: the two that decide, then the rest behind the dots. */
export function openActions(briefing: Briefing, by: ApproveBy, links: CardLinks): readonly CardAction[] {
  const more: readonly CardAction[] = [
    secondary('changes', 'Ask for changes', links),
    secondary('comment', 'Comment', links),
    ...(by === 'Tab' ? [] : [{ ...secondary('record', 'Full record', links), associatedInputs: 'none' as const }]),
    ...(isDangerous(briefing) ? [secondary('pause', 'Pause agent', links)] : []),
  ]
  return [...approve(briefing, by, links), execute('deny', 'Deny', links), ...more]
}

/** The button of an approval that the agent has not used yet. */
export function takeBackAction(links: CardLinks): CardAction {
  return execute('takeBack', 'Take back', links)
}

function approve(briefing: Briefing, by: ApproveBy, links: CardLinks): readonly CardAction[] {
  if (by === 'Card') return [execute('approve', approveTitle(briefing), links)]
  if (by === 'Elsewhere' || links.tabURL === undefined) return []
  const title = needsSignIn(briefing) ? 'Open to approve (sign in)' : 'Open to approve (see all)'
  return [{ type: 'Action.OpenUrl', title, url: links.tabURL }]
}

/** Whether an approval needs more than a click, however much is shown. */
export function needsSignIn({ assurance, risk }: Briefing): boolean {
  return assurance === 'SignedIn' || risk === 'Critical'
}

function isDangerous({ risk }: Briefing): boolean {
  return risk === 'High' || risk === 'Critical'
}

function execute(verb: CardVerb, title: string, { handle }: CardLinks): ExecuteAction {
  return { type: 'Action.Execute', title, verb, data: { handle } }
}

function secondary(verb: CardVerb, title: string, links: CardLinks): ExecuteAction {
  return { ...execute(verb, title, links), mode: 'secondary' }
}
