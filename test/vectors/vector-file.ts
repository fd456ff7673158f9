import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The first line of a recorded file. `same` groups the review lines (1 is the line after this one) that present the
 * same action; every line is in exactly one group. `live` holds, for a line whose review names no object of its own
 * (Connect, Create on a subresource), the uid that the parent had when the review came.
 */
type VectorMeta = {
  readonly scenario: string
  readonly command: string
  readonly kubernetes: string
  /** The uid of the kube-system namespace of the recorded cluster. */
  readonly cluster: string
  readonly same: readonly (readonly number[])[]
  readonly live: Readonly<Record<string, { readonly uid: string }>>
  /** When each review came, in order: RFC 3339, by the recorder's clock, which is the API server's too. */
  readonly arrived: readonly string[]
}

/** One recorded scenario: the meta line and the reviews' bodies, byte for byte but for the line end. */
export type VectorFile = { readonly meta: VectorMeta; readonly reviews: readonly string[] }

/** Where the recordings lie. */
export const vectorFolder = import.meta.dirname

/** Writes `<scenario>.ndjson`. The API server's bodies are one line each; one that is not would break the file, so it throws. */
export async function writeVectorFile(folder: string, file: VectorFile): Promise<void> {
  const lines = file.reviews.map((review) => {
    const line = review.endsWith('\n') ? review.slice(0, -1) : review
    if (line.includes('\n')) throw new Error(`${file.meta.scenario}: a review of several lines`)
    return line
  })
  const text = [JSON.stringify(file.meta), ...lines].map((line) => `${line}\n`).join('')
  await writeFile(join(folder, `${file.meta.scenario}.ndjson`), text)
}

/** Reads one recorded scenario. */
export async function readVectorFile(folder: string, scenario: string): Promise<VectorFile> {
  const text = await readFile(join(folder, `${scenario}.ndjson`), 'utf8')
  const [first, ...reviews] = text.split('\n').slice(0, -1)
  if (first === undefined) throw new Error(`${scenario}: empty`)
  const meta: unknown = JSON.parse(first)
  if (!isMeta(meta)) throw new Error(`${scenario}: the first line is no meta line`)
  return { meta, reviews }
}

/** The names of all recorded scenarios, sorted. */
export async function recordedScenarios(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder)
  return names
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => name.slice(0, -'.ndjson'.length))
    .toSorted()
}

// As much as it takes to tell the meta line of our own writing from a review.
function isMeta(value: unknown): value is VectorMeta {
  const keys = ['scenario', 'command', 'kubernetes', 'cluster', 'same', 'live', 'arrived']
  return typeof value === 'object' && value !== null && keys.every((key) => Object.hasOwn(value, key))
}
