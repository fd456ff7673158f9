import type { AppCredentials } from '../app/access-token.ts'
import type { LoginFailure } from './login-answer.ts'

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const jwt = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** The fields of the form by which an app proves who it is. */
export async function formOf(
  credentials: AppCredentials,
  readFile: (path: string) => Promise<string>,
): Promise<{ readonly form: Readonly<Record<string, string>> } | LoginFailure> {
  if (credentials.kind === 'ClientSecret') return { form: { client_secret: credentials.secret } }
  const text = await readFile(credentials.tokenFile).catch(() => undefined)
  if (text === undefined) return { failure: 'Refused', why: 'the file of the federated token cannot be read' }
  const assertion = text.trim()
  // Whatever else that path leads to goes nowhere.
  if (!jwt.test(assertion)) return { failure: 'Refused', why: 'the file of the federated token holds no token' }
  return { form: { client_assertion_type: jwtBearer, client_assertion: assertion } }
}
