/**
 * Makes hostile bytes out of good ones: what no generator of valid documents thinks of. Everything depends on `random`
 * alone, so that a run can be repeated by its seed.
 */
export type Mutator = (body: Uint8Array) => Uint8Array

type Dice = (sides: number) => number

/** Texts that mean something to a reader of JSON or of Kubernetes objects, put where they do not belong. */
const tokens = [
  'null',
  'true',
  '{}',
  '[]',
  '""',
  '0',
  '-0',
  '1e999',
  '1.0',
  '9007199254740993',
  '-',
  '.',
  'e',
  ',',
  ':',
  '"',
  '\\',
  '\\u0000',
  '\\ud83d',
  '\\ufffd',
  '\ufffd',
  '\ufeff',
  '\u202e',
  '\u0000',
  '{',
  '}',
  '[',
  ']',
  '{"__proto__":1}',
  '"__proto__":{},',
  '"constructor":1,',
  '"a":1,"a":2,',
  '"kind":"Secret",',
  '"metadata":null,',
  '"metadata":[],',
  '"managedFields":[{}],',
  '"managedFields":[null,1,{"fieldsV1":{"f:a\\"/":{"b":1}}}],',
  '"fieldsV1":{"k:{":{},"v:":{},"i:x":{},".":{},"":{}},',
  '"generateName":"a",',
  '"spec":null,',
  '"spec":{"ports":[null,{"port":1}]},',
  '"volumes":[null,{"name":"kube-api-access-bcdfg"}],',
  '"replicas":"x",',
  '"status":[1],',
  '"env":[{"name":1},{"name":"A"},{"name":"A"},null],',
  '"args":["--token",null,"--token","x"],',
  '"data":{"a":1,"b":null,"c":[["x"]]},',
  '"object":null,',
  '"oldObject":[],',
  '"operation":"CONNECT",',
  '"subResource":"scale",',
  '"kubectl.kubernetes.io/restartedAt":"2026-03-01T10:20:00Z",',
  '"conditions":[null,{"lastUpdateTime":1}],',
  '-----BEGIN PRIVATE KEY-----',
  'password=',
  'eyJhbGciOiJ.eyJ',
  '://a:b@',
  '<masked ',
  'YWJj',
]

const deeds: readonly ((text: string, dice: Dice) => string)[] = [
  function putToken(text, dice) {
    return spliced(text, { from: dice(text.length + 1), cut: 0, put: tokenOf(dice) })
  },
  function swapToken(text, dice) {
    const found = tokenAt(text, dice)
    return spliced(text, { ...found, put: tokenOf(dice) })
  },
  function swapTwoTokens(text, dice) {
    const other = tokenAt(text, dice)
    return spliced(text, { ...tokenAt(text, dice), put: text.slice(other.from, other.from + other.cut) })
  },
  function cutOut(text, dice) {
    return spliced(text, { from: dice(text.length + 1), cut: dice(dice(4) === 0 ? 2000 : 12), put: '' })
  },
  function double(text, dice) {
    const from = dice(text.length + 1)
    return spliced(text, { from, cut: 0, put: text.slice(from, from + dice(400)) })
  },
  function cutShort(text, dice) {
    return text.slice(0, dice(text.length + 1))
  },
  function editNumber(text, dice) {
    const numbers = [...text.matchAll(/-?\d+/g)]
    const found = numbers[dice(numbers.length)]
    if (found === undefined) return text
    const edits = [`${found[0]}0`, `${found[0]}.0`, `-${found[0]}`, `${found[0]}e1`, '18446744073709551616', '']
    return spliced(text, { from: found.index, cut: found[0].length, put: edits[dice(edits.length)] ?? '' })
  },
  function bomb(text, dice) {
    const [open = '[', close = ']'] =
      [
        ['[', ']'],
        ['{"a":', '}'],
        ['[{"name":"a","x":', '}]'],
      ][dice(3)] ?? []
    const depth = [5, 60, 130, 3000][dice(4)] ?? 5
    return spliced(text, { ...tokenAt(text, dice), put: `${open.repeat(depth)}1${close.repeat(depth)}` })
  },
  function long(text, dice) {
    const token = tokenOf(dice).replaceAll(/["\\]/g, '')
    return spliced(text, { from: dice(text.length + 1), cut: 0, put: token.repeat(dice(300)) })
  },
]

type Splice = { readonly from: number; readonly cut: number; readonly put: string }

function spliced(text: string, { from, cut, put }: Splice): string {
  return text.slice(0, from) + put + text.slice(from + cut)
}

function tokenOf(dice: Dice): string {
  return tokens[dice(tokens.length)] ?? ''
}

/** A text, number or word of the document, or the sign where none follows. */
function tokenAt(text: string, dice: Dice): { readonly from: number; readonly cut: number } {
  const from = dice(text.length + 1)
  const token = /"[^"\\]*"|[\w.+-]+|[{}[\],:]/g
  token.lastIndex = from
  const found = token.exec(text)
  return found === null ? { from, cut: 0 } : { from: found.index, cut: found[0].length }
}

type Holder = Record<string, unknown>

/** Every place of a value in the document: what holds it, and under which key. */
function placesOf(value: unknown, places: (readonly [Holder, string])[] = []): (readonly [Holder, string])[] {
  if (typeof value !== 'object' || value === null) return places
  const holder = value as Holder
  for (const key of Object.keys(holder)) {
    places.push([holder, key])
    placesOf(holder[key], places)
  }
  return places
}

const strange: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  '',
  'x',
  [],
  {},
  [null],
  [[]],
  { name: 'x' },
  [{ name: 'x' }, { name: 'x' }],
]

/** The same document with values in places where they do not belong: still JSON, hardly a review. */
function transplanted(text: string, dice: Dice): string {
  const root: unknown = JSON.parse(text)
  for (let count = dice(3) + 1; count > 0; count -= 1) {
    const places = placesOf(root)
    const [holder, key] = places[dice(places.length)] ?? [{}, '']
    const [other, from] = places[dice(places.length)] ?? [{}, '']
    const found = other[from]
    const values = [found, [found], { x: found }, [holder[key], found], strange[dice(strange.length)], undefined]
    holder[key] = structuredClone(values[dice(values.length)])
  }
  return JSON.stringify(root)
}

function flipped(body: Uint8Array, dice: Dice): Uint8Array {
  const copy = body.slice()
  for (let count = dice(3) + 1; count > 0 && copy.length > 0; count -= 1) {
    const at = dice(copy.length)
    copy[at] = dice(2) === 0 ? dice(256) : (copy[at] ?? 0) ^ (1 << dice(8))
  }
  return copy
}

/** A mutator of its own randomness: values transplanted, or one to three deeds to the text, now and then to the bytes. Takes JSON. */
export function corpusMutator(random: () => number): Mutator {
  const dice: Dice = (sides) => Math.floor(random() * sides)
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
  return (body) => {
    if (dice(6) === 0) return flipped(body, dice)
    let text = decoder.decode(body)
    if (dice(3) > 0) return encoder.encode(transplanted(text, dice))
    for (let count = dice(3) + 1; count > 0; count -= 1) text = deeds[dice(deeds.length)]?.(text, dice) ?? text
    return encoder.encode(text)
  }
}
