/** Why something was refused. Closed: a new reason needs an entry here, and with it its meaning for people. */
export const reasons = {
  Unreviewable: 'what was asked cannot be shown faithfully to a person',
} as const

export type Reason = keyof typeof reasons
