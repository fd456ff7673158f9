/** Is somebody in these groups of Entra? All ids are of his tenant, in small letters. */
export type MembershipQuestion = {
  readonly tenantID: string
  readonly objectID: string
  readonly groupIDs: readonly string[]
  /** No answer of before will do. */
  readonly fresh: boolean
}

/**
 * What Entra says. `groupIDs`: those of the question that he is in. `counts`: he may be told by them as an approver;
 * guests and disabled accounts may not. `NoTenant`: we have no app in that tenant, so nobody can say anything. `unknown`:
 * nobody could say just now, and why, without secrets; `againMs`: when the service wants to be asked again.
 */
export type MembershipAnswer =
  | { readonly groupIDs: ReadonlySet<string>; readonly counts: boolean }
  | { readonly unknown: string; readonly againMs?: number | undefined }
  | 'NoTenant'

/** Asks Entra. Never rejects, and answers within seconds. */
export type AskMemberships = (question: MembershipQuestion) => Promise<MembershipAnswer>
