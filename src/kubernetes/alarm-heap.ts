export type Alarm = { readonly key: string; readonly at: number }

/** Alarms of which the earliest is at hand: a binary heap. */
export class AlarmHeap {
  #alarms: Alarm[] = []

  get earliest(): Alarm | undefined {
    return this.#alarms[0]
  }

  push(alarm: Alarm): void {
    let at = this.#alarms.push(alarm) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.#alarms[parent]
      if (above === undefined || above.at <= alarm.at) break
      this.#alarms[at] = above
      at = parent
    }
    this.#alarms[at] = alarm
  }

  /** Takes the earliest away. */
  pop(): void {
    const last = this.#alarms.pop()
    if (last === undefined || this.#alarms.length === 0) return
    let at = 0
    for (;;) {
      const child = this.#earlierChild(at)
      const below = this.#alarms[child]
      if (below === undefined || below.at >= last.at) break
      this.#alarms[at] = below
      at = child
    }
    this.#alarms[at] = last
  }

  clear(): void {
    this.#alarms = []
  }

  #earlierChild(parent: number): number {
    const [left, right] = [2 * parent + 1, 2 * parent + 2]
    return this.#timeOf(right) < this.#timeOf(left) ? right : left
  }

  #timeOf(index: number): number {
    return this.#alarms[index]?.at ?? Number.POSITIVE_INFINITY
  }
}
