/**
 * The text of a CEL expression that is nothing but one text in quotes, without escapes: `'agents do not change nodes'`.
 * Undefined for every other expression, which only a CEL interpreter can say the value of.
 */
export function celText(expression: string): string | undefined {
  const [, single, double] = /^\s*(?:'([^'\\\n\r]*)'|"([^"\\\n\r]*)")\s*$/.exec(expression) ?? []
  return single ?? double
}
