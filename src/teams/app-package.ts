import { strToU8, zipSync } from 'fflate'
import { colorIcon, outlineIcon } from './app-package-icons.ts'
import { readAppPackageInput } from './app-package-input.ts'
import type { AppPackageRequest } from './app-package-input.ts'
import { appManifest, iconFiles } from './app-package-manifest.ts'

/**
 * The app package that is uploaded to Teams: a zip of the manifest and two icons. The same input gives the same bytes,
 * whenever and wherever. Otherwise every problem of the input, a sentence each.
 */
export function appPackage(
  given: AppPackageRequest,
): { readonly bytes: Uint8Array } | { readonly problems: readonly string[] } {
  const read = readAppPackageInput(given)
  if ('problems' in read) return read
  const manifest = `${JSON.stringify(appManifest(read.input), undefined, 2)}\n`
  const files = {
    'manifest.json': strToU8(manifest),
    [iconFiles.color]: colorIcon(),
    [iconFiles.outline]: outlineIcon(),
  }
  return { bytes: zipSync(files, { level: 9, mtime: firstDay }) }
}

/** A zip has no earlier year, and times of its own zone: noon is that day everywhere. */
const firstDay = new Date(1980, 0, 1, 12)
