import { InvalidArgumentError } from 'commander'

/** Seconds, from `30`, `30s`, `1.5m`. Throws InvalidArgumentError, which commander tells the person. */
export function secondsOf(text: string): number {
  const found = /^(\d+(?:\.\d+)?)(s|m)?$/.exec(text)
  if (found === null) throw new InvalidArgumentError('Give seconds, such as 30, or minutes, such as 2m.')
  return Number(found[1]) * (found[2] === 'm' ? 60 : 1)
}
