/**
 * Characters that a reader does not see, or that change how others are read: control, format and bidirectional
 * characters, private and unassigned code points, everything that fonts ignore, blanks other than the space, line and
 * paragraph separators. And two texts that could pass for ours: a written-out escape, and the start of a masked value.
 */
const alive =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2800]|(?! )\p{Zs}|\\(?=u\{)|<(?=masked )/gu

/** Text that does nothing where it is shown. `escaped` says that something had to be written out: a reason to look twice. */
export type Inert = { readonly text: string; readonly escaped: boolean }

/** One line: every character that does something is written out as `\u{202e}`. Two texts never come out the same. */
export function inert(text: string): Inert {
  const shown = text.replace(alive, written)
  return { text: shown, escaped: shown !== text }
}

/** Like {@link inert}, but line breaks stay: for places that show several lines and mark each as the agent's. */
export function inertLines(text: string): Inert {
  const lines = text.split('\n').map(inert)
  return { text: lines.map((line) => line.text).join('\n'), escaped: lines.some((line) => line.escaped) }
}

function written(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

/** The text, or its two ends around an ellipsis when it is longer than `limit` characters: never a cut-off tail alone. */
export function shortened(text: string, limit: number): string {
  const characters = Array.from(text)
  if (characters.length <= limit) return text
  const tail = Math.floor((limit - 1) / 2)
  return [...characters.slice(0, limit - 1 - tail), '…', ...characters.slice(characters.length - tail)].join('')
}
