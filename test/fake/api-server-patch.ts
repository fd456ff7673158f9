import { copyOf, isSameJson } from './json-value.ts'
import { FakeRefusal } from './api-server-refusal.ts'

type Fields = Record<string, unknown>
type Operation = { readonly op: string; readonly path: string; readonly from?: string; readonly value?: unknown }

/** RFC 6902, all six operations. A failed `test` or a path that is not there refuses the whole patch with 422. */
export function applyJsonPatch(target: object, patch: readonly Operation[]): Fields {
  const root: Fields = { '': copyOf(target) }
  for (const operation of patch) (operations[operation.op] ?? refuse)(root, operation)
  return isFields(root['']) ? root[''] : refuse()
}

/** RFC 7386. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return copyOf(patch)
  const merged: Fields = isFields(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = applyMergePatch(merged[key], value)
  }
  return merged
}

const operations: Readonly<Record<string, (root: Fields, operation: Operation) => void>> = {
  test: (root, { path, value }) => {
    if (!isSameJson(lookUp(root, path), value)) refuse()
  },
  add: (root, { path, value }) => add(root, path, value),
  remove: (root, { path }) => remove(root, path),
  replace: (root, { path, value }) => replace(root, path, value),
  copy: (root, { path, from = refuse() }) => add(root, path, copyOf(read(root, from))),
  move: (root, { path, from = refuse() }) => {
    const moved = read(root, from)
    remove(root, from)
    add(root, path, moved)
  },
}

/** For `test`: the API server takes a missing last key for null, but not a missing parent. */
function lookUp(root: Fields, path: string): unknown {
  const { holder, key } = find(root, path)
  return Array.isArray(holder) || Object.hasOwn(holder, key) ? read(root, path) : null
}

function read(root: Fields, path: string): unknown {
  const { holder, key } = find(root, path)
  if (Array.isArray(holder)) return holder[indexOf(holder, key)]
  return Object.hasOwn(holder, key) ? holder[key] : refuse()
}

function add(root: Fields, path: string, value: unknown): void {
  const { holder, key } = find(root, path)
  if (!Array.isArray(holder)) holder[key] = value
  else if (key === '-') holder.push(value)
  else if (Number(key) === holder.length) holder.push(value)
  else holder.splice(indexOf(holder, key), 0, value)
}

function remove(root: Fields, path: string): void {
  const { holder, key } = find(root, path)
  read(root, path)
  if (Array.isArray(holder)) holder.splice(indexOf(holder, key), 1)
  else delete holder[key]
}

function replace(root: Fields, path: string, value: unknown): void {
  const { holder, key } = find(root, path)
  read(root, path)
  if (Array.isArray(holder)) holder[indexOf(holder, key)] = value
  else holder[key] = value
}

function find(root: Fields, path: string): { readonly holder: Fields | unknown[]; readonly key: string } {
  if (path !== '' && !path.startsWith('/')) refuse()
  const keys = path.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const holder = keys.slice(0, -1).reduce<unknown>(step, root)
  if (!Array.isArray(holder) && !isFields(holder)) refuse()
  return { holder, key: keys.at(-1) ?? '' }
}

function step(holder: unknown, key: string): unknown {
  if (Array.isArray(holder)) return holder[indexOf(holder, key)]
  return isFields(holder) && Object.hasOwn(holder, key) ? holder[key] : refuse()
}

function indexOf(list: readonly unknown[], key: string): number {
  return /^(0|[1-9]\d*)$/.test(key) && Number(key) < list.length ? Number(key) : refuse()
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(): never {
  throw new FakeRefusal(422, 'Invalid', {
    message: 'the server rejected our request due to an error in our request',
    details: {},
  })
}
