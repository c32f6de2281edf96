// The content codings of HTTP (RFC 9110 section 8.4.1) that the proxy can undo, where a body must be read. What
// nobody needs to read passes encoded as it came; nothing is ever encoded here.
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import type { Transform } from 'node:stream'

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd'

/** One upon another; more is nobody's body but an attempt to cost us time. */
export const MAX_CODINGS = 3

const NAMES: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
}

export const KNOWN_CODINGS = 'gzip, br, deflate and zstd'

/** RFC 9659: 8 MiB is the largest window of the coding; zstd itself would take 128 MiB of memory when asked to. */
const ZSTD_WINDOW_LOG = 23

/** In the order in which they are to be undone; empty for a body that is as it is. Null: unknown, or too many. */
export function readCodings(header: string | readonly string[] | undefined): readonly Coding[] | null {
  if (header === undefined) return []
  const names = (typeof header === 'string' ? header : header.join(','))
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  const known = names.flatMap((name) => (Object.hasOwn(NAMES, name) ? (NAMES[name] ?? []) : []))
  return known.length < names.length || known.length > MAX_CODINGS ? null : known.reverse()
}

/** What undoes a coding. Some servers send `deflate` without the wrapping of zlib, which its first byte tells. */
export function createDecompressor(coding: Coding, firstByte?: number): Transform {
  switch (coding) {
    case 'gzip':
      return createGunzip()
    case 'deflate':
      return firstByte === undefined || (firstByte & 0x0f) === 8 ? createInflate() : createInflateRaw()
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } })
  }
}
