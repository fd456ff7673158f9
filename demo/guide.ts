import path from 'node:path'
import type { Scene } from './scene.ts'

/** What to type where, for whoever wants to see it with his own eyes. */
export function guide({ plane, agentKubeconfig }: Scene): string {
  const folders = [path.join(import.meta.dirname, '../bin'), plane.binaries.folder].join(path.delimiter)
  const found = `export PATH="${folders}${path.delimiter}$PATH"`
  return `
Countersign runs, and agents/bot is an agent: whatever it wants to change in production waits for a person.

1  Be the agent. In a second terminal:

     ${found}
     export KUBECONFIG='${agentKubeconfig}'
     kubectl delete deployment web -n prod

   The command waits. It is the real kubectl, and it knows nothing of Countersign.

2  Be Alice, who may approve. In a third terminal:

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
