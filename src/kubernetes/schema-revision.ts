import type { CallOptions, Objects } from './objects.ts'
import type { KubernetesObject, Resource } from './resource.ts'

/** On each of our CRDs: a whole number, raised with every change of its schema or rules. */
export const revisionAnnotation = 'countersign.dev/schema-revision'

/** The revision that this version of the program was written against, of each CRD by its plural. */
export const neededRevisions: Readonly<Record<string, number>> = {
  agentidentities: 1,
  approvalchannels: 2,
  approvalpolicies: 1,
  approvalrequests: 1,
  approvalvotes: 1,
  approvergroups: 1,
}

/** Why a component must not start on the CRDs of this cluster. `message` says what to do. */
export type SchemaProblem = {
  readonly crd: string
  readonly reason: 'NotInstalled' | 'TooOld' | 'NotServed'
  readonly message: string
}

/**
 * What is wrong with the CRDs as the API server has them, nothing when all is well. On an older schema fields would be
 * refused, and rules that nobody may break would not be there. A newer one is taken: within a version it only grows.
 * Rejects with ApiError when they cannot be read.
 */
export async function schemaProblems(
  objects: Pick<Objects, 'get'>,
  options: CallOptions = {},
  needed: Readonly<Record<string, number>> = neededRevisions,
): Promise<readonly SchemaProblem[]> {
  const found = await Promise.all(
    Object.entries(needed).map(async ([plural, revision]) => {
      const name = `${plural}.${group}`
      const crd = await objects.get(customResourceDefinitions, { name }, options)
      return problemOf(name, crd === 'NotFound' ? undefined : crd.object, revision)
    }),
  )
  return found.flatMap((problem) => problem ?? [])
}

const group = 'countersign.dev'
const version = 'v1alpha1'

type CustomResourceDefinition = KubernetesObject & {
  readonly spec?: { readonly versions?: readonly { readonly name: string; readonly served: boolean }[] }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

const customResourceDefinitions: Resource<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  exact: false,
}

function problemOf(crd: string, live: CustomResourceDefinition | undefined, needed: number): SchemaProblem | undefined {
  const cure = 'apply the CRDs of this version'
  if (live === undefined) return { crd, reason: 'NotInstalled', message: `the CRD ${crd} is not installed: ${cure}` }
  const text = live.metadata?.annotations?.[revisionAnnotation] ?? ''
  const revision = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0
  if (revision < needed) {
    const message = `the CRD ${crd} has schema revision ${revision}, and ${needed} is needed: ${cure}`
    return { crd, reason: 'TooOld', message }
  }
  return isServed(live)
    ? undefined
    : { crd, reason: 'NotServed', message: `the CRD ${crd} does not serve ${version} (yet)` }
}

function isServed({ spec, status }: CustomResourceDefinition): boolean {
  const served = spec?.versions?.some((one) => one.name === version && one.served) ?? false
  return served && (status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') ?? false)
}
