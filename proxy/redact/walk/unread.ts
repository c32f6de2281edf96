// What in a body leaves without being inspected, judged by how it is written: words of the protocol, ids, and base64.
// A place of the protocol that holds anything else (an address where a tool's name is chosen) is read like every text.
// Looks at bytes as they are written in the JSON text; an escape of a character counts as that character at most where
// serialisers write it without need (`\/`). Pure.
import type { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'

/** Longer strings are no words. */
export const MAX_WORD_BYTES = 256
const WORD = /^[\w.:/|-]*$/
/** A telephone number or the like that stands by itself; ids of hexadecimal digits hold none. */
const LONG_DIGITS = /(?:^|[^A-Za-z0-9])\d{9,}(?:$|[^A-Za-z0-9])/
const DATA_LINK = /^data:(?:[\w.+-]+\\?\/[\w.+-]+)?(?:;charset=[\w-]+)?;base64,/i
const LONGEST_PREFIX = 160
/** Of Gemini's Files API; other links are to what anyone may hold. */
const HELD_FILE = /generativelanguage\.googleapis\.com[^"]*[/\\]files[/\\]|^"files[/\\]/i
const BACKSLASH = 0x5c
const PERCENT = 0x25
const BASE64 = bytesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-')
/** The escapes of `+`, `/`, `=` and of line ends. */
const PERCENT_ESCAPE = /^%(?:2[bf]|3d|0[ad])$/i
const BACKSLASH_ESCAPE = /^\\[/nr]$/

/** Of a string with its quotes. */
export function isProtocolWord(bytes: Buffer, { start, end }: Span): boolean {
  if (end - start > MAX_WORD_BYTES) return false
  const word = bytes.toString('latin1', start + 1, end - 1)
  return WORD.test(word) && !LONG_DIGITS.test(word)
}

/** What stands behind `data:image/png;base64,`; null: it is no such link, or one that says more. */
export function payloadOfLink(bytes: Buffer, { start, end }: Span): Span | null {
  const prefix = DATA_LINK.exec(bytes.toString('latin1', start + 1, Math.min(end - 1, start + LONGEST_PREFIX)))
  return prefix === null ? null : { start: start + 1 + prefix[0].length, end: end - 1 }
}

/** Of a string with its quotes. */
export function isHeldFile(bytes: Buffer, { start, end }: Span): boolean {
  return HELD_FILE.test(bytes.toString('latin1', start, end))
}

export function isBase64(bytes: Buffer, { start, end }: Span): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (BASE64[byte] === 1) continue
    if (byte === BACKSLASH && BACKSLASH_ESCAPE.test(bytes.toString('latin1', at, at + 2))) at += 1
    else if (byte === PERCENT && PERCENT_ESCAPE.test(bytes.toString('latin1', at, at + 3))) at += 2
    else return false
  }
  return true
}

function bytesOf(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}
