import type { Inbound, InboundRefused, JudgeInbound } from './judge-inbound.ts'

/**
 * One address for the bots of several clouds: a token is for the cloud whose issuer and bot it names, whatever the others
 * think of it. Two clouds of the US government have one issuer. `judges`: at least one. Never rejects.
 */
export function judgeForClouds(judges: () => readonly [JudgeInbound, ...JudgeInbound[]]): JudgeInbound {
  return async (request) => {
    const [first, ...others] = judges()
    let read = await first(request)
    for (const judge of others) {
      if (!isForAnother(read)) return read
      read = nearer(read, await judge(request))
    }
    return read
  }
}

function isForAnother(read: Inbound | InboundRefused): boolean {
  return 'refusal' in read && (read.refusal === 'WrongIssuer' || read.refusal === 'WrongAudience')
}

/** Of two refusals the one that says more. */
function nearer(before: Inbound | InboundRefused, read: Inbound | InboundRefused): Inbound | InboundRefused {
  return 'refusal' in read && read.refusal === 'WrongIssuer' ? before : read
}
