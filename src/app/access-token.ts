/**
 * A token for one scope of an app, fresh for at least a minute. `refused`: the login said no, in words without secrets;
 * `forget` after the service refused the token.
 */
export type AccessToken = {
  readonly get: () => Promise<
    { readonly token: string } | { readonly failure: 'Unreachable' | 'Refused'; readonly why: string }
  >
  readonly forget: () => void
}

/** What a Secret says an app signs in with. */
export type AppCredentials =
  | { readonly kind: 'ClientSecret'; readonly secret: string }
  | { readonly kind: 'WorkloadIdentity'; readonly tokenFile: string }
