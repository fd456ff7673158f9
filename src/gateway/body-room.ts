/** The memory that the bodies of all requests have together. */
export type BodyRoom = {
  /** A place for one body, at first of no bytes. `giveWay` is called when it has lost its place. */
  readonly enter: (giveWay: () => void) => BodyPlace
}

export type BodyPlace = {
  /** It is to have so many bytes in all. False when there is no room for them: then it has lost its place. */
  readonly hold: (bytes: number) => boolean
  /** It is whole, and being answered: it gives way to nobody any more. */
  readonly whole: () => void
  readonly leave: () => void
}

type Held = { bytes: number; readonly giveWay: () => void }

/**
 * Room for so many bytes. Where it is short, the body gives way that has been on its way for longest: Teams sends one at
 * once, and who sends slowly so as to fill the room is the first to go.
 */
export function makeBodyRoom(mostBytes: number): BodyRoom {
  /** In the order of their coming, which is that of a Set. */
  const coming = new Set<Held>()
  let taken = 0

  function leave(held: Held): void {
    coming.delete(held)
    taken -= held.bytes
    held.bytes = 0
  }

  function removeUntil(hasRoom: () => boolean, except: Held): void {
    for (const held of coming) {
      if (hasRoom()) return
      if (held === except) continue
      leave(held)
      held.giveWay()
    }
  }

  function hold(held: Held, bytes: number): boolean {
    const hasRoom = (): boolean => taken - held.bytes + bytes <= mostBytes
    removeUntil(hasRoom, held)
    if (!hasRoom()) {
      leave(held)
      held.giveWay()
      return false
    }
    taken += bytes - held.bytes
    held.bytes = bytes
    return true
  }

  return {
    enter: (giveWay) => {
      const held: Held = { bytes: 0, giveWay }
      coming.add(held)
      return {
        hold: (bytes) => hold(held, bytes),
        whole: () => void coming.delete(held),
        leave: () => leave(held),
      }
    },
  }
}
