/** The tenant in which everybody of the demonstration lives. None of these ids exists anywhere. */
export const tenantID = '8f1d3c52-6b0a-4e7d-9a41-2c5e7f90b3d6'
/** Application id of the bot; its own id in chats has `28:` before it. */
export const appID = '3b7e9c14-2d58-4f06-8a93-d1c4e6f7a820'
const botID = `28:${appID}`
/** Made up, and of use nowhere else: the Playground must never be given a real one, and is not even given this. */
export const appSecret = 'demo-secret-of-no-use-anywhere-else'

/** The id of a team is that of its channel General. */
export const team = { id: '19:c0ffee00team@thread.tacv2', name: 'Platform' }
/** The channel in which requests are put before people. */
export const channel = { id: '19:c0ffee01approvals@thread.tacv2', name: 'Approvals' }

/** The chat of the bot with whoever sits before the page. */
export const personalChat = 'a:1personal'

/** Somebody in the team, as Teams tells of him. */
export type TeamsPerson = {
  /** This bot's name for the person. */
  readonly id: string
  /** Object id in Entra: who the person is. */
  readonly objectID: string
  readonly name: string
}

export type PersonKey = 'alice' | 'bob' | 'carol' | 'mallory' | 'otto' | 'gus'

/**
 * Alice, Bob and Carol may approve: scene.yaml ties these object ids to their Kubernetes users. Mallory is in the team and
 * in no group, Otto owns the agent, Gus is a guest.
 */
export const people: Readonly<Record<PersonKey, TeamsPerson>> = {
  alice: person('alice', 'Alice Kim', '0b6f1a2c-91d4-4c3e-b5a7-6e8d0f214a01'),
  bob: person('bob', 'Bob Lind', '0b6f1a2c-91d4-4c3e-b5a7-6e8d0f214a02'),
  carol: person('carol', 'Carol Diaz', '0b6f1a2c-91d4-4c3e-b5a7-6e8d0f214a03'),
  mallory: person('mallory', 'Mallory Reed', '0b6f1a2c-91d4-4c3e-b5a7-6e8d0f214a04'),
  otto: person('otto', 'Otto Berg', '0b6f1a2c-91d4-4c3e-b5a7-6e8d0f214a05'),
  gus: person('gus', 'Gus Moreau (Guest)', '0b6f1a2c-91d4-4c3e-b5a7-6e8d0f214a06'),
}

/** The tenant that Gus comes from: the group lists him under it, and Teams tells of him in the tenant of the channel. */
export const foreignTenantID = 'f0e1d2c3-b4a5-4697-8879-6a5b4c3d2e1f'

function person(key: string, name: string, objectID: string): TeamsPerson {
  return { id: `29:1${key}`, objectID, name }
}

/**
 * The configuration of the Playground, in JSON, which is YAML too. `current` is who sits before its page. Its own ids are no
 * GUIDs, and ours must be: Countersign takes no other object id.
 */
export function playgroundConfig(current: PersonKey): string {
  const others = Object.entries(people).filter(([key]) => key !== current)
  return JSON.stringify(
    {
      version: '0.1.1',
      tenantId: tenantID,
      bot: { id: botID, name: 'Countersign' },
      currentUser: member(people[current]),
      users: others.map(([, one]) => member(one)),
      personalChat: { id: personalChat },
      groupChat: { id: '19:c0ffee02group@thread.v2', name: 'Group' },
      team: { ...team, aadGroupId: '5e2c8b90-7a1f-4d63-b0c8-94f6e3d2a107', channels: [channel] },
    },
    undefined,
    2,
  )
}

function member({ id, objectID, name }: TeamsPerson): object {
  const [givenName = '', surname = ''] = name.split(' ')
  const mail = `${givenName.toLowerCase()}@teams.example`
  return { id, name, userPrincipleName: mail, aadObjectId: objectID, givenName, surname, email: mail }
}
