/**
 * A text as a TextRun must hold it, so that a client shows all of it, and shows it as it is. What comes in is inert
 * already: the characters that are put in here are our own, and nobody sees them. Clients
 * - replace `{{DATE(…)}}` and `{{TIME(…)}}` even in a TextRun;
 * - draw heaped combining marks over the lines above and below;
 * - draw several blanks as one, so that the indentation of a change is lost;
 * - cut off a word that is wider than a phone;
 * - turn the parts of a line around between words that are written from right to left.
 * Source: seen with `adaptivecards` 3.0.6 in Chromium, and the Unicode Bidirectional Algorithm, rule N1.
 */
export function shown(text: string): string {
  return breakable(keptBlanks(keptOrder(withoutHeaps(withoutMacros(text)))))
}

/** The second brace is written out, in the manner of other characters that would do something. */
function withoutMacros(text: string): string {
  return text.replace(/\{\{(?=\s*(?:DATE|TIME))/giu, '{\\u{7b}')
}

/** No script needs more than four marks on a letter; more are written out. */
function withoutHeaps(text: string): string {
  return text.replace(/(?<=\p{M}{4})\p{M}/gu, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`)
}

/** Letters of the scripts that are written from right to left: the blocks that Unicode keeps for them. */
const rightToLeft = '[\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}]'
const phrase = new RegExp(`${rightToLeft}+(?: ${rightToLeft}+)*`, 'gu')
const leftToRightMark = '\u200e'

/** What stands between two such phrases, as the arrow from old to new, goes on from left to right. */
function keptOrder(text: string): string {
  return text.replace(phrase, (words) => `${leftToRightMark}${words}${leftToRightMark}`)
}

const hardBlank = '\u00a0'

/** After a blank a line may still be broken; the blanks that begin a line belong to its sign. */
function keptBlanks(text: string): string {
  return text
    .replace(/(?<=(?:^|\n)[-+@]?) {2,}/g, (blanks) => `${hardBlank.repeat(blanks.length)}${breakHere}`)
    .replace(/ {2,}/g, (blanks) => ` ${hardBlank.repeat(blanks.length - 1)}`)
}

const breakHere = '\u200b'

/**
 * Long words may be broken after what divides their parts, and at the latest after twelve characters. Others stay as they
 * are, so that the name of a request can be copied.
 */
function breakable(text: string): string {
  return text.replace(/[^\s\u200b]{17,}/gu, (word) =>
    widthOf(word) <= longest ? word : word.replace(pieces, (piece) => `${piece}${breakHere}`),
  )
}

const pieces = /(?:[^/:.,_=@;&?|#%]\p{M}*){12}(?=.)|[/:.,_=@;&?|#%]+(?=.)/gsu

/** In letters of usual width: so many fit on a line of a phone, beside the label. */
const longest = 30

function widthOf(word: string): number {
  const wide = word.match(/[A-Z@%mw]|[^\u0020-\u007e]/gu)?.length ?? 0
  return word.length + 0.5 * wide
}
