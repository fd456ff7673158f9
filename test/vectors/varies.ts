import { readVectorFile } from './vector-file.ts'

/** One place where two presentations of the same action differ; undefined where a side has nothing. */
export type Difference = { readonly path: string; readonly first: unknown; readonly second: unknown }

/**
 * All places where two JSON values differ: keys joined by dots, list places in brackets. Entries of managedFields are
 * told apart by who and how and not by place: the API server sorts them by time.
 */
export function differences(first: unknown, second: unknown, path = ''): readonly Difference[] {
  if (Object.is(first, second)) return []
  if (!isComposite(first) || !isComposite(second) || Array.isArray(first) !== Array.isArray(second)) {
    return [{ path, first, second }]
  }
  const [a, b] = path.endsWith('metadata.managedFields') ? [byManager(first), byManager(second)] : [first, second]
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap((key) => differences(a[key], b[key], stepped(path, key, Array.isArray(a))))
}

function stepped(path: string, key: string, isPlace: boolean): string {
  if (isPlace) return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}

type Composite = Readonly<Record<string, unknown>>

function isComposite(value: unknown): value is Composite {
  return typeof value === 'object' && value !== null
}

function byManager(entries: Composite): Composite {
  const named = Object.values(entries).map((entry): readonly [string, unknown] => {
    const parts = isComposite(entry)
      ? [entry['manager'], entry['operation'], entry['apiVersion'], entry['subresource']]
      : []
    return [parts.join('|'), entry]
  })
  return Object.fromEntries(named)
}

/** The differences between the first and each further presentation of every action of a recorded scenario, in words. */
export async function differencesIn(folder: string, scenario: string): Promise<readonly string[]> {
  const { meta, reviews } = await readVectorFile(folder, scenario)
  const parsed = reviews.map((review): unknown => JSON.parse(review))
  return meta.same.flatMap(([first = 1, ...others]) =>
    others.flatMap((other) => [
      `${scenario} ${first}~${other}`,
      ...differences(parsed[first - 1], parsed[other - 1]).map(inWords),
    ]),
  )
}

function inWords({ path, first, second }: Difference): string {
  return `  ${path}: ${shortened(first)} -> ${shortened(second)}`
}

function shortened(value: unknown): string {
  const text = value === undefined ? '(absent)' : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
