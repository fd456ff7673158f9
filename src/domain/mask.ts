import { createHmac } from 'node:crypto'
import { changesBetween } from './change.ts'
import type { Change } from './change.ts'
import type { Content } from './content.ts'
import type { HmacKey } from './digest.ts'
import { at, emptyObject, isList, objectOf, replaceAt, withKey } from './json.ts'
import type { JsonObject } from './json.ts'
import { ownershipChanges, unexplained } from './managed-fields.ts'
import { isRuledOut, maskDocument } from './mask-document.ts'
import type { MaskedDocument, MaskRules } from './mask-document.ts'
import { maskOwnership } from './mask-ownership.ts'

declare const masked: unique symbol

/**
 * Safe to store, show and log: no credential in it, and no text that does anything where it is shown. Only this file
 * makes it; every port that lets something out takes nothing else, so a leak does not compile.
 */
export type Masked<T> = T & { readonly [masked]: true }

/** What people may see of an action's content. */
export type View = {
  readonly operation: Content['operation']
  /** The object that a Create makes, a Delete takes away, or the options of a Connect. */
  readonly document: JsonObject | undefined
  /** What an Update changes, and which fields change hands without changing; of a Create, the owners if it has several. */
  readonly changes: readonly Change[]
  /** The options of a Delete. */
  readonly options: JsonObject | undefined
  readonly maskedPaths: readonly string[]
  readonly escapedPaths: readonly string[]
  readonly hiddenExecutablePaths: readonly string[]
}

/** Masks the whole content. Every raw change stays visible as a change: hidden values carry a tag that changes with them. */
export function mask(content: Content, rules: MaskRules, key: HmacKey): Masked<View> {
  const document = (raw: JsonObject): MaskedDocument =>
    maskDocument(raw, { rules, tag: (path, value) => tagOf(key, path, value) })
  const ownership = (raw: readonly Change[]): readonly Change[] => maskOwnership(raw, (path) => isRuledOut(rules, path))
  return branded(viewOf(content, { document, ownership }))
}

type Hide = {
  readonly document: (raw: JsonObject) => MaskedDocument
  readonly ownership: (raw: readonly Change[]) => readonly Change[]
}

/** What is made of masked values alone is masked. `make` must be pure and use nothing but its input. */
export function fromMasked<A, B>(from: Masked<A>, make: (from: A) => B): Masked<B> {
  return branded(make(from))
}

function viewOf(content: Content, hide: Hide): View {
  switch (content.operation) {
    case 'Create':
      return {
        ...documentView('Create', hide.document(unowned(content.object))),
        changes: foreignOwners(content, hide),
      }
    case 'Connect':
      return documentView('Connect', hide.document(content.options))
    case 'Delete': {
      const options = hide.document(content.options)
      return { ...documentView('Delete', hide.document(deletedDocument(content))), options: options.document }
    }
    case 'Update':
      return updateView(content, hide)
  }
}

/** managedFields say once more what the object says, but for who owns it. */
function unowned(object: JsonObject): JsonObject {
  return replaceAt(object, ['metadata', 'managedFields'], (entries) => (isList(entries) ? undefined : entries))
}

/** A new object has one owner, its maker; with more, someone's next apply may remove fields of it. */
function foreignOwners({ object }: Extract<Content, { operation: 'Create' }>, hide: Hide): readonly Change[] {
  const entries = at(object, 'metadata', 'managedFields')
  return isList(entries) && entries.length > 1 ? hide.ownership(ownershipChanges(emptyObject(), object)) : []
}

/** What goes, with what holds it back and whom it belongs to. */
function deletedDocument({
  object,
  finalizers,
  ownerReferences,
}: Extract<Content, { operation: 'Delete' }>): JsonObject {
  const held = isList(finalizers) && finalizers.length > 0
  const owned = isList(ownerReferences) && ownerReferences.length > 0
  const metadata = [
    ...(held ? [['finalizers', finalizers] as const] : []),
    ...(owned ? [['ownerReferences', ownerReferences] as const] : []),
  ]
  return metadata.length === 0 ? object : withKey(object, 'metadata', objectOf(metadata))
}

function documentView(operation: Content['operation'], shown: MaskedDocument): View {
  const { document, ...paths } = shown
  return { operation, document, changes: [], options: undefined, ...paths }
}

function updateView(content: Extract<Content, { operation: 'Update' }>, hide: Hide): View {
  const before = hide.document(content.before)
  const after = hide.document(content.after)
  const changes = changesBetween(before.document, after.document)
  return {
    operation: 'Update',
    document: undefined,
    changes: [...changes, ...hide.ownership(unexplained(content.ownership, content))],
    options: undefined,
    maskedPaths: union(before.maskedPaths, after.maskedPaths),
    escapedPaths: union(before.escapedPaths, after.escapedPaths),
    hiddenExecutablePaths: after.hiddenExecutablePaths,
  }
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])]
}

/** Eight digits of an HMAC over place and value: equal secrets in two places do not show that they are equal. */
function tagOf(key: HmacKey, path: string, value: string): string {
  return createHmac('sha256', key.secret).update(`mask\0${path}\0${value}`).digest('hex').slice(0, 8)
}

function branded<T>(value: T): Masked<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where the brand is given
  return value as Masked<T>
}
