import { inert } from '../domain/inert.ts'

const hints: Readonly<Record<number, string>> = {
  0: 'The API server could not be reached or did not answer; nothing is known to have changed. Try again.',
  401: 'You are not logged in, or no longer. Log in, and try again.',
  403: 'You may not do this. People who approve need the Role countersign-approvers in countersign-system; to pause and resume agents takes patch on agentidentities.',
  404: 'Is Countersign installed in this cluster? kubectl config current-context shows where you are.',
  422: 'The API server did not accept it; is this program of the same version as Countersign in the cluster?',
}

/** Why a command failed, and what to do. The errors of our own doors hold nothing secret; of others only the class is told. */
export function failureWords(error: unknown): string {
  const { name, message, status } = Object(error)
  const known = ['ApiError', 'CredentialsError', 'ResponseDiffers', 'UsageError'].includes(String(name))
  const what = known ? inert(String(message)).text : `something unexpected happened (${inert(String(name)).text})`
  const hint = typeof status === 'number' ? hints[status] : undefined
  return hint === undefined ? what : `${what}\n${hint}`
}
