import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

/** An object as people would write it, from docs/objects. */
export type Example = {
  readonly file: string
  readonly object: {
    readonly apiVersion: string
    readonly kind: string
    readonly metadata: { readonly name: string; readonly namespace?: string }
    readonly spec: object
    readonly status?: object
  }
}

export const examplesFolder = 'docs/objects'

/** Every object of every file, in order. Throws for a document that is no object. */
export function readExamples(): readonly Example[] {
  return readdirSync(examplesFolder)
    .toSorted()
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(examplesFolder, file), 'utf8')).map((document) => {
        const object: unknown = document.toJS()
        if (!isObject(object)) throw new Error(`${file} holds something that is no object`)
        return { file, object }
      }),
    )
}

function isObject(found: unknown): found is Example['object'] {
  return typeof found === 'object' && found !== null && 'kind' in found && 'metadata' in found && 'spec' in found
}
