/** Why there is no way to the API server. */
export const credentialProblems = {
  NoKubeconfig: 'the kubeconfig file does not exist',
  UnreadableFile: 'a file of the credentials cannot be read, or is empty',
  InvalidKubeconfig: 'the kubeconfig is not YAML, or not of the shape of a kubeconfig',
  UnknownContext: 'the kubeconfig has no such context, or the context names no cluster or user of it',
  Unsupported: 'the kubeconfig asks for something that would be ignored',
  ExecPluginMissing: 'the program that the kubeconfig names for getting a credential is not installed',
  ExecPluginFailed: 'the program that the kubeconfig names for getting a credential gave none',
  NotInCluster: 'this process has no service account files',
  TokenNotMinted: 'the API server gave no token for a service account',
} as const

/** Names files, contexts and programs. Never quotes a file or what a program printed: both may hold secrets. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
  readonly reason: keyof typeof credentialProblems

  constructor(reason: keyof typeof credentialProblems, message: string, cause?: Error) {
    super(message, cause && { cause })
    this.reason = reason
  }
}

/** The system's word for a failed file operation, such as ENOENT. */
export function codeOf(error: unknown): string {
  const code: unknown = Reflect.get(Object(error), 'code')
  return typeof code === 'string' ? code : 'unknown'
}
