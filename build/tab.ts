import { build, stop } from 'esbuild'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'

const source = join(import.meta.dirname, '../src/tab')

/**
 * Writes the tab into a folder: index.html, main.js and main.css, with the licences of what is in them beside them. All of
 * it is served by the gateway; nothing is loaded from elsewhere.
 */
export async function buildTab(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await build({
    entryPoints: [
      { in: join(source, 'main.tsx'), out: 'main' },
      { in: join(source, 'main.css'), out: 'main' },
    ],
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2022', 'chrome108', 'safari16'],
    tsconfig: join(source, 'tsconfig.json'),
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'linked',
    logLevel: 'warning',
  })
  // Its process would outlive whoever asked.
  await stop()
  await copyFile(join(source, 'index.html'), join(folder, 'index.html'))
}

if (import.meta.main) await buildTab(join(import.meta.dirname, '../dist/tab'))
