import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDefinitions } from './schema.ts'
import { typesOf } from './typescript.ts'

/** Writes src/domain/kinds.ts from the definitions beside this file; with --check it only says whether that is needed. */
const target = join(import.meta.dirname, '../src/domain/kinds.ts')
const wanted = await typesOf(readDefinitions(import.meta.dirname))

if (!process.argv.includes('--check')) {
  writeFileSync(target, wanted)
} else if (readFileSync(target, 'utf8') !== wanted) {
  console.error('src/domain/kinds.ts is stale: run node crds/generate.ts')
  process.exitCode = 1
}
