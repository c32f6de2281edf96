// A small body without its content codings, at once: the error of a provider, whose words decide what its failure means
// although its bytes go to the caller as they came. Errors are few, and the bound keeps each below a millisecond.
import type { Buffer } from 'node:buffer'
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { readCodings, type Coding } from './codings.ts'

/** Of the body as it came and of what is in it. */
export const MAX_SMALL_BYTES = 64 * 1024

/** The body itself where it has no coding, or where it is longer, cut or in an unknown coding. */
export function decodeSmall(body: Buffer, contentEncoding: string | readonly string[] | undefined): Buffer {
  if (contentEncoding === undefined || body.length > MAX_SMALL_BYTES) return body
  const codings = readCodings(contentEncoding)
  try {
    return (codings ?? []).reduce(undo, body)
  } catch {
    // Cut or mislabelled: whoever looks for words finds none, and the status has to do.
    return body
  }
}

const BOUND = { maxOutputLength: MAX_SMALL_BYTES }

function undo(body: Buffer, coding: Coding): Buffer {
  switch (coding) {
    case 'gzip':
      return gunzipSync(body, BOUND)
    case 'deflate':
      return ((body[0] ?? 8) & 0x0f) === 8 ? inflateSync(body, BOUND) : inflateRawSync(body, BOUND)
    case 'br':
      return brotliDecompressSync(body, BOUND)
    case 'zstd':
      return zstdDecompressSync(body, BOUND)
  }
}
