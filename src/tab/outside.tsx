import type { ReactNode } from 'react'
import { Mark } from './mark.tsx'
import { teamsLink } from './route.ts'

/** What a browser shows that is not Teams: nobody can sign in here, so there is nothing else. */
export function Outside({ search }: { readonly search: string }): ReactNode {
  return (
    <main className="outside">
      <Mark size={56} />
      <h1>Countersign opens in Microsoft Teams</h1>
      <p>
        This page is a tab of Teams. Teams says who you are; outside of it nobody can be known, so nothing is shown.
      </p>
      <p>
        <a className="outside-link" href={teamsLink(search)} target="_blank" rel="noreferrer">
          Open in Teams
        </a>
      </p>
      <p className="quiet">Without Teams you can answer in a terminal: kubectl countersign get</p>
    </main>
  )
}
