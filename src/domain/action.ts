import type { Agent } from './identity.ts'
import type { JsonObject } from './json.ts'

/** The four operations of admission; PUT, PATCH and apply are one, Update: a review does not tell them apart. */
export type Operation = 'Create' | 'Update' | 'Delete' | 'Connect'

/** A resource as the API server names it: plural, lower case; `group` is empty for core, `subresource` for the object itself. */
export type Resource = {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
}

/**
 * One mutation that an agent asks for, as admission shows it. Raw: it lives in memory only; what is stored or shown is
 * made of it by `mask`.
 */
export type Action = {
  readonly agent: Agent
  readonly operation: Operation
  readonly resource: Resource
  /** Kind of the object in the review; `PodExecOptions` for an exec, `Scale` for a scale. */
  readonly kind: string
  /** Empty for what is not in a namespace. */
  readonly namespace: string
  /** Empty for each object of a deletecollection. */
  readonly name: string
  readonly object: JsonObject | undefined
  readonly oldObject: JsonObject | undefined
  readonly options: JsonObject | undefined
  /**
   * The live uid of the object that a Connect or a Create on a subresource works on, which a review does not carry;
   * whoever builds the action reads it. Undefined elsewhere, and where it could not be read.
   */
  readonly parentUID: string | undefined
}

/** Is this one of `resources`, written `resource` or `resource.group`, with no subresource? */
export function isMainResource(resource: Resource, resources: ReadonlySet<string>): boolean {
  return resource.subresource === '' && resources.has(groupResource(resource))
}

/** `deployments.apps`, `pods`: the short name of a resource without version and subresource. */
export function groupResource(resource: Resource): string {
  return resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`
}

/** Does it work on an object that its review does not carry? */
export function worksOnParent({ operation, resource }: Pick<Action, 'operation' | 'resource'>): boolean {
  return operation === 'Connect' || (operation === 'Create' && resource.subresource !== '')
}
