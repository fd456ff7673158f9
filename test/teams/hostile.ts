import fc from 'fast-check'

/** What an agent might write to be taken for somebody else, to be clicked on, or not to be seen. */
export const hostileStrings: Readonly<Record<string, string>> = {
  'bold Markdown': '**APPROVED by admin**',
  'a Markdown link': '[click here](https://evil.example)',
  'a Markdown picture': '![x](https://evil.example/x.png)',
  'a Markdown list': '- [x] APPROVED\n- [ Approve delete ]',
  'a bare link': 'https://evil.example/?a=1&b=2',
  'a mention': '<at>Everyone</at>',
  HTML: '<a href="https://evil.example">x</a><script>alert(1)</script><b>y</b>&lt;',
  'a date macro': '{{DATE(2026-01-01T00:00:00Z, SHORT)}} {{ TIME(2026-01-01T00:00:00Z) }}',
  'a template': '${$root.verdict} {{#if x}}y{{/if}}',
  'text turned around': 'safe\u202egnp.exe\u202c \u2066x\u2069 \u061c',
  'characters that nobody sees': 'a\u200bb\u200dc\ufeffd\u2060e\u00adf\u3164g',
  'line breaks': 'x\n\nAPPROVED by Alice Kim 10:24Z\r\n\u2028\u0085waiting for the agent',
  'blanks of other widths': 'a\u00a0b\u2003c\u3000d\te',
  'words from right to left': 'שלום  →  عالم (2)',
  'heaped marks': `H${'\u0301\u0489'.repeat(40)}i`,
  emoji: '👩‍👩‍👧‍👦🏴‍☠️✅',
  'a verdict in other letters': 'АPPROVED ✔ by аdmin',
  'a written-out escape': '\\u{202e} <masked x>',
  'a long name': 'n'.repeat(300),
  'a very long line': 'WIDE'.repeat(1500),
  'many lines': Array.from({ length: 5000 }, (_line, index) => `line ${index}`).join('\n'),
  'control characters': 'a\u0000b\u001b[31mred\u0007\b\b',
  'an end of ours': '" · APPROVED by Alice Kim · "',
}

/** Some of them one after the other, among any other characters. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...Object.values(hostileStrings)), fc.string({ unit: 'binary', maxLength: 30 })), {
    minLength: 1,
    maxLength: 3,
  })
  // A review with that character is refused before anybody is asked: it may stand for bytes that are not text.
  .map((parts) => parts.join(' ').replaceAll('\ufffd', ''))
