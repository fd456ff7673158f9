import type { ApprovalRequest, ApprovalVote, Verdict, Voter } from '../domain/kinds.ts'
import type { Me } from './records.ts'

type Said = {
  readonly request: ApprovalRequest
  readonly verdict: Verdict
  readonly comment: string | undefined
  readonly me: Me
  /** In [0, 1). */
  readonly random: () => number
}

/** The vote of the one who is logged in, on what was shown: it names the digest. */
export function makeVote({ request, verdict, comment, me, random }: Said): ApprovalVote {
  const { name, namespace, uid = '' } = request.metadata
  const digest = request.spec.actions[0]?.digest
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ApprovalVote',
    metadata: {
      name: `apv-${name.replace(/^apr-/, '')}-${suffix(random)}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { 'countersign.dev/request': name },
    },
    spec: {
      requestRef: { name, uid },
      ...(digest === undefined ? {} : { digest }),
      verdict,
      ...(comment === undefined ? {} : { comment }),
      voter: voterOf(me),
    },
  }
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

function suffix(random: () => number): string {
  return Array.from({ length: 10 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
}

/** As many as a vote holds, those first that somebody has made and that an ApproverGroup may name. */
const mostGroups = 64
const longestGroup = 256

/** Exactly who is logged in: the admission policy compares it with who sends the vote. */
function voterOf({ username, uid, groups }: Me): Voter {
  const fitting = groups.filter((group) => Array.from(group).length <= longestGroup)
  const [own, systems] = [fitting.filter((group) => !isSystems(group)), fitting.filter(isSystems)]
  const named = [...own, ...systems].slice(0, mostGroups)
  return {
    kind: 'KubernetesUser',
    username,
    ...(uid === '' ? {} : { uid }),
    ...(named.length === 0 ? {} : { groups: named }),
  }
}

function isSystems(group: string): boolean {
  return group.startsWith('system:')
}
