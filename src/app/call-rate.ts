/** How fast one agent may call: so many at once, and so many a second from then on. */
export type CallRate = { readonly burst: number; readonly perSecond: number }

/** The most agents that are remembered; the one that was quiet for longest is forgotten first, and begins anew. */
const mostAgents = 1000

/** Says for each call whether the agent may make it now. Milliseconds of `elapsed` are on a clock that nobody sets. */
export function makeCallRate({ burst, perSecond }: CallRate, elapsed: () => number): (agent: string) => boolean {
  const left = new Map<string, { readonly calls: number; readonly at: number }>()
  return (agent) => {
    const at = elapsed()
    const before = left.get(agent) ?? { calls: burst, at }
    const calls = Math.min(burst, before.calls + ((at - before.at) / 1000) * perSecond)
    left.delete(agent)
    left.set(agent, { calls: calls >= 1 ? calls - 1 : calls, at })
    const [quietest] = left.keys()
    if (left.size > mostAgents && quietest !== undefined) left.delete(quietest)
    return calls >= 1
  }
}
