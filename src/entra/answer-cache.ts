type Known = { readonly groupIDs: ReadonlySet<string>; readonly counts: boolean }

/** What was said of people and groups lately. */
export type AnswerCache = {
  /** The answer to a whole question; undefined unless everything of it was said lately. */
  readonly read: (objectID: string, asked: readonly string[]) => Known | undefined
  /** `sent`: when it was asked. */
  readonly keep: (objectID: string, asked: readonly string[], answer: Known & { readonly sent: number }) => void
}

/** For how long somebody is taken to be in a group. */
const yesMs = 60_000
/** Whoever was just added to a group tries again soon. */
const noMs = 5_000
/** So many answers are swept once; each is of one person and one group. */
const most = 10_000

type Said = { readonly isIn: boolean; readonly counts: boolean; readonly until: number }

/** One minute's answers, each until its own end. */
export function makeAnswerCache(elapsed: () => number): AnswerCache {
  const said = new Map<string, Said>()
  return {
    read: (objectID, asked) => {
      const now = elapsed()
      const answers = asked.flatMap((id) => {
        const one = said.get(keyOf(objectID, id))
        return one !== undefined && now < one.until ? [{ ...one, id }] : []
      })
      if (answers.length < asked.length) return undefined
      const groupIDs = new Set(answers.filter(({ isIn }) => isIn).map(({ id }) => id))
      return { groupIDs, counts: answers.every(({ counts }) => counts) }
    },
    keep: (objectID, asked, { groupIDs, counts, sent }) => {
      if (said.size > most) sweep(said, elapsed())
      for (const id of asked) {
        const isIn = groupIDs.has(id)
        said.set(keyOf(objectID, id), { isIn, counts, until: sent + (isIn && counts ? yesMs : noMs) })
      }
    },
  }
}

function keyOf(objectID: string, groupID: string): string {
  return `${objectID}/${groupID}`.toLowerCase()
}

/** What is over goes; were it ever too much nevertheless, everything is asked again. */
function sweep(said: Map<string, Said>, now: number): void {
  for (const [key, { until }] of said) if (until <= now) said.delete(key)
  if (said.size > most) said.clear()
}
