import type { ReactNode } from 'react'

/** The sign of Countersign: one signature across another. */
export function Mark({ size }: { readonly size: number }): ReactNode {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M7 16.5l6 6L25 9.5" fill="none" strokeWidth="3.4" strokeLinecap="round" strokeLinejoin="round" />
      <path d="M8 26h16" fill="none" strokeWidth="2" strokeLinecap="round" opacity=".75" />
    </svg>
  )
}
