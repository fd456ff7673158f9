import path from 'node:path'
import type { Stage } from './stage.ts'

/** What to type where, for whoever wants to see it with his own eyes. */
export function guide({ scene: { plane, agentKubeconfig }, teams }: Pick<Stage, 'scene' | 'teams'>): string {
  const folders = [path.join(import.meta.dirname, '../bin'), plane.binaries.folder].join(path.delimiter)
  const found = `export PATH="${folders}${path.delimiter}$PATH"`
  return `
Countersign runs, and agents/bot is an agent: whatever it wants to change in production waits for a person.

${
  teams instanceof Error
    ? `   ${teams.message}
   So there is no Teams here; everything else works.`
    : teamsGuide(teams.playground.url)
}

1  Be the agent. In a second terminal:

     ${found}
     export KUBECONFIG='${agentKubeconfig}'
     kubectl delete deployment web -n prod

   The command waits. It is the real kubectl, and it knows nothing of Countersign.

2  Be Alice, who may approve: press Approve on the card. Or, in a third terminal:

     ${found}
     export KUBECONFIG='${plane.user('alice').kubeconfig}'
     kubectl countersign get
     kubectl countersign approve apr-…

   The agent's command succeeds. Then try deny, changes, revoke and pause; and as the agent:

     kubectl scale deployment web -n prod --replicas=0
     kubectl exec -n prod psql-0 -- psql -c 'select 1'
     kubectl delete deployment web -n prod --dry-run=server
     kubectl get configmaps -A

   The administrator is never asked:  export KUBECONFIG='${plane.adminKubeconfig}'

What happens is shown below. Ctrl-C ends everything and removes all of it.

`
}

/** Nothing is opened by itself: who runs this may sit elsewhere. */
function teamsGuide(url: string): string {
  return `0  Open Teams, as Alice: this is Microsoft's own stand-in for it, the Microsoft 365 Agents Playground.

     ${url}

   Choose the channel Approvals. Cards that come while the page is not open are not shown there.`
}
