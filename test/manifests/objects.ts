import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

/** An object of the manifest. */
export type Manifest = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly [field: string]: unknown
}

/** Every object of a file, in order. Throws for a document that is no object. */
export function readManifests(file: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    const found: unknown = document.toJS()
    if (!isManifest(found)) throw new Error(`${file} holds something that is no object`)
    return found
  })
}

function isManifest(found: unknown): found is Manifest {
  return typeof found === 'object' && found !== null && 'apiVersion' in found && 'kind' in found && 'metadata' in found
}
