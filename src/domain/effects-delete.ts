import type { Deed, Detail, Told } from './effects.ts'
import { elementsOf, isPrintedMap, partAt, scalarAt } from './printed-yaml.ts'
import type { Printed } from './printed-yaml.ts'

const forGood = 'Kubernetes cannot undo it.'
const unknownOwned = 'Objects that belong to it are deleted as well; which ones was not looked at.'

/** What goes when the target is deleted. */
export function deleteEffects(deed: Deed): Told {
  const orphans = scalarAt(deed.options, 'propagationPolicy') === 'Orphan'
  const first = orphans ? ['What belongs to it stays behind without an owner (propagation policy Orphan).'] : goes(deed)
  const options = optionsOf(deed.options, '')
  return {
    details: options?.filter((option) => !isUsual(option)) ?? [],
    // What is approved is the deletion with its options; the object that goes is to be looked up.
    detailed: options !== undefined,
    effects: [...several(deed), ...first, ...hastily(deed), ...held(deed), forGood],
  }
}

/** What kubectl always sends, and what is done without it: the effect tells it. */
function isUsual({ label, text }: Detail): boolean {
  return label === 'propagationPolicy' && text === 'Background'
}

const kindFields: ReadonlySet<string> = new Set(['apiVersion', 'kind'])

/** The options one by one, such as `propagationPolicy`: `Orphan`; undefined when they could not be read. */
function optionsOf(options: Printed | undefined, prefix: string): readonly Detail[] | undefined {
  if (typeof options === 'string') return [{ label: prefix, text: options }]
  if (!isPrintedMap(options)) return undefined
  const found: Detail[] = []
  for (const [key, value] of options) {
    const inner = kindFields.has(key) ? [] : optionsOf(value, prefix === '' ? key : `${prefix}.${key}`)
    if (inner === undefined) return undefined
    found.push(...inner)
  }
  return found
}

const workloads: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'])

/** What goes with it, by kind. */
const gone: Readonly<Record<string, string>> = {
  CronJob: 'It starts no job any more, and its jobs stop.',
  CustomResourceDefinition: 'Every object of this kind in the cluster is deleted with it; how many was not counted.',
  DaemonSet: 'Its pods stop on every node; how many is not known.',
  Job: 'Its pods stop.',
  Namespace: 'Everything in the namespace is deleted with it; what that is was not counted.',
  Node: 'The node leaves the cluster; its pods are started elsewhere, or nowhere.',
  PersistentVolume: 'Its data may be deleted with it, as its reclaim policy says.',
  PersistentVolumeClaim: 'Its data may be deleted with it, as the reclaim policy of its volume says.',
  Pod: 'The pod stops. If a controller owns it, another one is started.',
}

function goes(deed: Deed): readonly string[] {
  const { kind } = deed.action
  if (workloads.has(kind)) return [replicas(deed)]
  const known = Object.hasOwn(gone, kind) ? gone[kind] : undefined
  return [known ?? unknownOwned]
}

/** The summary ends with the number; it is ours, and what an agent has named stands before. */
function replicas({ summary }: Deed): string {
  const count = / \((\d+) replicas?\)$/.exec(summary)?.[1]
  if (count === undefined) return 'Its pods stop; how many is not known.'
  if (count === '0') return 'It has 0 replicas: no pod of it runs.'
  return count === '1' ? 'Its 1 replica stops.' : `Its ${count} replicas stop.`
}

function several({ action }: Deed): readonly string[] {
  return action.name === undefined || action.name === ''
    ? ['One of all that a selector picks, each asked on its own.']
    : []
}

function hastily({ options }: Deed): readonly string[] {
  return scalarAt(options, 'gracePeriodSeconds') === '0' ? ['It is killed at once, without time to end its work.'] : []
}

function held({ document }: Deed): readonly string[] {
  const count = elementsOf(partAt(document, 'metadata', 'finalizers')).length
  return count === 0 ? [] : ['It stays until its finalizers are done.']
}
