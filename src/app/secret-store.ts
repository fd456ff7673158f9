/** The `data` of a Secret as the API server gives it: values in base64. */
export type SecretData = Readonly<Record<string, string>>

/** A Secret of the records namespace as it was read. `version` is its resourceVersion. */
export type StoredSecret = { readonly name: string; readonly version: string; readonly data: SecretData }

/** The Secrets that the operator fills. They exist from the installation on: it may neither create nor delete any. */
export type SecretStore = {
  readonly read: (name: string) => Promise<StoredSecret | 'NotFound'>
  /** Puts `data` in the place of all data, unless the Secret has changed since it was read as `seen`. */
  readonly replace: (seen: StoredSecret, data: SecretData) => Promise<'Stored' | 'Conflict' | 'NotFound'>
}
