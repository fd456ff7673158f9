const shortest = 4

/** The readable text (printable ASCII) that `value` is the base64 or hexadecimal form of; undefined when it is of none. */
export function decodedText(value: string): string | undefined {
  const text = fromHexadecimal(value) ?? fromBase64(value)
  return text !== undefined && text.length >= shortest && /^[\t\n\r\x20-\x7e]*$/.test(text) ? text : undefined
}

function fromHexadecimal(value: string): string | undefined {
  if (value.length % 2 === 1 || !/^[0-9a-fA-F]+$/.test(value)) return undefined
  return value.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
}

/** Checked before it is tried: an exception for each text that is none would take most of the time. */
function fromBase64(value: string): string | undefined {
  if (!/^[\w+/-]{2,}={0,2}$/.test(value)) return undefined
  try {
    return atob(value.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return undefined
  }
}
