import type { Deed, Detail, Told } from './effects.ts'
import type { RequestedAction } from './kinds.ts'
import { parsePath } from './path.ts'
import type { Path, Step } from './path.ts'
import type { PrintedPart } from './printed-change.ts'
import { elementsOf, readPrinted, scalarAt } from './printed-yaml.ts'
import type { Printed } from './printed-yaml.ts'
import { requestTimeMark } from './recent-time.ts'

/** One change, taken apart. `Other`: what it does is not known. */
type Part =
  | { readonly kind: 'Replicas'; readonly detail: Detail; readonly from: string; readonly to: string }
  | { readonly kind: 'Image'; readonly detail: Detail; readonly image: string | undefined }
  | { readonly kind: 'Restart'; readonly detail: Detail }
  | { readonly kind: 'Other'; readonly detail: Detail | undefined }

/** More than this many parts are not told one by one; the change itself shows them. */
const mostDetails = 8

/** What an update changes, from and to, and what follows. */
export function updateEffects(deed: Deed): Told {
  const parts = deed.parts.map((part) => partOf(part, deed.action))
  const details = parts.flatMap(({ detail }) => (detail === undefined ? [] : [detail]))
  const others = parts.filter(({ kind }) => kind === 'Other').length
  const known = [...scaled(parts), ...rolled(deed, parts), ...tagged(parts)]
  const detailed = deed.whole && details.length > 0 && details.length <= mostDetails && parts.every(isToldWhole)
  return { details: details.slice(0, mostDetails), detailed, effects: [...known, ...rest({ known, others }, deed)] }
}

/** A container that comes or goes is more than its image. */
function isToldWhole({ kind, detail }: Part): boolean {
  return detail !== undefined && (kind !== 'Image' || detail.label.startsWith('image '))
}

function rest(
  { known, others }: { readonly known: readonly string[]; readonly others: number },
  { whole, parts }: Deed,
): readonly string[] {
  if (!whole) return ['What the change does that is not shown here is not computed.']
  if (known.length === 0 || parts.length === 0) return ['Effect not computed.']
  if (others === 0) return []
  return [
    others === 1
      ? 'What the other change does is not computed.'
      : `What the ${others} other changes do is not computed.`,
  ]
}

function partOf(part: PrintedPart, action: RequestedAction): Part {
  const path = parsePath(part.path ?? '') ?? []
  const sides = { before: lone(part.before), after: lone(part.after) }
  return (
    replicasPart(path, action.resource.subresource === 'scale' ? noneIsZero(part) : sides, action) ??
    podPart(path, sides, part) ??
    otherPart(path, sides, part)
  )
}

/** Kinds whose `spec.replicas` are pods. */
const workloads: ReadonlySet<string> = new Set(['deployments', 'replicasets', 'replicationcontrollers', 'statefulsets'])

function replicasPart(path: Path, sides: Sides, { resource }: RequestedAction): Part | undefined {
  const { before, after } = sides
  const replicas = path.length === 2 && path[1] === 'replicas' && workloads.has(resource.resource)
  if (!replicas || before === undefined || after === undefined) return undefined
  return { kind: 'Replicas', detail: fromTo('replicas', sides), from: before, to: after }
}

/** A Scale leaves out replicas that are none (autoscaling/v1, `omitempty`). */
function noneIsZero({ before, after }: PrintedPart): Sides {
  return { before: loneOrZero(before), after: loneOrZero(after) }
}

function loneOrZero(lines: readonly string[]): string | undefined {
  return lines.length === 0 ? '0' : lone(lines)
}

function podPart(path: Path, sides: Sides, part: PrintedPart): Part | undefined {
  const [list, container, last] = [path.at(-3), path.at(-2), path.at(-1)]
  if (last === 'image' && isContainer(container, list) && isLone(part)) {
    return { kind: 'Image', detail: fromTo(`image (${nameOf(container)})`, sides), image: sides.after }
  }
  if (isContainer(last, container)) return containerPart(part, nameOf(last))
  const restart = last === 'kubectl.kubernetes.io/restartedAt' && isTime(part)
  return restart ? { kind: 'Restart', detail: { label: 'restart', text: 'asked for' } } : undefined
}

