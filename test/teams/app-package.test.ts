import { describe, expect, test } from '@jest/globals'
import AjvDraft04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { strFromU8, unzipSync } from 'fflate'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inflateSync } from 'node:zlib'
import { readAppPackageInput } from '../../src/teams/app-package-input.ts'
import type { AppPackageRequest } from '../../src/teams/app-package-input.ts'
import { appManifest, manifestVersion } from '../../src/teams/app-package-manifest.ts'
import { appPackage } from '../../src/teams/app-package.ts'

const require = createRequire(import.meta.url)
const schemaFile = require.resolve('@microsoft/app-manifest/build/json-schemas/teams/v1.30/MicrosoftTeams.schema.json')
const schema = JSON.parse(readFileSync(schemaFile, 'utf8'))
const ajv = addFormats.default(new AjvDraft04.default({ allErrors: true, strict: false }))
const officially = ajv.compile(schema)

const id = '2a4c6e80-1b3d-4f5a-8c7e-9d0b1f2a3c4e'
const plain: AppPackageRequest = { appID: { text: id }, url: undefined, name: 'Countersign', version: '0.1.0' }
const tabbed: AppPackageRequest = { ...plain, url: { text: 'https://countersign.example.com' } }

function filesOf(given: AppPackageRequest): Readonly<Record<string, Uint8Array>> {
  const made = appPackage(given)
  if ('problems' in made) throw new Error(made.problems.join('\n'))
  return unzipSync(made.bytes)
}

function manifestOf(given: AppPackageRequest) {
  return JSON.parse(strFromU8(filesOf(given)['manifest.json'] ?? new Uint8Array()))
}

/** Why Microsoft's schema would refuse a manifest. */
function refusals(manifest: unknown): readonly string[] {
  officially(manifest)
  return (officially.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`)
}

describe('the manifest', () => {
  test.each([
    ['with a tab', tabbed],
    ['without a tab', plain],
    ['with a port', { ...plain, url: { text: 'https://countersign.example.com:8443/' } }],
    ['with the longest name', { ...plain, name: 'n'.repeat(30) }],
  ])('%s is valid by the schema of Microsoft', (_what, given) => {
    expect(refusals(manifestOf(given))).toEqual([])
  })

  test.each([
    ['a bot id that is none', { bots: [{ botId: 'x', scopes: ['team'] }] }],
    ['an unknown scope', { bots: [{ botId: id, scopes: ['channel'] }] }],
    ['a name too long', { name: { short: 'n'.repeat(31) } }],
    ['a property that the schema does not know', { tabs: [] }],
  ])('that schema would refuse %s', (_what, change) => {
    expect(refusals({ ...manifestOf(tabbed), ...change })).not.toEqual([])
  })

  test('says by which version of the schema it is written', () => {
    expect(schema.properties.manifestVersion.const).toBe(manifestVersion)
  })

  test('has the bot in every scope, personal too, and asks for no permission', () => {
    const { bots, authorization, permissions } = manifestOf(tabbed)
    expect(bots).toHaveLength(1)
    expect(bots[0]).toMatchObject({ botId: id, scopes: ['team', 'personal', 'groupChat'], isNotificationOnly: false })
    expect([authorization, permissions]).toEqual([undefined, undefined])
  })

  test('has tab, sign-in and domain of the gateway', () => {
    expect(manifestOf(tabbed)).toMatchObject({
      id,
      staticTabs: [{ entityId: 'requests', contentUrl: 'https://countersign.example.com/tab', scopes: ['personal'] }],
      webApplicationInfo: { id, resource: `api://countersign.example.com/${id}` },
      validDomains: ['countersign.example.com'],
    })
  })

  test('has no tab, sign-in or domain without a gateway URL', () => {
    const { staticTabs, webApplicationInfo, validDomains } = manifestOf(plain)
    expect([staticTabs, webApplicationInfo, validDomains]).toEqual([undefined, undefined, []])
  })
})

