/** A stretch of a text that looks like a credential; `kind` says what it looks like, in words for people. */
export type Span = { readonly start: number; readonly end: number; readonly kind: string }

/** The spans sorted, those that overlap or touch made one: where one ends and the next begins would tell a length. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const kept: Span[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1)
    if (last === undefined || span.start > last.end) kept.push(span)
    else if (span.end > last.end) kept[kept.length - 1] = { ...last, end: span.end }
  }
  return kept
}
