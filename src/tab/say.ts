import type { TabBallot, TabRequest } from '../app/tab-wire.ts'
import type { Verdict } from '../domain/kinds.ts'

/** As many characters as a vote holds. */
export const longestComment = 1024

/** What the buttons are called, but for the one that approves: that names the deed. */
const titles: Readonly<Record<Exclude<Verdict, 'Approve'>, string>> = {
  Deny: 'Deny',
  RequestChanges: 'Ask for changes',
  Comment: 'Comment',
  Pause: 'Deny and pause agent',
  Revoke: 'Take back',
}

export function titleOf(verdict: Verdict, { approveTitle }: Pick<TabRequest, 'approveTitle'>): string {
  return verdict === 'Approve' ? approveTitle : titles[verdict]
}

/** What the comment is called, by who needs one. The words are those of the card. */
export function commentLabel({ needWords }: Pick<TabRequest, 'needWords'>): string {
  if (needWords.includes('Approve')) return 'Comment (needed)'
  return needWords.includes('Deny') ? 'Comment (needed to deny)' : 'Comment'
}

/** Why this cannot be sent yet; undefined when it can. */
export function commentFault(
  verdict: Verdict,
  comment: string,
  asked: Pick<TabRequest, 'needWords'>,
): string | undefined {
  const length = Array.from(comment.trim()).length
  if (length > longestComment) return `The comment has ${length} characters; at most ${longestComment} can be sent.`
  return length === 0 && asked.needWords.includes(verdict) ? 'Please say why: the agent reads it.' : undefined
}

/** What is sent: bound to what was shown. `click`: made for this click alone. */
export function ballotOf(
  verdict: Verdict,
  { comment, click }: Pick<TabBallot, 'comment' | 'click'>,
  { briefing }: Pick<TabRequest, 'briefing'>,
): TabBallot {
  return { verdict, comment: comment.trim(), click, digest: briefing.digest, uid: briefing.request.uid }
}

/** Names clicks. The same words sent again after a failure are the same click: it may have come through. */
export type Clicks = {
  readonly nameOf: (verdict: Verdict, comment: string) => string
  /** The click was answered: the next one is another. */
  readonly answered: () => void
}

export function makeClicks(newName: () => string): Clicks {
  let last: { readonly said: string; readonly name: string } | undefined
  return {
    nameOf: (verdict, comment) => {
      const said = JSON.stringify([verdict, comment.trim()])
      if (last?.said !== said) last = { said, name: newName() }
      return last.name
    },
    answered: () => {
      last = undefined
    },
  }
}