describe('bad input', () => {
  test('is told all at once', () => {
    const given = { appID: { text: 'bot' }, url: { text: 'http://x/y' }, name: 'n'.repeat(31), version: '1' }
    expect(appPackage(given)).toEqual({
      problems: [
        'the app id must be a GUID, not "bot"',
        'the URL must be https://, a host and nothing else, not "http://x/y"',
        'the name must have at most 30 characters (it has 31)',
        'the version must be three numbers, as in 1.0.0, not "1"',
      ],
    })
  })

  test.each([
    ['url', 'http://countersign.example.com'],
    ['url', 'https://countersign.example.com/tab'],
    ['url', 'https://user:word@countersign.example.com'],
    ['url', 'https://countersign.example.com?x'],
    ['url', 'countersign.example.com'],
    ['appID', ''],
    ['appID', `${id}0`],
    ['appID', `{${id}}`],
  ])('a %s %j is refused', (field, text) => {
    expect(appPackage({ ...plain, [field]: { text } })).toEqual({ problems: [expect.stringContaining('must be')] })
  })

  test.each(['', ' ', 'Counter\u202esign', 'Counter\nsign', 'n'.repeat(31)])('a name %j is refused', (name) => {
    expect(appPackage({ ...plain, name })).toEqual({ problems: [expect.stringMatching(/^the name must/)] })
  })

  test.each(['1.0', '1.0.0.0', '01.0.0', '1.0.0-rc1', 'v1.0.0', '1.0.'])('a version %j is refused', (version) => {
    expect(appPackage({ ...plain, version })).toEqual({ problems: [expect.stringContaining(version)] })
  })

  test('a reason why something is not known is passed on with the other problems', () => {
    const given = { ...plain, appID: { problems: ['nobody is there'] }, name: '' }
    expect(appPackage(given)).toEqual({ problems: ['nobody is there', expect.stringContaining('the name')] })
  })

  test('whatever is given, there is a manifest by the schema, or a problem', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.webUrl(), fc.constant(id))
    const found = fc.record({ text: texts })
    const requests = fc.record({ appID: found, url: found, name: texts, version: fc.constantFrom('1.0.0', '1') })
    fc.assert(
      fc.property(requests, (given) => {
        const read = readAppPackageInput(given)
        expect('input' in read ? refusals(appManifest(read.input)) : read.problems.filter((one) => one === '')).toEqual(
          [],
        )
      }),
      { numRuns: 300 },
    )
  })
})

describe('the zip', () => {
  test('holds the manifest and the two icons that it names, and nothing else', () => {
    const { icons } = manifestOf(tabbed)
    expect(new Set(Object.keys(filesOf(tabbed)))).toEqual(new Set(['manifest.json', icons.color, icons.outline]))
  })

  test('has the same bytes for the same input, whatever the time zone', () => {
    const zone = process.env['TZ']
    const made = ['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'].map((name) => {
      process.env['TZ'] = name
      return appPackage(tabbed)
    })
    process.env['TZ'] = zone ?? 'UTC'
    expect(made[1]).toEqual(made[0])
    expect(made[2]).toEqual(made[0])
  })
})

/** Size and pixels of a PNG without filters, as our own are. */
function pixelsOf(bytes: Uint8Array) {
  const data = Buffer.from(bytes)
  const at = data.indexOf('IDAT')
  const size = data.readUInt32BE(16)
  const raw = inflateSync(data.subarray(at + 4, at + 4 + data.readUInt32BE(at - 4)))
  const pixel = (x: number, y: number): readonly number[] => [
    ...raw.subarray(y * (size * 4 + 1) + 1 + x * 4, y * (size * 4 + 1) + 5 + x * 4),
  ]
  const all = Array.from({ length: size * size }, (_pixel, index) => pixel(index % size, Math.floor(index / size)))
  return { width: size, height: data.readUInt32BE(20), all }
}

describe('the icons', () => {
  const files = filesOf(plain)
  const color = pixelsOf(files['color.png'] ?? new Uint8Array())
  const outline = pixelsOf(files['outline.png'] ?? new Uint8Array())

  test('are 192 and 32 pixels wide and high', () => {
    expect([color.width, color.height, outline.width, outline.height]).toEqual([192, 192, 32, 32])
  })

  test('the coloured one is opaque, of the accent colour at its edge, with white in it', () => {
    expect(color.all.every(([, , , alpha]) => alpha === 255)).toBe(true)
    expect(color.all[0]).toEqual([0x1b, 0x4b, 0x66, 255])
    expect(color.all).toContainEqual([255, 255, 255, 255])
  })

  test('the outline is white or nothing, and some of each', () => {
    expect(outline.all.every(([red, green, blue]) => red === 255 && green === 255 && blue === 255)).toBe(true)
    const alphas = new Set(outline.all.map(([, , , alpha]) => alpha))
    expect([alphas.has(0), alphas.has(255)]).toEqual([true, true])
  })
})
