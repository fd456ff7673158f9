/**
 * How much a document may hold. Bytes as sent, depth in nested lists and objects, nodes in values of any kind, keys of one
 * object; paths in
 * characters of keys, each key counted once for every value below it: what it takes to name all values.
 */
export type JsonLimits = {
  readonly bytes: number
  readonly depth: number
  readonly nodes: number
  readonly keys: number
  readonly paths: number
}

/**
 * 16 MiB: an update carries two objects, each up to 3 MiB as protobuf, which grows as JSON. Depth 128 keeps every recursion
 * over the document off the end of the stack. 300,000 values are read in about 50 ms; in one object they take six times that.
 * Their paths take about 100 characters each; one key of a megabyte above many values would take gigabytes.
 */
export const reviewLimits: JsonLimits = {
  bytes: 16 * 1024 * 1024,
  depth: 128,
  nodes: 300_000,
  keys: 50_000,
  paths: 32 * 1024 * 1024,
}

/** Why a document cannot be taken: closed, so that each can be counted under its name. */
export type JsonFaultKind =
  | 'TooLarge'
  | 'TooDeep'
  | 'TooManyValues'
  | 'TooManyKeys'
  | 'LongPaths'
  | 'NotUtf8'
  | 'NotJson'
  | 'DuplicateKey'
  | 'ForbiddenKey'
  | 'LoneSurrogate'
  | 'ReplacementCharacter'

/** `offset` counts UTF-16 code units of the decoded text; it is 0 where the text was never decoded. */
export type JsonFault = { readonly fault: JsonFaultKind; readonly offset: number }
