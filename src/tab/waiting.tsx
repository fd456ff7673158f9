import type { ReactNode } from 'react'

/** Shown until Teams, or the gateway, has answered. It needs no theme, which Teams has yet to tell. */
export function Waiting(): ReactNode {
  return (
    <div className="waiting" role="status">
      <span className="waiting-ring" aria-hidden="true" />
      Countersign is opening …
    </div>
  )
}
