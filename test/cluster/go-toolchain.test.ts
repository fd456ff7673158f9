import { describe, expect, test } from '@jest/globals'
import { goEnvironment, readGoEnv } from '../../cluster/go-toolchain.ts'

const answer = (version: string) => ({ code: 0, stdout: `${version}\n/modules\n/build\n/unfinished\n`, stderr: '' })

describe('what go says of itself', () => {
  test.each([
    'go1.26.0',
    'go1.26.8',
    'go1.27rc1',
    'go1.100.0',
    'go2.0',
    'devel go1.27-3f2c1a Mon',
    'go1.26.1 X:nodwarf5',
  ])('%s is new enough', (version) => {
    expect(readGoEnv(answer(version))).toStrictEqual({
      version,
      moduleCache: '/modules',
      buildCache: '/build',
      workFolder: '/unfinished',
    })
  })

  test.each(['go1.25.9', 'go1.9', 'go1.3', 'go0.99', '', 'unknown'])('%j is too old', (version) => {
    expect(() => readGoEnv(answer(version))).toThrow(expect.objectContaining({ reason: 'GoTooOld' }))
  })

  test('too old names the version found, the one needed and where to get it', () => {
    expect(() => readGoEnv(answer('go1.22.4'))).toThrow(/go1\.22\.4.*go1\.26.*https:\/\/go\.dev\/dl/)
  })

  test.each([
    [
      'may not fetch a newer one',
      'go: go.mod requires go >= 1.26.0 (running go1.24.4; GOTOOLCHAIN=local)',
      /go1\.24\.4/,
    ],
    [
      'cannot fetch a newer one',
      'go: download go1.26.0 for linux/amd64: toolchain not available',
      /could not fetch.*toolchain not available/,
    ],
  ])('a go that %s is too old', (_, stderr, message) => {
    const ask = () => readGoEnv({ code: 1, stdout: '', stderr })
    expect(ask).toThrow(expect.objectContaining({ reason: 'GoTooOld' }))
    expect(ask).toThrow(message)
  })

  test('no go at all is told as such, with both ways out', () => {
    const answered = { code: 127, stdout: '', stderr: 'sh: exec: go: not found' }
    const ask = () => readGoEnv(answered)
    expect(ask).toThrow(expect.objectContaining({ reason: 'GoMissing' }))
    expect(ask).toThrow(/https:\/\/go\.dev\/dl.*KUBEBUILDER_ASSETS/)
  })

  test('a go that does not work tells what it said', () => {
    const answered = { code: 2, stdout: '', stderr: 'go: cannot find GOROOT directory\n' }
    expect(() => readGoEnv(answered)).toThrow(/cannot find GOROOT directory/)
  })
})

describe('the environment of go', () => {
  test('keeps the caller’s proxy and caches', () => {
    const env = { GOPROXY: 'https://proxy.example.com', GOMODCACHE: '/modules', PATH: '/bin' }
    expect(goEnvironment(env)).toMatchObject(env)
  })

  test('builds for this machine, without C and without a workspace', () => {
    const env = goEnvironment({ GOOS: 'windows', GOARCH: 'arm', CGO_ENABLED: '1', GOWORK: '/go.work' })
    expect(env).toMatchObject({ GOOS: undefined, GOARCH: undefined, CGO_ENABLED: '0', GOWORK: 'off' })
  })
})
