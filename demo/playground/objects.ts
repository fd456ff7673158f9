import type { Scene } from '../scene.ts'
import { appID, appSecret, channel, foreignTenantID, people, team, tenantID } from './people.ts'

/** The ApprovalChannel by which requests come into Teams. */
export const channelName = 'teams'

const namespace = 'countersign-system'
const secretName = 'countersign-teams'

/**
 * What an administrator makes to put requests into Teams: the Secret with the bot's credentials, and the channel. Otto, who
 * may approve too, owns the agent. Gus is listed as a guest is: under the tenant that he comes from.
 */
export async function applyTeams({ admin }: Pick<Scene, 'admin'>): Promise<void> {
  const items = [secret, approvalChannel, morePeople, owned]
  const list = { apiVersion: 'v1', kind: 'List', items }
  // Another manager than that of scene.yaml: who is in the group already stays.
  await admin(['apply', '--server-side', '--field-manager=teams', '-f', '-'], JSON.stringify(list))
}

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: secretName, namespace },
  stringData: { clientSecret: appSecret },
}

const approvalChannel = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ApprovalChannel',
  metadata: { name: channelName },
  spec: {
    type: 'Teams',
    teams: {
      tenantID,
      appID,
      teamID: team.id,
      channelID: channel.id,
      credentialsSecretRef: { name: secretName },
    },
  },
}

const { otto, gus } = people

const morePeople = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ApproverGroup',
  metadata: { name: 'approvers' },
  spec: {
    people: [
      { name: 'otto', displayName: otto.name, entraUser: { tenantID, objectID: otto.objectID } },
      { name: 'gus', displayName: gus.name, entraUser: { tenantID: foreignTenantID, objectID: gus.objectID } },
    ],
  },
}

const owned = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'bot', namespace: 'agents', annotations: { 'countersign.dev/owner': 'otto' } },
}
