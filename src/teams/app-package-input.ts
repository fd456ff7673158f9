import { secureURL } from '../clouds.ts'
import { inert } from '../domain/inert.ts'

/** A text that somebody gave, or why there is none. */
export type Given = { readonly text: string } | { readonly problems: readonly string[] }

/** What a person or the configuration gives; nothing of it is checked. */
export type AppPackageRequest = {
  /** Application id of the bot. */
  readonly appID: Given
  /** The gateway, as `https://countersign.example.com`. Without it the app has no tab. */
  readonly url: Given | undefined
  /** What Teams calls the app. */
  readonly name: string
  /** Of the app package; Teams takes an upload for a new one when it is higher. */
  readonly version: string
}

export type AppPackageInput = {
  readonly appID: string
  readonly url: URL | undefined
  readonly name: string
  readonly version: string
}

/** As the schema of the manifest has it. */
const longestName = 30

type Read<T> = { readonly value: T } | { readonly problems: readonly string[] }

/** What the app package is made of, or everything that is wrong with it, a sentence each. */
export function readAppPackageInput(
  given: AppPackageRequest,
): { readonly input: AppPackageInput } | { readonly problems: readonly string[] } {
  const [appID, url] = [readAppID(given.appID), readURL(given.url)]
  const [name, version] = [readName(given.name), readVersion(given.version)]
  if ('value' in appID && 'value' in url && 'value' in name && 'value' in version) {
    return { input: { appID: appID.value, url: url.value, name: name.value, version: version.value } }
  }
  return { problems: [appID, url, name, version].flatMap((read) => ('problems' in read ? read.problems : [])) }
}

function readAppID(given: Given): Read<string> {
  if ('problems' in given) return given
  const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
  return guid.test(given.text)
    ? { value: given.text.toLowerCase() }
    : wrong(`the app id must be a GUID, not ${quoted(given.text)}`)
}

/** An origin that people reach from the internet, or from their desks: Teams loads it, so it is https. */
function readURL(given: Given | undefined): Read<URL | undefined> {
  if (given === undefined) return { value: undefined }
  if ('problems' in given) return given
  const url = secureURL(given.text)
  const origin = url !== undefined && url.protocol === 'https:' && url.pathname === '/'
  return origin ? { value: url } : wrong(`the URL must be https://, a host and nothing else, not ${quoted(given.text)}`)
}

function readName(name: string): Read<string> {
  if (name.trim() !== name || name === '') return wrong('the name must not be empty, nor begin or end with a blank')
  if (inert(name).escaped) return wrong('the name must not have characters that nobody sees')
  return name.length <= longestName
    ? { value: name }
    : wrong(`the name must have at most ${longestName} characters (it has ${name.length})`)
}

function readVersion(version: string): Read<string> {
  return /^(?:(?:0|[1-9]\d{0,8})(?:\.|$)){3}$/.test(version) && !version.endsWith('.')
    ? { value: version }
    : wrong(`the version must be three numbers, as in 1.0.0, not ${quoted(version)}`)
}

function wrong(problem: string): { readonly problems: readonly string[] } {
  return { problems: [problem] }
}

function quoted(text: string): string {
  return JSON.stringify(inert(text).text.slice(0, 80))
}
