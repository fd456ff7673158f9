import { listAt, nameIn, picks, podLabels } from './around.ts'
import type { Around } from './around.ts'
import { heldBy } from './around-rights.ts'
import { usedBy } from './around-pod.ts'
import { shortened } from './inert.ts'
import { at, textAt } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import type { RequestedAction } from './kinds.ts'
import { safe } from './safe-text.ts'

/** As many effects, and as long, as the schema of a request takes. */
const mostEffects = 16
const longestEffect = 256

/**
 * What an action does, with what was found around its target: what was seen takes the place of what could only be read
 * from the request. Most important first; every text is inert.
 */
export function effectsAround(action: RequestedAction, computed: readonly string[], around: Around): readonly string[] {
  const seen = [
    ...pods(action, around),
    ...behind(action, around),
    ...budgets(action, around),
    ...scalers(action, around),
    ...heldBy(around.role),
    ...(action.operation === 'Connect' ? usedBy(around.target) : []),
  ]
  const moot = mootBy(action, around)
  const rest = computed.filter((line) => !moot.some((pattern) => pattern.test(line)))
  return [...seen, ...rest, ...keepers(action, around)]
    .map((line) => shortened(safe(line), longestEffect))
    .slice(0, mostEffects)
}

/** Sentences of which the live objects tell more. */
function mootBy(action: RequestedAction, around: Around): readonly RegExp[] {
  return [
    ...(pods(action, around).length > 0
      ? [/^(?:Its (?:\d+ replicas? stops?|pods stop; how many is not known)\.|It has 0 replicas: .*)$/]
      : []),
    ...(heldBy(around.role).length > 0 ? [/^What the role holds was not looked at;/] : []),
  ]
}

function isGoing({ operation, resource }: RequestedAction): boolean {
  return (operation === 'Delete' && resource.subresource === '') || resource.subresource === 'eviction'
}

/** Pods that run now, when the workload goes. */
function pods(action: RequestedAction, { target }: Around): readonly string[] {
  if (!isGoing(action) || action.resource.resource === 'pods') return []
  const running = runningIn(target)
  if (running === undefined) return []
  if (running === 0) return ['No pod of it runs now.']
  return [running === 1 ? '1 running pod stops.' : `${running} running pods stop.`]
}

/** A status without ready replicas says that there are none, once the controller has written it. */
function runningIn(target: JsonObject | undefined): number | undefined {
  const running = at(target, 'status', 'readyReplicas') ?? at(target, 'status', 'numberReady')
  if (typeof running === 'number') return running
  return at(target, 'status', 'observedGeneration') === undefined ? undefined : 0
}

function behind(action: RequestedAction, { target, services = [] }: Around): readonly string[] {
  const labels = podLabels(target)
  if (labels === undefined || !lessens(action)) return []
  return services
    .filter((service) => picks(at(service, 'spec', 'selector'), labels))
    .map((service) => `Service ${nameIn(service)} sends its traffic to these pods.`)
}

function lessens(action: RequestedAction): boolean {
  return isGoing(action) || action.operation === 'Update'
}

/** Budgets hold evictions back, and nothing else (Kubernetes, "Disruptions"). */
function budgets(action: RequestedAction, { target, budgets: all = [] }: Around): readonly string[] {
  const labels = podLabels(target)
  if (labels === undefined || !isGoing(action)) return []
  const evicted = action.resource.subresource === 'eviction'
  return all
    .filter((budget) => picks(at(budget, 'spec', 'selector', 'matchLabels'), labels))
    .map((budget) =>
      evicted
        ? `PodDisruptionBudget ${nameIn(budget)} allows ${said(at(budget, 'status', 'disruptionsAllowed'))} disruptions now.`
        : `PodDisruptionBudget ${nameIn(budget)} does not prevent this.`,
    )
}

function scalers(action: RequestedAction, { target, autoscalers = [] }: Around): readonly string[] {
  if (action.operation !== 'Update' || target === undefined) return []
  return autoscalers
    .filter((one) => isScaledBy(one, action, target))
    .map((one) => {
      const least = said(at(one, 'spec', 'minReplicas') ?? 1)
      return `HorizontalPodAutoscaler ${nameIn(one)} (${least}–${said(at(one, 'spec', 'maxReplicas'))}) sets the replicas.`
    })
}

function isScaledBy(scaler: JsonObject, { resource }: RequestedAction, target: JsonObject): boolean {
  const kind = textAt(scaler, 'spec', 'scaleTargetRef', 'kind')?.toLowerCase() ?? ''
  return `${kind}s` === resource.resource && textAt(scaler, 'spec', 'scaleTargetRef', 'name') === nameIn(target)
}

function said(value: Json | undefined): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : 'unknown'
}

/** Marks by which somebody else says that he keeps the object as it is described elsewhere. */
const marks: readonly (readonly [place: 'labels' | 'annotations', key: string, who: string])[] = [
  ['annotations', 'argocd.argoproj.io/tracking-id', 'Argo CD'],
  ['labels', 'argocd.argoproj.io/instance', 'Argo CD'],
  ['labels', 'kustomize.toolkit.fluxcd.io/name', 'Flux'],
  ['labels', 'helm.toolkit.fluxcd.io/name', 'Flux'],
  ['annotations', 'meta.helm.sh/release-name', 'Helm'],
]

/** Who may undo it. */
function keepers(action: RequestedAction, { target }: Around): readonly string[] {
  const [, , keeper] = marks.find(([place, key]) => textAt(target, 'metadata', place, key) !== undefined) ?? []
  const owner = listAt(target, 'metadata', 'ownerReferences').find((one) => at(one, 'controller') === true)
  const again = action.operation === 'Delete' ? 'it may be created again' : 'it may be changed back'
  return [
    ...(keeper === undefined ? [] : [`Managed by ${keeper}: ${again}.`]),
    ...(owner === undefined ? [] : [`Owned by ${said(at(owner, 'kind'))} ${said(at(owner, 'name'))}: ${again}.`]),
  ]
}
