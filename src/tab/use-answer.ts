import { useRef, useState } from 'react'
import type { TabRequest, TabVoted } from '../app/tab-wire.ts'
import type { Verdict } from '../domain/kinds.ts'
import { isProblem } from './client.ts'
import type { Client } from './client.ts'
import { ballotOf, commentFault, makeClicks } from './say.ts'

export type AnswerProps = {
  readonly request: TabRequest
  readonly client: Client
  readonly replace: (request: TabRequest) => void
  /** What was written and not sent yet, by the name of the request. */
  readonly drafts: Map<string, string>
}

/** What became of the last click, in words. */
export type Told = { readonly intent: 'success' | 'warning' | 'error'; readonly words: string }

const intents: Readonly<Record<TabVoted['outcome'], Told['intent']>> = {
  Counted: 'success',
  Recorded: 'success',
  AlreadyDecided: 'warning',
  Refused: 'warning',
}

export type Answering = {
  readonly comment: string
  readonly write: (comment: string) => void
  readonly fault: string | undefined
  /** What is on its way. */
  readonly sending: Verdict | undefined
  readonly told: Told | undefined
  readonly send: (verdict: Verdict) => void
}

/** An answer while it is written and sent, one at a time. */
export function useAnswer({ request, client, replace, drafts }: AnswerProps): Answering {
  const { name } = request.briefing.request
  const [comment, setComment] = useState(drafts.get(name) ?? '')
  const [fault, setFault] = useState<string>()
  const [sending, setSending] = useState<Verdict>()
  const [told, setTold] = useState<Told>()
  const clicks = useRef(makeClicks(() => crypto.randomUUID()))

  const write = (text: string): void => {
    drafts.set(name, text)
    setComment(text)
    setFault(undefined)
  }
  const cast = async (verdict: Verdict): Promise<void> => {
    const click = clicks.current.nameOf(verdict, comment)
    const answer = await client.vote(name, ballotOf(verdict, { comment, click }, request))
    setSending(undefined)
    if (isProblem(answer)) return setTold({ intent: 'error', words: answer.problem })
    clicks.current.answered()
    setTold({ intent: intents[answer.outcome], words: answer.words })
    if (answer.outcome === 'Counted' || answer.outcome === 'Recorded') write('')
    replace(answer.request)
  }
  const send = (verdict: Verdict): void => {
    if (sending !== undefined) return
    const found = commentFault(verdict, comment, request)
    setFault(found)
    setTold(undefined)
    if (found !== undefined) return
    setSending(verdict)
    void cast(verdict)
  }
  return { comment, write, fault, sending, told, send }
}
