import { describe, expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What a room under src/ may import of the other rooms, and which npm packages are its own. */
const doors = [
  'api',
  'certificates',
  'cli',
  'entra',
  'gateway',
  'http',
  'kubernetes',
  'observe',
  'tab',
  'teams',
  'text',
  'tokens',
  'webhook',
] as const
const inward = ['app', 'domain']
const packages: Readonly<Record<string, string>> = {
  '@kubernetes/client-node': 'src/kubernetes/credentials.ts',
  undici: 'src/kubernetes/',
  yaml: 'src/text/',
  diff: 'src/text/',
  jose: 'src/tokens/',
  '@peculiar/x509': 'src/certificates/',
  zod: 'src/config',
  winston: 'src/observe/',
  'prom-client': 'src/observe/',
  commander: 'src/cli/',
  express: 'src/gateway/server.ts',
  helmet: 'src/gateway/server.ts',
  fflate: 'src/teams/',
  react: 'src/tab/',
  'react-dom': 'src/tab/',
  '@fluentui/react-components': 'src/tab/',
  '@microsoft/teams-js': 'src/tab/teams-host.ts',
}

type Import = { readonly from: string; readonly file: string }

/** The three forms in which a module is named; formatted code begins them on a line of their own. */
const forms = [
  /^import\s+(?:[\w{}\s,*$]+\sfrom\s+)?['"]([^'"]+)['"]/gm,
  /^export\s+(?:type\s+)?(?:\*|\{[\w\s,]*\})(?:\s+as\s+\w+)?\s+from\s+['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
]

function importsOf(file: string, text: string): readonly Import[] {
  return forms.flatMap((form) => [...text.matchAll(form)].map((found) => ({ file, from: found[1] ?? '' })))
}

const roomOf = (file: string): string => file.split('/')[1] ?? ''

function resolved(found: Import): string {
  return join(found.file, '..', found.from)
}

/** The sentence that says what is wrong with one import, or nothing. */
function violation(found: Import): string | undefined {
  const room = roomOf(found.file)
  const complaint = `${found.file} imports ${found.from}`
  if (found.from.startsWith('.')) return relativeViolation(room, roomOf(resolved(found)), complaint)
  if (found.from.startsWith('node:')) return room === 'domain' && found.from !== 'node:crypto' ? complaint : undefined
  const name = found.from
    .split('/')
    .slice(0, found.from.startsWith('@') ? 2 : 1)
    .join('/')
  const owner = packages[name]
  return owner !== undefined && found.file.startsWith(owner) ? undefined : complaint
}

function relativeViolation(from: string, to: string, complaint: string): string | undefined {
  if (from === to || from.endsWith('.ts')) return undefined
  if (from === 'domain') return complaint
  if (from === 'app') return to === 'domain' ? undefined : complaint
  if (from === 'compose') return to === 'main.ts' ? complaint : undefined
  return inward.includes(to) || to === 'config.ts' || to === 'clouds.ts' ? undefined : complaint
}

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') || name.endsWith('.tsx'))
  .map((name) => join('src', name))

const imports = sources.flatMap((file) => importsOf(file, readFileSync(file, 'utf8')))

describe('imports go one way: main → compose → doors → app → domain', () => {
  test('the test has seen every room that it guards, and imports in them', () => {
    const rooms = new Set(sources.map(roomOf))
    expect([...rooms]).toEqual(expect.arrayContaining(['domain', ...doors]))
    expect(imports.length).toBeGreaterThan(sources.length / 2)
  })

  test('no import goes outward, sideways or to a package of another room', () => {
    expect(imports.map(violation).filter((complaint) => complaint !== undefined)).toEqual([])
  })

  test.each([
    ['domain reads the clock of a door', 'src/domain/digest.ts', '../kubernetes/transport.ts'],
    ['domain takes a package', 'src/domain/digest.ts', 'yaml'],
    ['domain takes a node module that does I/O', 'src/domain/digest.ts', 'node:fs'],
    ['a use case knows a vendor', 'src/app/admit.ts', 'undici'],
    ['a use case knows a door', 'src/app/admit.ts', '../kubernetes/objects.ts'],
    ['a door knows another door', 'src/text/yaml.ts', '../kubernetes/objects.ts'],
    ['a second file imports client-node', 'src/kubernetes/objects.ts', '@kubernetes/client-node'],
    ['a package that nobody owns', 'src/kubernetes/objects.ts', 'left-pad'],
  ])('would notice that %s', (_what, file, from) => {
    expect(violation({ file, from })).toBe(`${file} imports ${from}`)
  })

  test.each([
    ["import x from 'a'", 'a'],
    ["import type { X } from './b.ts'", './b.ts'],
    ["import {\n  a,\n  b,\n} from './c.ts'", './c.ts'],
    ["export { a } from './d.ts'", './d.ts'],
    ["import './e.ts'", './e.ts'],
    ["const f = await import('./f.ts')", './f.ts'],
  ])('reads %j as an import', (text, from) => {
    expect(importsOf('src/domain/x.ts', text)).toEqual([{ file: 'src/domain/x.ts', from }])
  })
})
