/**
 * An agent as the API server authenticated it. `username` is `system:serviceaccount:<namespace>:<name>` for a service
 * account; `uid` is the account's, so that one deleted and made again is another agent.
 */
export type Agent = { readonly username: string; readonly uid: string }