/** A time, or the mark that stands for that of the request. Another text may be meant for a container, which can read it. */
function isTime({ after }: PrintedPart): boolean {
  const value = readPrinted(after)
  const [mark] = elementsOf(value)
  const time = typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[-+]\d\d:\d\d)$/.test(value)
  return time || mark === requestTimeMark[0]
}

type Sides = { readonly before: string | undefined; readonly after: string | undefined }

function fromTo(label: string, { before, after }: Sides): Detail {
  return { label, text: `${before ?? 'not set'}  →  ${after ?? 'not set'}` }
}

/** The value, where it is one scalar on one line. */
function lone(lines: readonly string[]): string | undefined {
  const value = lines.length === 1 ? readPrinted(lines) : undefined
  return typeof value === 'string' ? value : undefined
}

/** Each side that there is can be told in one line. */
function isLone({ before, after }: PrintedPart): boolean {
  return [before, after].every((lines) => lines.length === 0 || lone(lines) !== undefined)
}

const containerLists: ReadonlySet<unknown> = new Set(['containers', 'initContainers', 'ephemeralContainers'])

function isContainer(step: Step | undefined, list: Step | undefined): boolean {
  return Array.isArray(step) && containerLists.has(list)
}

function nameOf(step: Step | undefined): string {
  const [field] = Array.isArray(step) ? (step as Exclude<Step, string | number>) : []
  return String(field?.[1] ?? '')
}

/** A container that comes or goes as a whole. */
function containerPart({ before, after }: PrintedPart, name: string): Part {
  const [old, fresh] = [imageOf(readPrinted(before)), imageOf(readPrinted(after))]
  const label = `container ${name}`
  if (after.length === 0) return { kind: 'Image', detail: { label, text: `removed, image ${old}` }, image: undefined }
  return { kind: 'Image', detail: { label, text: `added, image ${fresh}` }, image: fresh }
}

function imageOf(container: Printed | undefined): string {
  return scalarAt(container, 'image') ?? 'not known'
}

/** Numbers and switches of a spec are told; other values are the agent's texts, and stand in the change alone. */
function otherPart(path: Path, sides: Sides, { before, after }: PrintedPart): Part {
  const values = [...before, ...after]
  const plain = path.every((step) => typeof step === 'string') && path[0] === 'spec'
  const told = plain && values.length > 0 && values.length <= 2 && values.every((value) => isNumberOrSwitch(value))
  return { kind: 'Other', detail: told ? fromTo(path.slice(1).join('.'), sides) : undefined }
}

function isNumberOrSwitch(value: string): boolean {
  return /^(?:-?\d{1,20}|true|false)$/.test(value)
}

function scaled(parts: readonly Part[]): readonly string[] {
  return parts.flatMap((part) => (part.kind === 'Replicas' ? [scaling(part.from, part.to)] : []))
}

function pods(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`
}

function scaling(from: string, to: string): string {
  if (to === '0')
    return `Scaled to zero: ${from === '1' ? 'its 1 pod stops' : `all ${from} pods stop`}, and nothing of it runs any more.`
  const more = Number(to) - Number(from)
  if (!Number.isSafeInteger(more) || more === 0) return 'The number of pods changes.'
  return more > 0 ? `${pods(more)} more, ${to} in all.` : `${pods(-more)} of ${from} stop.`
}

/** Kinds whose pods are replaced when their template changes. */
const rolling: ReadonlySet<string> = new Set(['Deployment', 'DaemonSet', 'StatefulSet'])

function rolled({ action, parts }: Deed, known: readonly Part[]): readonly string[] {
  const template = parts.some(({ path }) => path?.startsWith('spec.template.') === true)
  if (!template || !rolling.has(action.kind)) return []
  const restart = known.every(({ kind }) => kind === 'Restart')
  const why = restart ? 'nothing else changes' : 'as its update strategy says'
  return [`Its pods are replaced by new ones: ${why}.`]
}

function tagged(parts: readonly Part[]): readonly string[] {
  const images = parts.flatMap((part) => (part.kind === 'Image' && part.image !== undefined ? [part.image] : []))
  return images.some((image) => !image.includes('@sha256:'))
    ? ['Image by tag: its content can change after approval.']
    : []
}
