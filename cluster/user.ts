import { randomBytes } from 'node:crypto'

/** Someone who can log in to the API server, by a token that is fixed when it starts. */
export type User = { readonly name: string; readonly groups: readonly string[] }

export type UserWithToken = User & { readonly token: string }

/** May do everything: the group is beyond RBAC. */
export const admin: User = { name: 'admin', groups: ['system:masters'] }

/** People for tests and demo: no rights at all until RBAC gives some. */
export const people: readonly User[] = ['alice', 'bob', 'carol', 'dana'].map((name) => ({
  name,
  groups: ['approvers'],
}))

/** The name under which the default RBAC rules expect the controller manager. */
export const controllerManager: User = { name: 'system:kube-controller-manager', groups: [] }

/** Gives a user a fresh token. */
export function withToken(user: User): UserWithToken {
  return { ...user, token: randomBytes(24).toString('base64url') }
}

/**
 * Contents of a token-auth file: token, name, uid, and the groups in quotes.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
 */
export function tokenFile(users: readonly UserWithToken[]): string {
  return users
    .map(({ token, name, groups }) => [token, name, name, groups.join(',')].map(quote).join(',') + '\n')
    .join('')
}

function quote(field: string): string {
  return `"${field.replaceAll('"', '""')}"`
}
