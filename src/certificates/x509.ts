import type * as x509 from '@peculiar/x509'

/**
 * The X.509 library, loaded when it is first needed: it takes a tenth of a second, and only the operator ever issues. It
 * wires itself with a container that asks `Reflect` for metadata of decorators, a proposal that no engine has, and
 * refuses to load where `Reflect` cannot be asked. It keeps no metadata, so "there is none" is the whole answer.
 */
export async function loadX509(): Promise<typeof x509> {
  for (const name of ['getMetadata', 'getOwnMetadata', 'defineMetadata']) {
    if (!Reflect.has(Reflect, name)) Reflect.defineProperty(Reflect, name, { value: nothing, configurable: true })
  }
  return import('@peculiar/x509')
}

function nothing(): undefined {
  return undefined
}
