import { useEffect, useState } from 'react'
import type { TabInbox, TabRequest } from '../app/tab-wire.ts'
import { isProblem } from './client.ts'
import type { Client } from './client.ts'
import { follow } from './follow.ts'
import { sleep } from './sleep.ts'

/** What is known of what is to be shown. */
export type Seen = {
  /** Undefined until it was read. */
  readonly view: TabInbox | TabRequest | undefined
  /** Why it is not known, or no longer up to date; empty when it is. */
  readonly problem: string
  /** By how much the gateway's clock is ahead of ours, in milliseconds. */
  readonly ahead: number
  /** Puts a request as it was answered in place of what is shown. */
  readonly replace: (request: TabRequest) => void
}

type Known = Omit<Seen, 'replace'> & { readonly name: string | undefined }

const nothing = (name: string | undefined): Known => ({ name, view: undefined, problem: '', ahead: 0 })

/** The list, or the request of this name, read again whenever the gateway says that anything has changed. */
export function useView(client: Client, name: string | undefined): Seen {
  const [known, setKnown] = useState(() => nothing(name))
  const show = (view: TabInbox | TabRequest): void =>
    setKnown({ name, view, problem: '', ahead: view.now - Date.now() })

  useEffect(() => {
    const ended = new AbortController()
    const fail = (problem: string): undefined => {
      setKnown((was) => ({ ...(was.name === name ? was : nothing(name)), problem }))
    }
    const changed = async (): Promise<string | undefined> => {
      const answer = name === undefined ? await client.inbox() : await client.request(name)
      if (ended.signal.aborted) return undefined
      if (isProblem(answer)) return fail(answer.problem)
      show(answer)
      return answer.version
    }
    const live = (isLive: boolean): void =>
      setKnown((was) => (isLive || was.problem !== '' ? was : { ...was, problem: 'Countersign cannot be reached.' }))
    void follow({ changes: client.changes, sleep, changed, live }, undefined, ended.signal)
    return () => ended.abort()
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `show` is made anew at every drawing, and always does the same
  }, [client, name])

  return { ...(known.name === name ? known : nothing(name)), replace: show }
}
