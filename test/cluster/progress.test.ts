import { describe, expect, test } from '@jest/globals'
import { makePrinter, progressLine } from '../../cluster/progress.ts'

function screen(terminal: boolean) {
  let written = ''
  let nowMs = 1_000_000
  const write = (text: string) => void (written += text)
  const printer = makePrinter({ write, now: () => nowMs, terminal })
  return { ...printer, pass: (ms: number) => void (nowMs += ms), written: () => written }
}

describe('a line of progress', () => {
  test.each([
    [{ step: 'compiling' }, 0, 'compiling  0:00'],
    [{ step: 'compiling', done: 7 }, 61_999, 'compiling 7  1:01'],
    [{ step: 'compiling', done: 7, total: 20 }, 3_605_000, 'compiling 7/20  60:05'],
  ])('%j after %d ms', (progress, elapsedMs, line) => {
    expect(progressLine(progress, elapsedMs)).toBe(line)
  })
})

describe('progress in a log', () => {
  test('has a line when a step begins and one when it ends, with its time', () => {
    const { report, end, pass, written } = screen(false)
    report({ step: 'one' })
    pass(65_000)
    report({ step: 'one', done: 3 })
    report({ step: 'two' })
    pass(2_000)
    end()
    expect(written()).toBe('one  0:00\none 3  1:05\ntwo  0:00\ntwo  0:02\n')
  })

  test('does not repeat the line of a step that took no time', () => {
    const { report, end, written } = screen(false)
    report({ step: 'one' })
    end()
    end()
    expect(written()).toBe('one  0:00\n')
  })
})

test('progress on a terminal is one line per step, written over', () => {
  const { report, end, pass, written } = screen(true)
  report({ step: 'one' })
  pass(5_000)
  report({ step: 'two' })
  end()
  const [, ...writes] = written().split('\r\u001B[K')
  expect(writes).toStrictEqual(['one  0:00', 'one  0:05\n', 'two  0:00', 'two  0:00\n'])
})
