import { randomBytes } from 'node:crypto'

/** The app that may log in. */
export type LoginApp = { readonly tenantID: string; readonly appID: string; readonly secret: string }

/** Stands for the token endpoint of Entra. */
export type Login = {
  /** The answer to `POST /<tenant>/oauth2/v2.0/token`: a token, or why not, as RFC 6749 section 5.2 has it. */
  readonly give: (tenant: string, form: URLSearchParams) => { readonly status: number; readonly body: object }
  /** Whether an Authorization header bears a token that was given out here. */
  readonly holds: (authorization: string | undefined) => boolean
}

const scope = 'https://api.botframework.com/.default'
const lifeSeconds = 3599

type Rule = {
  readonly error: string
  readonly holds: (app: LoginApp, asked: { readonly tenant: string; readonly form: URLSearchParams }) => boolean
}

/** What a request for a token of the app's own must say: the first that it does not is the error. */
const rules: readonly Rule[] = [
  { error: 'unsupported_grant_type', holds: (_app, { form }) => form.get('grant_type') === 'client_credentials' },
  { error: 'invalid_request', holds: ({ tenantID }, { tenant }) => tenant === tenantID },
  { error: 'unauthorized_client', holds: ({ appID }, { form }) => form.get('client_id') === appID },
  { error: 'invalid_client', holds: ({ secret }, { form }) => form.get('client_secret') === secret },
  { error: 'invalid_scope', holds: (_app, { form }) => form.get('scope') === scope },
]

/** Gives out opaque tokens: who gets one must not look into it. */
export function makeLogin(app: LoginApp): Login {
  const given = new Set<string>()
  return {
    give: (tenant, form) => {
      const broken = rules.find(({ holds }) => !holds(app, { tenant, form }))
      if (broken !== undefined) return { status: 400, body: { error: broken.error } }
      const token = randomBytes(32).toString('base64url')
      given.add(token)
      return { status: 200, body: { token_type: 'Bearer', expires_in: lifeSeconds, access_token: token } }
    },
    holds: (authorization = '') => given.has(authorization.replace(/^Bearer /, '')),
  }
}
