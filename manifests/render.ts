import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { composeInstall } from './install.ts'

/** Writes install.yaml beside this file; with --check it only says whether that is needed. */
const target = join(import.meta.dirname, 'install.yaml')
const wanted = composeInstall(join(import.meta.dirname, '..'))

if (!process.argv.includes('--check')) {
  writeFileSync(target, wanted)
} else if (readFileSync(target, 'utf8') !== wanted) {
  console.error('manifests/install.yaml is stale: run node manifests/render.ts')
  process.exitCode = 1
}
