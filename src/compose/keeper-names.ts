/** The keepers, each with one thing that it keeps as it should be. */
export const keeperNames = ['keys', 'certificates', 'identities', 'gate', 'role', 'flow', 'policies', 'leases'] as const

export type KeeperName = (typeof keeperNames)[number]

/** Calls for these keepers, soon. */
export type Wake = (...keepers: readonly KeeperName[]) => void

/**
 * What each keeper must have read, so that what cannot be read holds up nobody else. The gate is healed also while nobody
 * knows which webhooks are ready; keys and certificates are not replaced then.
 */
export const needs: Readonly<Record<KeeperName, readonly string[]>> = {
  keys: ['leases'],
  certificates: ['leases', 'validatingwebhookconfigurations'],
  identities: ['agentidentities', 'serviceaccounts', 'namespaces'],
  gate: ['agentidentities', 'validatingwebhookconfigurations'],
  role: ['agentidentities', 'rolebindings'],
  flow: ['agentidentities'],
  policies: ['approvalpolicies', 'approvergroups'],
  leases: ['leases'],
}
