/** A line that is no line: what is wrong with the stream that it came in. */
export class LineError extends Error {
  readonly reason: 'LineTooLong' | 'NotUtf8' | 'Truncated'

  constructor(reason: LineError['reason']) {
    super(reason)
    this.reason = reason
  }
}

const newline = 0x0a

/**
 * The lines of a UTF-8 stream, without their ends, wherever its chunks are cut. Work and memory grow with the bytes,
 * however long a line. Throws LineError for a line of more than `mostBytes`, for bytes that are no UTF-8, and for an
 * end in the middle of a line; whole lines before it are still given.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<string> {
  const line = makeLine(mostBytes)
  for await (const chunk of chunks) {
    let rest = chunk
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline)) {
      line.add(rest.subarray(0, end))
      yield line.take()
      rest = rest.subarray(end + 1)
    }
    line.add(rest)
  }
  if (line.size() > 0) throw new LineError('Truncated')
}

type Line = {
  readonly add: (bytes: Uint8Array) => void
  readonly take: () => string
  readonly size: () => number
}

function makeLine(mostBytes: number): Line {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let parts: Uint8Array[] = []
  let size = 0

  function add(bytes: Uint8Array): void {
    size += bytes.byteLength
    if (size > mostBytes) throw new LineError('LineTooLong')
    if (bytes.byteLength > 0) parts.push(bytes)
  }

  function take(): string {
    const whole = Buffer.concat(parts)
    parts = []
    size = 0
    try {
      return decoder.decode(whole)
    } catch {
      throw new LineError('NotUtf8')
    }
  }

  return { add, take, size: () => size }
}
