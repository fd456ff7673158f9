/** The id of the tab in the app's manifest, and in links to it. */
export const tabEntityID = 'requests'

/** Where a request is to be found in the tab of Teams. */
export type TabPlace = {
  /** Of the cloud: `https://teams.microsoft.com`. */
  readonly teamsURL: string
  /** Id of the app in its manifest, which is that of its bot. */
  readonly appID: string
  /** Name of the ApprovalRequest. */
  readonly request: string
}

/** A link that opens a request in the tab. It names the request and nothing else. Source: Teams, "Deep link to a tab". */
export function tabLink({ teamsURL, appID, request }: TabPlace): string {
  const context = encodeURIComponent(JSON.stringify({ subEntityId: request }))
  return `${teamsURL}/l/entity/${encodeURIComponent(appID)}/${tabEntityID}?context=${context}`
}
