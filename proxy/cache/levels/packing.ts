// An entry as bytes, the same on a disk and in a shared cache:
//
//   version (1) | is compressed (1) | length of the head (2) | head: JSON of the facts | value, perhaps zstd
//
// Who reads it back has checked before (digest or seal) that these are the bytes that were written; all the same
// nothing here believes a length: bytes that cannot be read are null.
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import type { CacheEntry, EntryFacts } from '../store.ts'

/** Entries of another version are not read. */
export const PACKING_VERSION = 1
/** Smaller values win too little for the time. */
export const COMPRESS_FROM_BYTES = 2048
/** Above this, decompressing would hold up other calls. */
export const DECOMPRESS_AT_ONCE_BYTES = 256 * 1024
/** No value of ours is larger; a head that claims more is not ours. */
export const MAX_VALUE_BYTES = 32 * 1024 * 1024

const FRONT_BYTES = 4
/** Compressed bytes must be this much fewer to be worth the reader's time. */
const WORTHWHILE = 0.9
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }
const compressAside = promisify(zstdCompress)
const decompressAside = promisify(zstdDecompress)

interface Head {
  readonly facts: EntryFacts
  readonly valueBytes: number
}

interface Packed extends Head {
  readonly isCompressed: boolean
  readonly body: Buffer
}

/** On this thread, whatever the size: for a thread of its own. */
export function packNow(entry: CacheEntry): Buffer {
  const { value } = entry
  return assemble(entry, value.length < COMPRESS_FROM_BYTES ? null : zstdCompressSync(value, OPTIONS))
}

/** Compresses on a thread of the pool. */
export async function pack(entry: CacheEntry): Promise<Buffer> {
  const { value } = entry
  return assemble(entry, value.length < COMPRESS_FROM_BYTES ? null : await compressAside(value, OPTIONS))
}

export function unpackNow(bytes: Buffer): CacheEntry | null {
  const packed = disassemble(bytes)
  if (packed === null) return null
  try {
    const { facts, isCompressed, body } = packed
    return entryOf(packed, isCompressed ? zstdDecompressSync(body, bounded(packed)) : body, facts)
  } catch {
    return null
  }
}

export async function unpack(bytes: Buffer): Promise<CacheEntry | null> {
  const packed = disassemble(bytes)
  if (packed === null) return null
  if (!packed.isCompressed || packed.valueBytes <= DECOMPRESS_AT_ONCE_BYTES) return unpackNow(bytes)
  try {
    return entryOf(packed, await decompressAside(packed.body, bounded(packed)), packed.facts)
  } catch {
    return null
  }
}

function assemble({ facts, value }: CacheEntry, compressed: Buffer | null): Buffer {
  const isCompressed = compressed !== null && compressed.length < value.length * WORTHWHILE
  const { storedAtMs, freshUntilMs, staleUntilMs, route, scope } = facts
  const head = Buffer.from(JSON.stringify([storedAtMs, freshUntilMs, staleUntilMs, route, scope, value.length]))
  const front = Buffer.from([PACKING_VERSION, isCompressed ? 1 : 0, head.length >> 8, head.length & 0xff])
  return Buffer.concat([front, head, isCompressed ? compressed : value])
}

function disassemble(bytes: Buffer): Packed | null {
  if (bytes.length < FRONT_BYTES || bytes[0] !== PACKING_VERSION || (bytes[1] ?? 2) > 1) return null
  const bodyStart = FRONT_BYTES + bytes.readUInt16BE(2)
  if (bodyStart > bytes.length) return null
  const head = parseHead(bytes.toString('utf8', FRONT_BYTES, bodyStart))
  return head === null ? null : { ...head, isCompressed: bytes[1] === 1, body: bytes.subarray(bodyStart) }
}

function parseHead(text: string): Head | null {
  try {
    const fields: unknown = JSON.parse(text)
    if (!Array.isArray(fields)) return null
    const [storedAtMs, freshUntilMs, staleUntilMs, route, scope, valueBytes] = fields as readonly unknown[]
    if (!isTime(storedAtMs) || !isTime(freshUntilMs) || !isTime(staleUntilMs)) return null
    if (typeof route !== 'string' || typeof scope !== 'string') return null
    if (!isTime(valueBytes) || valueBytes > MAX_VALUE_BYTES) return null
    return { facts: { storedAtMs, freshUntilMs, staleUntilMs, route, scope }, valueBytes }
  } catch {
    return null
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function bounded({ valueBytes }: Packed): { readonly maxOutputLength: number } {
  return { maxOutputLength: Math.max(1, valueBytes) }
}

function entryOf({ valueBytes }: Packed, value: Buffer, facts: EntryFacts): CacheEntry | null {
  return value.length === valueBytes ? { facts, value } : null
}
