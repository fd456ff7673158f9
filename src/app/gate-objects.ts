/** What every object of the API server says of itself, as far as it is handed back when the object is replaced. */
type Metadata = {
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** A ValidatingWebhookConfiguration. What others wrote into the list may be anything. */
export type WebhookConfiguration = { readonly metadata?: Metadata; readonly webhooks?: readonly unknown[] }

/** The RoleBinding whose subjects are the agents. */
export type AgentsRoleBinding = {
  readonly metadata?: Metadata
  readonly roleRef?: { readonly apiGroup: string; readonly kind: string; readonly name: string }
  readonly subjects?: readonly unknown[]
}

/** The FlowSchema for the writes of agents. */
export type AgentsFlowSchema = {
  readonly metadata?: Metadata
  readonly spec?: { readonly rules?: readonly unknown[] }
}
