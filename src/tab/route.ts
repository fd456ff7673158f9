/** What is shown: the list, or the request of this name. */
export type Route = { readonly name: string | undefined }

const request = /^#\/requests\/(apr-[a-z0-9-]{1,60})$/

/** What an address asks for. Everything that is none of ours is the list. */
export function routeOf(hash: string): Route {
  return { name: request.exec(hash)?.[1] }
}

/** The address of a request. */
export function hrefOf(name: string): string {
  return `#/requests/${name}`
}

export const inboxHref = '#/'

/** Where a link into the tab leads: Teams hands on the name of a request, and nothing else is followed. */
export function hrefOfPage(page: string | undefined): string {
  const href = hrefOf(page ?? '')
  return request.test(href) ? href : inboxHref
}

/** A link that opens the tab in Teams. `search`: that of the page, which may name the app by its id. */
export function teamsLink(search: string): string {
  const app = new URLSearchParams(search).get('app') ?? ''
  const isID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(app)
  return isID ? `https://teams.microsoft.com/l/entity/${app}/requests` : 'https://teams.microsoft.com/'
}
