import { createHash, createHmac } from 'node:crypto'
import type { Action } from './action.ts'
import { canonical } from './canonical.ts'
import type { Change } from './change.ts'
import type { Content } from './content.ts'
import { openNameBase } from './generated-name.ts'
import { emptyObject, textAt } from './json.ts'
import type { Json } from './json.ts'
import { formatPath, valueAt } from './path.ts'
import type { Path } from './path.ts'

/** `sha256:` and 64 hexadecimal digits: the identity of an action. */
export type Digest = `sha256:${string}`

/** A secret key and the name under which records cite it. */
export type HmacKey = { readonly id: string; readonly secret: Uint8Array }

/** What the digest is made under: raised `version` and another key make other digests of the same action. */
export type DigestContext = {
  /** The uid of the namespace kube-system: no digest is good on another cluster. */
  readonly cluster: string
  readonly key: HmacKey
}

/** The canonical form's own version: it changes whenever the same action would come out as other bytes. */
export const digestVersion = 1

/**
 * The identity of an action: equal for two sendings of one command, different for everything that differs in who asks,
 * what for, on what, or how it ends. The content enters as an HMAC: whoever holds the key can prove it, and nobody can
 * guess a secret value from the digest.
 */
export function digestOf(action: Action, content: Content, context: DigestContext): Digest {
  const { agent, operation, resource, namespace } = action
  const form: Json = {
    v: digestVersion,
    keyId: context.key.id,
    cluster: context.cluster,
    agent: { username: agent.username, uid: agent.uid },
    operation,
    group: resource.group,
    version: resource.version,
    resource: resource.resource,
    subresource: resource.subresource,
    namespace,
    ...targetName(action),
    targetUID: targetUID(action) ?? null,
    content: hmac(context.key, canonical(contentForm(content))),
  }
  return `sha256:${createHash('sha256').update(canonical(form)).digest('hex')}`
}

/** The uid of what an action works on: the object's own, or for a Connect or a Create on a subresource its parent's. */
export function targetUID(action: Action): string | undefined {
  return action.operation === 'Update' || action.operation === 'Delete'
    ? textAt(action.oldObject, 'metadata', 'uid')
    : action.parentUID
}

/**
 * The tag of the values at `paths` of an object. A live object has what was approved when its tag is that of the request.
 * Values stay secret: the tag is an HMAC.
 */
export function resultHash(object: Json, paths: readonly Path[], key: HmacKey): string {
  const found = paths.map((path): Json => {
    const value = valueAt(object, path)
    return value === undefined ? [formatPath(path)] : [formatPath(path), value]
  })
  return `hmac-sha256:${hmac(key, canonical(found))}`
}

const nameLetters = '0123456789abcdefghjkmnpqrstvwxyz'
const nameLength = 20

/** The name of the first request for an action: `apr-` and 100 bits of the digest, without look-alikes (Crockford's base 32). */
export function requestName(of: Digest): string {
  const bits = BigInt(`0x${of.slice('sha256:'.length)}`)
  let name = ''
  for (let index = 1; index <= nameLength; index += 1) {
    name += nameLetters[Number((bits >> BigInt(256 - 5 * index)) & 31n)] ?? ''
  }
  return `apr-${name}`
}

/** The name of an attempt, numbered from 1: the chain's own name, then `-2`, `-3` and so on. */
export function attemptName(of: Digest, number: number): string {
  return number === 1 ? requestName(of) : `${requestName(of)}-${number}`
}

/** The name of the first attempt, with which the names of all later ones begin. */
export function chainName(name: string): string {
  return name.replace(/^(apr-[^-]+)-\d+$/, '$1')
}

/** A generated name enters as its base, under another key: no literal name can be mistaken for it. */
function targetName(action: Action): { readonly name: string } | { readonly generateName: string } {
  const base = openNameBase(action)
  return base === undefined ? { name: action.name } : { generateName: base }
}

function contentForm(content: Content): Json {
  switch (content.operation) {
    case 'Create':
      return { object: content.object }
    case 'Update':
      return {
        changes: content.changes.map(changeForm),
        ownership: content.ownership.map(changeForm),
        result: content.result,
      }
    case 'Delete':
      return {
        options: content.options,
        object: content.object,
        finalizers: content.finalizers,
        ownerReferences: content.ownerReferences,
      }
    case 'Connect':
      return { options: content.options }
  }
}

function changeForm(change: Change): Json {
  const form = emptyObject()
  form['path'] = formatPath(change.path)
  if (change.before !== undefined) form['before'] = change.before
  if (change.after !== undefined) form['after'] = change.after
  if (change.order) form['order'] = true
  return form
}

function hmac(key: HmacKey, text: string): string {
  return createHmac('sha256', key.secret).update(text).digest('hex')
}
