// Texts of a call decoded from its body: whole when they are short, windows spread over them when they are long, so
// that a prompt of 10 MiB costs what one of 16 KiB does.
import type { Buffer } from 'node:buffer'
import type { Span } from '../../exchange.ts'

/** A long text is read in this many windows, the first and the last at its ends. */
export const WINDOWS = 8
const BACKSLASH = 0x5c
const LONGEST_ESCAPE = 6

export interface Reading {
  /** Windows stand one after another, a line each. */
  readonly text: string
  /** Bytes of the body that it stands for, and those of them that were read. */
  readonly sizeBytes: number
  readonly readBytes: number
}

/** `span`: of a string with its quotes. */
export function readText(body: Buffer, span: Span, maxBytes: number): Reading {
  const inner = { start: span.start + 1, end: span.end - 1 }
  const sizeBytes = inner.end - inner.start
  if (sizeBytes <= maxBytes) return { text: decoded(body, inner), sizeBytes, readBytes: sizeBytes }
  const windowBytes = Math.floor(maxBytes / WINDOWS)
  const step = (sizeBytes - windowBytes) / (WINDOWS - 1)
  const texts = Array.from({ length: WINDOWS }, (_, index) => {
    const start = inner.start + Math.floor(index * step)
    return decoded(body, window(body, { start, end: start + windowBytes }, inner))
  })
  return { text: texts.join('\n'), sizeBytes, readBytes: windowBytes * WINDOWS }
}

/** Neither half a character nor half an escape at its ends. */
function window(body: Buffer, { start, end }: Span, inner: Span): Span {
  const from = start === inner.start ? start : afterEscape(body, start)
  return { start: wholeCharacter(body, from), end: end >= inner.end ? inner.end : wholeCharacter(body, end) }
}

function wholeCharacter(body: Buffer, from: number): number {
  let at = from
  while (at < body.length && ((body[at] ?? 0) & 0xc0) === 0x80) at += 1
  return at
}

/** The characters of an escape that began before are passed over; one too many does no harm. */
function afterEscape(body: Buffer, start: number): number {
  const escape = body.lastIndexOf(BACKSLASH, start)
  return escape !== -1 && start - escape < LONGEST_ESCAPE ? escape + LONGEST_ESCAPE : start
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.)|$)/gs

function decoded(body: Buffer, { start, end }: Span): string {
  const text = body.toString('utf8', start, end)
  if (!text.includes('\\')) return text
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    // A window cut an escape, or the caller wrote one that does not exist.
    return text.replace(ESCAPE, unescaped)
  }
}

function unescaped(_: string, unit: string | undefined, character: string | undefined): string {
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16))
  return character === undefined ? '' : (ESCAPES[character] ?? character)
}
